/* schema/proto_reach.h - who refers to whom in compiled .proto files, and what nobody refers to any more.
 *
 * Shape   types are messages and enums; references are fields, methods, extensions and custom options.
 *         Methods and extensions, messages that were asked for, and types that nobody referred to before,
 *         are where reading begins; a type that is read keeps those around it. Map entries count as their
 *         fields do.
 * Owns    tables on the heap, names in the arena.
 * Errors  none: the set was compiled.
 * Source  descriptor.proto; design: pruning is safe.
 */
#ifndef WD_SCHEMA_PROTO_REACH_H
#define WD_SCHEMA_PROTO_REACH_H

#include "base/map.h"
#include "schema/cut.h"
#include "schema/proto.h"

enum { WD_PROTO_NOBODY = -1 };

struct wd_proto_declared {
    const struct wd_proto_file *file;
    const struct wd_node *node;       /* NULL: made up */
    int32_t parent;                   /* type around it, WD_PROTO_NOBODY */
    bool is_root;                     /* reading begins here */
    bool is_read;                     /* set by a walk */
};

struct wd_proto_reference {
    const struct wd_proto_file *file;
    const struct wd_node *node;       /* of what refers; NULL: made up */
    int32_t from;                     /* type whose field it is, WD_PROTO_NOBODY: a method, an extension */
    int32_t to;                       /* type; WD_PROTO_NOBODY: a custom option, of `to_file` */
    const struct wd_proto_file *to_file;
};

struct wd_proto_reach {
    const struct wd_proto_set *set;
    struct wd_proto_declared *types;
    size_t type_count, type_cap;
    struct wd_proto_reference *references;
    size_t reference_count, reference_cap;
    struct wd_map *by_name, *by_node, *files;
};

struct wd_proto_reach wd_proto_reach_of(const struct wd_proto_set *set, struct wd_arena *arena);
void wd_proto_reach_free(struct wd_proto_reach *reach);

/* The type that a node declares; NULL when it declares none. */
struct wd_proto_declared *wd_proto_reach_type(const struct wd_proto_reach *reach, const struct wd_node *node);

typedef void wd_proto_take_fn(void *ctx, const struct wd_node *node);
/* Types of named files that were read before, and are not once `gone` is gone. */
void wd_proto_reach_orphans(struct wd_proto_reach *reach, const struct wd_gone *gone, wd_proto_take_fn *take,
                            void *ctx);
/* Imports of named files that something in the file needed, and nothing does any more; public ones stay. */
void wd_proto_reach_imports(struct wd_proto_reach *reach, const struct wd_gone *gone, wd_proto_take_fn *take,
                            void *ctx);

#endif
