#include "output/escapes.h"

static bool is_plain(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("._/-+=:,@%", c));
}

static bool is_shown_as_it_is(struct wd_bytes word)
{
    struct wd_buf escaped = { 0 };
    wd_put_name(&escaped, word);
    bool is_same = wd_bytes_eq(wd_buf_bytes(&escaped), word);
    wd_buf_free(&escaped);
    return is_same;
}

void wd_put_shell(struct wd_buf *out, struct wd_bytes word, const char *instead)
{
    bool is_word = word.len > 0;
    if (!word.len || word.at[0] == '-' || !is_shown_as_it_is(word)) {
        wd_buf_puts(out, instead);
        return;
    }
    for (size_t i = 0; i < word.len; i++)
        is_word &= is_plain(word.at[i]);
    if (is_word) {
        wd_buf_put(out, word);
        return;
    }
    wd_buf_byte(out, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] == '\'')
            wd_buf_puts(out, "'\\'");
        wd_buf_byte(out, word.at[i]);
    }
    wd_buf_byte(out, '\'');
}
