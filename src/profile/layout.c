/* profile/layout.c - which message of the schema tells how a channel's payloads are laid out.
 *
 * In this order: the configuration names it (messages: [{channel, message}]); the channel is a gRPC method or
 * an address of the schema that carries one layout. Where several could be meant, none is.
 */
#include "profile/observer.h"

static bool is_called(const struct wd_schema_message *m, struct wd_bytes name)
{
    const struct wd_layout *layout = m->layout;
    return wd_bytes_eq(m->name, name) || wd_bytes_eq(m->key, name) ||
           (layout->proto && wd_bytes_eq(layout->proto->name, name)) ||
           (layout->avro && wd_bytes_eq(layout->avro->name, name));
}

static bool is_carried(const struct wd_schema_message *m, const struct family *family,
                       enum wd_direction direction)
{
    return m->channel.len && (!m->directions || direction == WD_P2P || m->directions & 1u << direction) &&
           (wd_bytes_eq(m->channel, family->name) || channel_fits(family->name, m->channel));
}

const struct wd_layout *layout_of(const struct wd_observer *o, const struct family *family,
                                  enum wd_direction direction)
{
    const struct wd_config_message *rule = family->rule[direction];
    const struct wd_layout *found = NULL;
    for (size_t i = 0; o->schema && i < o->schema->message_count; i++) {
        const struct wd_schema_message *m = &o->schema->messages[i];
        bool is_meant = m->layout && (rule && rule->message.len ? is_called(m, rule->message)
                                                                : is_carried(m, family, direction));
        if (!is_meant || m->layout == found)
            continue;
        if (found)
            return NULL;
        found = m->layout;
    }
    return found;
}
