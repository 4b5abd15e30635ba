/* schema/proto_fields.h - a message of a Protobuf schema as flat, sorted fields.
 *
 * Shape   paths are those of the walker (field/protobuf.c): `order.trader.name`, `routes[]`, `labels{}`,
 *         `alarms[].code`; a repeated field is only its elements. A message inside itself is followed once,
 *         what its second return holds is free (is_free); in a schema where all is in all, not even once. A
 *         message says all that it holds: it is closed. A field of which absence means a value has that as
 *         its default.
 * Errors  WD_EPARSE with a place: limits `fields`, `schema-depth`, `path`, and `yaml-nodes` over all.
 * Source  Protocol Buffers language specification; "Field Presence".
 */
#ifndef WD_SCHEMA_PROTO_FIELDS_H
#define WD_SCHEMA_PROTO_FIELDS_H

#include "model/schema.h"
#include "schema/proto_words.h"

struct wd_proto_flatten {
    const struct wd_proto_index *index;
    const struct wd_proto_options *options;
    const struct wd_limits *limits;
    struct wd_arena *arena;
    struct wd_err *err;
    uint64_t *visited;            /* fields looked at so far, over all messages */
};

/* `member` of an envelope's oneof: the fields of the message in which that one is set; NULL: all fields. Sets
 * fields, field_count and states_wirediet of `out`. */
int wd_proto_fields(const struct wd_proto_flatten *flatten, const struct wd_proto_type *type,
                    const struct wd_proto_field *member, struct wd_schema_message *out);

#endif
