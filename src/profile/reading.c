/* profile/reading.c - which codec reads a message.
 *
 * In this order: what the user says (--codec, the configuration); what the transport declares; what the
 * schema declares, its content type before its layout; what the bytes look like. The first two are believed.
 * What a schema says of a channel, and what its other messages look like, need not be true of each message:
 * one that does not parse is read as what it looks like itself (a batch of lines between single texts, an
 * error's text between binary messages). A text message is never read by a binary codec, whoever says so.
 */
#include "base/escape.h"
#include "profile/observer.h"

/* --- what is said of a channel --- */

static struct wd_bytes named_by_user(const struct wd_observer *o, const struct family *family,
                                     enum wd_direction direction)
{
    const struct wd_config *c = o->config;
    for (size_t i = 0; i < c->codec_count; i++)
        if (channel_is_meant(family, c->codecs[i].channel))
            return c->codecs[i].codec;
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wd_config_message *m = &c->messages[i];
        bool is_here = m->direction < 0 || m->direction == (int)direction;
        if (m->codec.len && is_here && channel_is_meant(family, m->channel))
            return m->codec;
    }
    return (struct wd_bytes){ 0 };
}

/* The content type of the schema's messages on the channel, where all that state one agree; its codec. */
static const struct wd_codec *named_by_schema(const struct wd_observer *o, const struct family *family,
                                              enum wd_direction direction)
{
    const struct wd_codec *found = NULL;
    for (size_t i = 0; o->schema && i < o->schema->message_count; i++) {
        const struct wd_schema_message *m = &o->schema->messages[i];
        if (!m->content_type.len || !layout_is_carried(m, family, direction))
            continue;
        const struct wd_codec *codec = wd_codec_declared(m->content_type);
        if (!codec || (found && found != codec))
            return NULL;
        found = codec;
    }
    return found;
}

void reading_begin(const struct wd_observer *o, struct lane *lane, struct wd_bytes media_type)
{
    struct wd_bytes name = named_by_user(o, lane->family, lane->direction);
    lane->told = name.len ? wd_codec_find(name) : wd_codec_declared(media_type);
    lane->is_told_surely = lane->told != NULL;
    if (!lane->told)
        lane->told = named_by_schema(o, lane->family, lane->direction);
}

/* --- each message --- */

static bool can_read(const struct wd_codec *codec, bool is_text)
{
    return codec && !(codec->is_binary && is_text);
}

const struct wd_codec *reading_as(const struct held *m, const struct wd_layout *layout)
{
    const struct wd_codec *told = m->lane->told;
    return can_read(told, m->is_text) ? told
                                      : wd_codec_choose((struct wd_bytes){ 0 }, layout, m->body, m->is_text);
}

const struct wd_codec *reading_of(const struct held *m)
{
    struct lane *lane = m->lane;
    bool is_kept = can_read(lane->codec, m->is_text) && lane->layout == m->layout &&
                   (lane->codec == lane->told || !lane->codec->keeps || lane->codec->keeps(m->body));
    if (!is_kept) {
        lane->codec = reading_as(m, m->layout);
        lane->layout = m->layout;
    }
    return lane->codec;
}

const struct wd_codec *reading_other(const struct held *m)
{
    if (m->lane->is_told_surely && m->codec == m->lane->told)
        return NULL;
    const struct wd_codec *other = wd_codec_choose((struct wd_bytes){ 0 }, NULL, m->body, m->is_text);
    return other != m->codec ? other : NULL;
}

/* --- what was said of nothing --- */

static bool is_used(const struct wd_observer *o, struct wd_bytes channel)
{
    for (size_t f = 0; f < o->family_count; f++)
        if (channel_is_meant(o->families[f], channel))
            return true;
    return false;
}

void reading_report(const struct wd_observer *o, struct wd_buf *out)
{
    struct wd_shown shown, codec;
    for (size_t i = 0; i < o->config->codec_count; i++) {
        const struct wd_config_codec *c = &o->config->codecs[i];
        if (is_used(o, c->channel))
            continue;
        wd_show(&shown, c->channel);
        wd_buf_printf(out,
                      "--codec %s=%s: nothing was sent on such a channel; wirediet profile lists those there "
                      "are\n",
                      shown.text, wd_show(&codec, c->codec));
    }
}
