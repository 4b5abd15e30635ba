/* cmd/codec.c - the codecs that the user names: --codec and the configuration's rules. Only here do both meet
 * the table of those there are. */
#include "base/escape.h"
#include "cmd/options.h"
#include "field/codec.h"

int wd_codec_named(struct wd_bytes name, struct wd_place at, const struct wd_codec **out, struct wd_err *err)
{
    struct wd_shown shown;
    *out = wd_codec_find(name);
    return *out ? WD_OK
                : wd_fail(err, at.file ? WD_EPARSE : WD_EUSAGE, at,
                          "no codec '%s'; choose one of" WD_CODEC_NAMES, wd_show(&shown, name));
}

/* [CHANNEL=]CODEC; a channel may hold '=', the name of a codec does not. */
static struct wd_config_codec split(const char *word)
{
    const char *equals = strrchr(word, '=');
    return (struct wd_config_codec){
        .channel = wd_bytes_at(word, equals ? (size_t)(equals - word) : 0),
        .codec = wd_bytes_of(equals ? equals + 1 : word),
    };
}

int wd_common_name_codecs(struct wd_common *common)
{
    struct wd_config *config = &common->config;
    size_t count = common->codecs.count;
    struct wd_config_codec *list = wd_arena_array(common->arena, struct wd_config_codec, count);
    const struct wd_codec *codec;
    for (size_t i = 0; i < count; i++) {
        list[i] = split(common->codecs.at[i]);
        TRY(wd_codec_named(list[i].codec, (struct wd_place){ 0 }, &codec, &common->err));
    }
    config->codecs = list;
    config->codec_count = count;
    for (size_t i = 0; i < config->message_count; i++)
        if (config->messages[i].codec.len)
            TRY(wd_codec_named(config->messages[i].codec, config->message_at[i], &codec, &common->err));
    return WD_OK;
}
