#include "output/escapes.h"
#include "output/figure.h"

/* RFC 3986 2.3, and the slash between segments. */
static bool is_unreserved(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~/", c));
}

void wd_put_uri(struct wd_buf *out, struct wd_bytes name)
{
    if (wd_bytes_starts(name, "/"))   /* whose machine it was made on is nobody's business */
        name = wd_base_name(name);
    while (wd_bytes_starts(name, "./"))
        name = wd_bytes_at(name.at + 2, name.len - 2);
    while (wd_bytes_starts(name, "/"))   /* .//host would be an authority */
        name = wd_bytes_at(name.at + 1, name.len - 1);
    for (size_t i = 0; i < name.len; i++) {
        if (is_unreserved(name.at[i]))
            wd_buf_byte(out, name.at[i]);
        else
            wd_buf_printf(out, "%%%02X", name.at[i]);
    }
}

/* SARIF 3.11.6: [text](target) is a link, \[ a bracket; 3.11.5: {0} is a placeholder, {{ a brace. */
void wd_put_sarif_text(struct wd_buf *out, struct wd_bytes s)
{
    struct wd_buf plain = { 0 }, text = { 0 };
    wd_put_name(&plain, s);
    bool has_link = plain.len && memmem(plain.at, plain.len, "](", 2);
    for (size_t i = 0; i < plain.len; i++) {
        uint8_t c = plain.at[i];
        bool is_placeholder =
            c == '{' && i + 1 < plain.len && plain.at[i + 1] >= '0' && plain.at[i + 1] <= '9';
        if (has_link && (c == '[' || c == ']' || c == '\\'))
            wd_buf_byte(&text, '\\');
        wd_buf_byte(&text, c);
        if (is_placeholder)
            wd_buf_byte(&text, c);
    }
    wd_put_json(out, wd_buf_bytes(&text));
    wd_buf_free(&plain);
    wd_buf_free(&text);
}
