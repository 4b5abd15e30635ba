#include "output/escapes.h"

/* Paths write odd keys as JSON strings, so \u003c is another spelling of the same path, and one that no
 * table, no HTML filter and no renderer with its own idea of code spans can misread. */
static void put_inside(struct wd_buf *out, struct wd_bytes s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '<' || s.at[i] == '>' || s.at[i] == '|')
            wd_buf_printf(out, "\\u%04x", s.at[i]);
        else
            wd_buf_byte(out, s.at[i]);
    }
}

static size_t longest_run(struct wd_bytes s, uint8_t of)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < s.len; i++) {
        run = s.at[i] == of ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* `s` is escaped for a terminal already. */
static void put_code(struct wd_buf *out, struct wd_bytes s)
{
    size_t fence = longest_run(s, '`') + 1;
    bool is_padded = s.at[0] == '`' || s.at[s.len - 1] == '`' || s.at[0] == ' ' || s.at[s.len - 1] == ' ';
    for (size_t i = 0; i < fence; i++)
        wd_buf_byte(out, '`');
    if (is_padded)
        wd_buf_byte(out, ' ');
    put_inside(out, s);
    if (is_padded)
        wd_buf_byte(out, ' ');
    for (size_t i = 0; i < fence; i++)
        wd_buf_byte(out, '`');
}

void wd_put_markdown_code(struct wd_buf *out, struct wd_bytes s)
{
    struct wd_buf name = { 0 };
    wd_put_name(&name, s);
    if (name.len)
        put_code(out, wd_buf_bytes(&name));
    wd_buf_free(&name);
}

static bool is_letter(uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static bool is_hex(uint8_t c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/* Hosts link what looks like a commit (7 to 40 hex digits) or a ticket (GH-1). */
static bool is_reference(struct wd_bytes w)
{
    size_t hex = 0, digits = 0;
    for (size_t i = 0; i < w.len; i++) {
        hex += is_hex(w.at[i]);
        digits += is_digit(w.at[i]);
    }
    return (hex == w.len && hex >= 7 && digits < hex) ||
           (wd_bytes_starts(w, "GH-") || wd_bytes_starts(w, "gh-"));
}

/* A word of prose: letters, digits, hyphens, an apostrophe, a decimal point or a thousands comma between
 * digits, a per cent. */
static bool is_plain(struct wd_bytes w)
{
    for (size_t i = 0; i < w.len; i++) {
        uint8_t c = w.at[i];
        bool between_digits = i && i + 1 < w.len && is_digit(w.at[i - 1]) && is_digit(w.at[i + 1]);
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '\'' && c != '%' &&
            !((c == '.' || c == ',') && between_digits))
            return false;
    }
    return !is_reference(w);
}

/* Punctuation around a word stays outside its code span. */
static void put_word(struct wd_buf *out, struct wd_bytes w)
{
    size_t start = w.len && w.at[0] == '(', end = w.len;
    while (end > start && strchr(".,;:)?", w.at[end - 1]) && w.at[end - 1])
        end--;
    if (start < end && w.at[start] == '~' && start + 1 < end && is_digit(w.at[start + 1])) {   /* about 30 */
        wd_buf_puts(out, start ? "(\\~" : "\\~");
        start++;
    } else
        wd_buf_put(out, wd_bytes_at(w.at, start));
    struct wd_bytes core = wd_bytes_at(w.at + start, end - start);
    if (is_plain(core))
        wd_buf_put(out, core);
    else
        put_code(out, core);
    wd_buf_put(out, wd_bytes_at(w.at + end, w.len - end));
}

void wd_put_markdown_text(struct wd_buf *out, struct wd_bytes s)
{
    struct wd_buf name = { 0 };
    wd_put_name(&name, s);
    for (size_t i = 0; i < name.len;) {
        size_t end = i;
        while (end < name.len && name.at[end] != ' ')
            end++;
        put_word(out, wd_bytes_at(name.at + i, end - i));
        if (end < name.len)
            wd_buf_byte(out, ' ');
        i = end + 1;
    }
    wd_buf_free(&name);
}

void wd_put_markdown_figure(struct wd_buf *out, struct wd_bytes s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '<' || s.at[i] == '>')
            wd_buf_puts(out, s.at[i] == '<' ? "&lt;" : "&gt;");
        else if (s.at[i] == '~')   /* two of them would strike out what stands between */
            wd_buf_puts(out, "\\~");
        else
            wd_buf_byte(out, s.at[i]);
    }
}
