/* schema/proto_edit.h - which declarations of .proto files go with a target, and what keeps it from going.
 *
 * Shape   a field takes its oneof along when that is left empty; a message goes as the member of an
 *         envelope's oneof, or as what it is, when nothing has it as its type. What only they referred to
 *         follows: messages, enums, imports. Kept: what a peer cannot do without (a required field), what is
 *         no field of its own message (an extension), and what was not named or has no text.
 * Owns    lists in the arena; nodes are the documents'.
 * Errors  none: an obstacle says why.
 * Source  Protocol Buffers language specification; design: pruning is safe.
 */
#ifndef WD_SCHEMA_PROTO_EDIT_H
#define WD_SCHEMA_PROTO_EDIT_H

#include "schema/cut.h"
#include "schema/proto.h"

struct wd_proto_targets {
    const struct wd_proto_set *set;
    const struct wd_edit_target *at;
    size_t count;
    const struct wd_node *const *kept;    /* of messages that stay, whoever refers to them */
    size_t kept_count;
};

/* The target's nodes are in .proto files. */
bool wd_proto_has_target(const struct wd_edit_target *target);

/* Puts into `gone` all that goes, and into `obstacles` (one per target) what stands in its way. Returns how
 * many there are of these. */
size_t wd_proto_edit_find(const struct wd_proto_targets *targets, struct wd_gone *gone,
                          struct wd_arena *arena, struct wd_edit_obstacle *obstacles);
/* The fields to mark. */
void wd_proto_edit_marked(const struct wd_proto_targets *targets, struct wd_gone *marked);

#endif
