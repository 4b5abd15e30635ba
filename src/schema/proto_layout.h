/* schema/proto_layout.h - how the messages of a compiled Protobuf schema lie on the wire.
 *
 * Shape   one layout per message, nested ones included, found by full name ("desk.Envelope"). Layouts point at
 *         each other as messages refer to each other, in circles too. Extensions are fields of what they
 *         extend, called "[package.name]" as in Protobuf's JSON. A type that the set does not hold is a
 *         message without fields: what it contains is read by number.
 * Owns    the arena holds everything, names too: the set may go.
 * Errors  WD_EPARSE for a set that no compiler makes: two messages with one name, two fields with one number,
 *         numbers and types that do not exist, names that take more than 16 MiB.
 * Source  google/protobuf/descriptor.proto; Protobuf Editions, edition 2023; editions arrive as fields that
 *         protobuf-c does not know.
 */
#ifndef WD_SCHEMA_PROTO_LAYOUT_H
#define WD_SCHEMA_PROTO_LAYOUT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/layout.h"

struct Google__Protobuf__FileDescriptorSet;

struct wd_proto_layouts {
    const struct wd_proto_message *const *at;   /* by name, bytewise */
    size_t count;
};

/* `file` is what errors name: where the set came from. */
int wd_proto_layouts(const struct Google__Protobuf__FileDescriptorSet *set, const char *file, struct wd_arena *arena,
                     struct wd_proto_layouts *out, struct wd_err *err);

/* By full name, with or without a dot before it; NULL: no such message. */
const struct wd_proto_message *wd_proto_layouts_find(const struct wd_proto_layouts *layouts, struct wd_bytes name);

#endif
