/* schema/proto_cut.h - the text of a .proto file without some of its declarations, or with some of its fields
 * marked.
 *
 * Shape   a declaration goes with the comments that protoc calls its own; comments that are nobody's stay.
 *         The numbers and names of fields are reserved where they stood: in the `reserved` lines that the
 *         message has, else in new ones, in the place of the first that goes. Everything else stays byte for byte.
 *         Where fields are marked, `deprecated = true` joins their options.
 * Owns    results are in the arena.
 * Errors  none: the text was compiled. Whoever publishes the new one compiles it again.
 * Source  Protocol Buffers language specification: "Reserved", "Field options"; design: pruning is safe.
 */
#ifndef WD_SCHEMA_PROTO_CUT_H
#define WD_SCHEMA_PROTO_CUT_H

#include "schema/cut.h"
#include "schema/proto.h"
#include "schema/proto_text.h"

struct wd_edit_result wd_proto_cut(const struct wd_proto_file *file, const struct wd_gone *gone,
                                   struct wd_arena *arena);
struct wd_edit_result wd_proto_mark(const struct wd_proto_file *file, const struct wd_gone *marked,
                                    struct wd_arena *arena);

/* --- what is reserved: schema/proto_reserve.c --- */

struct wd_proto_change { size_t start, end; struct wd_bytes put; };

/* Of one message: what its removed fields leave behind. */
struct wd_proto_reserve {
    const struct wd_proto_tokens *tokens;
    const struct wd_node *message;
    int32_t *numbers;                 /* ascending */
    struct wd_bytes *names;           /* as they follow in the message */
    size_t count;
    bool has_bare_names;              /* editions write names without quotes */
};

/* What is changed in the lines that are there, by calls of `put`, in the order of the text. `numbers` and
 * `names`: a statement that is missing ("reserved 4;"), else "". `start`, `end`: of
 * the one that is there. */
struct wd_proto_missing { struct wd_bytes numbers, names; size_t start, end; };
struct wd_proto_missing wd_proto_reserve_merge(const struct wd_proto_reserve *reserve, struct wd_arena *arena,
                                               void (*put)(void *ctx, size_t start, size_t end,
                                                           struct wd_bytes text), void *ctx);

#endif
