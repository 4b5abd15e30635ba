#include "schema/proto_text.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static size_t past_line(struct wd_bytes text, size_t off)
{
    while (off < text.len && text.at[off] != '\n')
        off++;
    return off;
}

size_t wd_proto_past_comment(struct wd_bytes text, size_t off)
{
    if (text.len - off < 2 || text.at[off] != '/')
        return off;
    if (text.at[off + 1] == '/')
        return past_line(text, off);
    if (text.at[off + 1] != '*')
        return off;
    for (size_t at = off + 2; text.len - at >= 2; at++)
        if (text.at[at] == '*' && text.at[at + 1] == '/')
            return at + 2;
    return text.len;
}

size_t wd_proto_past_space(struct wd_bytes text, size_t off)
{
    if (off == 0 && wd_bytes_starts(text, "\xef\xbb\xbf"))
        off = 3;
    while (off < text.len) {
        size_t next = is_blank(text.at[off]) ? off + 1 : wd_proto_past_comment(text, off);
        if (next == off)
            break;
        off = next;
    }
    return off;
}

static size_t past_string(struct wd_bytes text, size_t off)
{
    uint8_t quote = text.at[off++];
    while (off < text.len && text.at[off] != quote && text.at[off] != '\n')
        off += text.at[off] == '\\' && text.len - off > 1 ? 2 : 1;
    return off < text.len && text.at[off] == quote ? off + 1 : off;
}

struct wd_bytes wd_proto_token(struct wd_bytes text, size_t off)
{
    size_t end = off;
    if (off >= text.len)
        return wd_bytes_at(text.at + text.len, 0);
    if (text.at[off] == '"' || text.at[off] == '\'')
        end = past_string(text, off);
    while (end < text.len && is_word(text.at[end]) && !(end > off && !is_word(text.at[off])))
        end++;
    return wd_bytes_at(text.at + off, end > off ? end - off : 1);
}

static struct wd_bytes take(struct wd_bytes text, size_t *off)
{
    size_t start = wd_proto_past_space(text, *off);
    struct wd_bytes token = wd_proto_token(text, start);
    *off = start + token.len;
    return token;
}

static bool is_string(struct wd_bytes token)
{
    return token.len >= 2 && (token.at[0] == '"' || token.at[0] == '\'');
}

/* Only what stands in no braces and begins a statement. */
bool wd_proto_next_import(struct wd_bytes text, size_t *off, struct wd_bytes *out)
{
    size_t depth = 0;
    bool is_first = true;
    for (struct wd_bytes token = take(text, off); token.len; token = take(text, off)) {
        bool is_import = is_first && depth == 0 && wd_bytes_is(token, "import");
        if (is_import) {
            token = take(text, off);
            if (wd_bytes_is(token, "public") || wd_bytes_is(token, "weak"))
                token = take(text, off);
        }
        if (is_import && is_string(token)) {
            *out = wd_bytes_at(token.at + 1, token.len - 2);
            return true;
        }
        depth += wd_bytes_is(token, "{");
        depth -= depth && wd_bytes_is(token, "}");
        is_first = wd_bytes_is(token, ";") || wd_bytes_is(token, "}") || wd_bytes_is(token, "{");
    }
    return false;
}
