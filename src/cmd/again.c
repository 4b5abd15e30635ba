/* cmd/again.c - what was typed, as it can be typed again. */
#include "cmd/options.h"
#include "output/escapes.h"
#include "output/figure.h"

void wd_again_put_word(struct wd_buf *out, const char *option, const char *word, const char *instead)
{
    if (!word)
        return;
    wd_buf_printf(out, " %s ", option);
    wd_put_shell(out, wd_bytes_of(word), instead);
}

void wd_again_put_file(struct wd_buf *out, const char *option, const char *name, const char *instead, bool is_for_others)
{
    if (!name)
        return;
    wd_buf_printf(out, " %s ", option);
    wd_put_shell(out, is_for_others && strcmp(name, "-") != 0 ? wd_file_shown(name) : wd_bytes_of(name), instead);
}

void wd_again_put_files(struct wd_buf *out, const char *option, const struct wd_words *names, const char *instead,
                        bool is_for_others)
{
    for (size_t i = 0; i < names->count; i++)
        wd_again_put_file(out, option, names->at[i], instead, is_for_others);
}
