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

/* Past the comment that begins at `off` (its line break is not a part of it); `off` where none does. */
static size_t past_comment(struct wd_bytes text, size_t off)
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
        size_t next = is_blank(text.at[off]) ? off + 1 : past_comment(text, off);
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

/* --- all of them --- */

struct wd_proto_tokens wd_proto_tokens_of(struct wd_bytes text, struct wd_arena *arena)
{
    struct wd_proto_tokens tokens = { .text = text };
    size_t off = 0, count = 0;
    while (take(text, &off).len)
        count++;
    tokens.at = wd_arena_array(arena, struct wd_proto_token, count);
    off = 0;
    for (struct wd_bytes token = take(text, &off); token.len; token = take(text, &off))
        tokens.at[tokens.count++] = (struct wd_proto_token){ off - token.len, off };
    return tokens;
}

size_t wd_proto_tokens_find(const struct wd_proto_tokens *tokens, size_t off)
{
    size_t low = 0, high = tokens->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens->at[middle].start < off)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool wd_proto_tokens_is(const struct wd_proto_tokens *tokens, size_t i, const char *word)
{
    if (i >= tokens->count)
        return false;
    const struct wd_proto_token *t = &tokens->at[i];
    return wd_bytes_is(wd_bytes_at(tokens->text.at + t->start, t->end - t->start), word);
}

size_t wd_proto_tokens_close(const struct wd_proto_tokens *tokens, size_t i)
{
    size_t depth = 0;
    for (; i < tokens->count; i++) {
        uint8_t c = tokens->text.at[tokens->at[i].start];
        depth += c == '{' || c == '[' || c == '(';
        depth -= depth && (c == '}' || c == ']' || c == ')');
        if (!depth)
            break;
    }
    return i;
}

/* --- comments --- */

struct collector {
    struct wd_bytes text;
    struct wd_proto_gap gap;
    struct wd_proto_range group;     /* empty: none is open */
    bool is_line, is_detached;       /* of `//`; what comes belongs to what was before no more */
};

static void flush(struct collector *c)
{
    if (c->group.end && !c->is_detached) {
        c->gap.behind = c->group;
        c->is_detached = true;
    }
    c->group = (struct wd_proto_range){ 0 };
}

static size_t past_blanks(struct wd_bytes text, size_t off)
{
    while (off < text.len && text.at[off] != '\n' && is_blank(text.at[off]))
        off++;
    return off;
}

static bool ends_line(struct wd_bytes text, size_t off)
{
    return off < text.len && text.at[off] == '\n';
}

/* Lines of `//` are one comment; each block is one. */
static size_t collect(struct collector *c, size_t off)
{
    bool is_line = c->text.at[off + 1] == '/';
    if (c->group.end && !(is_line && c->is_line))
        flush(c);
    size_t end = past_comment(c->text, off);
    size_t shown = is_line && c->text.at[end - 1] == '\r' ? end - 1 : end;
    c->group = (struct wd_proto_range){ c->group.end ? c->group.start : off, shown };
    c->is_line = is_line;
    end = past_blanks(c->text, end);
    return end + ends_line(c->text, end);
}

/* On the line of the first token. False when the second is there too: then a block between is nobody's. */
static bool collect_behind(struct collector *c, size_t *off)
{
    *off = past_blanks(c->text, *off);
    if (past_comment(c->text, *off) > *off) {
        *off = collect(c, *off);
        bool is_alone = c->text.at[*off - 1] == '\n' || *off == c->text.len;
        if (is_alone)
            flush(c);
        c->is_detached = true;
        return is_alone;
    }
    return ends_line(c->text, *off) && ++*off;
}

static void collect_above(struct collector *c, size_t off, size_t second)
{
    while (off < second) {
        off = past_blanks(c->text, off);
        if (off < second && past_comment(c->text, off) > off) {
            off = collect(c, off);
        } else if (off < second && ends_line(c->text, off)) {
            flush(c);
            c->is_detached = true;
            off++;
        }
    }
}

struct wd_proto_gap wd_proto_gap_of(const struct wd_proto_tokens *tokens, size_t second)
{
    struct collector c = { .text = tokens->text, .is_detached = second == 0 };
    size_t end = second < tokens->count ? tokens->at[second].start : tokens->text.len;
    size_t off = second ? tokens->at[second - 1].end : 0;
    if (second == 0 && wd_bytes_starts(c.text, "\xef\xbb\xbf"))
        off = 3;
    if (second && !collect_behind(&c, &off))
        return c.gap;
    collect_above(&c, off, end);
    uint8_t next = second < tokens->count ? c.text.at[end] : 0;
    bool is_end = !next || strchr("}])", next);
    if (is_end)
        flush(&c);
    c.gap.above = c.group;
    return c.gap;
}

/* --- imports --- */

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
