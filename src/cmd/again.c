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

void wd_again_put_file(struct wd_buf *out, const char *option, const char *name, const char *instead,
                       bool is_for_others)
{
    if (!name)
        return;
    wd_buf_printf(out, " %s ", option);
    wd_put_shell(out, is_for_others && strcmp(name, "-") != 0 ? wd_file_shown(name) : wd_bytes_of(name),
                 instead);
}

void wd_again_put_files(struct wd_buf *out, const char *option, const struct wd_words *names,
                        const char *instead, bool is_for_others)
{
    for (size_t i = 0; i < names->count; i++)
        wd_again_put_file(out, option, names->at[i], instead, is_for_others);
}

void wd_again_put_schema(struct wd_buf *out, const struct wd_common *common, bool is_for_others)
{
    wd_again_put_file(out, "--root", common->root, "DIR", is_for_others);
    wd_again_put_files(out, "-I", &common->imports, "DIR", is_for_others);
}

void wd_again_put_traffic(struct wd_buf *out, const struct wd_common *common, bool is_for_others)
{
    wd_again_put_files(out, "--keylog", &common->keylogs, "KEYLOG", is_for_others);
    for (size_t i = 0; i < common->layouts.count; i++)
        wd_again_put_word(out, "--ndjson", common->layouts.at[i], "MEMBER=PATH");
    for (size_t i = 0; i < common->codecs.count; i++)
        wd_again_put_word(out, "--codec", common->codecs.at[i], "[CHANNEL=]CODEC");
    wd_again_put_word(out, "--filter", common->filter, "EXPRESSION");
    wd_again_put_word(out, "--from", common->from, "TIME");
    wd_again_put_word(out, "--to", common->to, "TIME");
    for (size_t i = 0; i < common->limits.count; i++)
        wd_again_put_word(out, "--limit", common->limits.at[i], "NAME=VALUE");
}
