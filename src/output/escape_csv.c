#include "output/escapes.h"

/* What makes a spreadsheet compute: also behind blanks, also in full width. */
static bool is_formula(struct wd_bytes s)
{
    static const char *const starts[] = {
        "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    while (s.len && (s.at[0] == ' ' || s.at[0] == '\t' || s.at[0] == '\r' || s.at[0] == '\n')) {
        s.at++;
        s.len--;
    }
    for (size_t i = 0; i < WD_COUNT(starts); i++)
        if (wd_bytes_starts(s, starts[i]))
            return true;
    return false;
}

void wd_put_csv(struct wd_buf *out, struct wd_bytes s)
{
    struct wd_buf name = { 0 };
    wd_put_name(&name, s);
    wd_buf_byte(out, '"');
    /* A tab or CR in front is a visible escape by now, but a reader that undoes escapes would still compute.
     */
    if (is_formula(s) || (s.len && (s.at[0] == '\t' || s.at[0] == '\r')))
        wd_buf_byte(out, '\'');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"')
            wd_buf_byte(out, '"');
        wd_buf_byte(out, name.at[i]);
    }
    wd_buf_byte(out, '"');
    wd_buf_free(&name);
}
