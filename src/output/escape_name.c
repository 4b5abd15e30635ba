#include "output/escapes.h"

static bool starts(struct wd_bytes s, size_t at, const char *literal)
{
    return wd_bytes_starts(wd_bytes_at(s.at + at, s.len - at), literal);
}

/* Runners look for `::` behind any blanks at the start of a line, and for `##[` and `##vso[` anywhere. A name
 * cannot know where it will stand, so both are broken wherever they could count; `a::b` is left alone. */
static bool is_command(struct wd_bytes s, size_t at)
{
    if (starts(s, at, "##[") || starts(s, at, "##vso["))
        return true;
    if (!starts(s, at, "::"))
        return false;
    uint8_t before = at ? s.at[at - 1] : ' ';
    return !((before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
             (before >= '0' && before <= '9') || before == '_' || before == ':' || before == '"');
}

void wd_put_name(struct wd_buf *out, struct wd_bytes s)
{
    struct wd_buf plain = { 0 };
    wd_put_terminal(&plain, s);
    struct wd_bytes p = wd_buf_bytes(&plain);
    for (size_t i = 0; i < p.len; i++) {
        if (is_command(p, i))
            wd_buf_printf(out, "\\x%02x", p.at[i]);
        else
            wd_buf_byte(out, p.at[i]);
    }
    wd_buf_free(&plain);
}

void wd_put_name_fit(struct wd_buf *out, struct wd_bytes s, size_t columns)
{
    struct wd_buf name = { 0 };
    wd_put_name(&name, s);
    wd_put_terminal_fit(out, wd_buf_bytes(&name), columns);
    wd_buf_free(&name);
}
