/* schema/proto_index.h - what a compiled Protobuf schema says of each message and each field, and where.
 *
 * Shape   layouts (proto_layout.h) are what the wire looks like; this is the way back from them to the text:
 *         by a message's full name, and by the number of one of its fields, extensions included. Beside it
 *         stands who refers to whom.
 * Owns    names are in the arena, the rest is on the heap until wd_proto_index_close: layouts point into it.
 * Errors  those of wd_proto_layouts.
 * Source  google/protobuf/descriptor.proto, SourceCodeInfo.
 */
#ifndef WD_SCHEMA_PROTO_INDEX_H
#define WD_SCHEMA_PROTO_INDEX_H

#include "base/map.h"
#include "schema/proto.h"
#include "schema/proto_layout.h"

struct wd_proto_type {
    struct wd_bytes name;                  /* full */
    const struct wd_proto_file *file;
    const Google__Protobuf__DescriptorProto *descriptor;
    struct wd_layout layout;
    const struct wd_node *node;            /* NULL: what protoc made up */
    struct wd_bytes comment;               /* before it, else behind it, as written; "" none */
    uint64_t uses;                         /* fields and methods that have it as their type */
};

struct wd_proto_member {
    const struct wd_proto_file *file;
    const Google__Protobuf__FieldDescriptorProto *descriptor;
    const struct wd_node *node;            /* NULL: what protoc made up */
    struct wd_bytes comment;
};

/* Where the text of a schema stands that is written inside another document. */
struct wd_proto_host {
    struct wd_place at;                    /* of the value; file NULL: it is a file of its own */
    bool is_literal;                       /* line by line as it is there (|), indented by `indent` */
    uint32_t indent;
};

struct wd_proto_index {
    const struct wd_proto_set *set;
    struct wd_proto_host host;
    struct wd_proto_index *next;           /* of the same schema, NULL: the last */
    struct wd_proto_layouts layouts;
    struct wd_proto_type *types;           /* those of a file together, outer ones first */
    size_t type_count, type_cap;
    struct wd_proto_member *members;
    size_t member_count, member_cap;
    struct wd_map *type_at, *member_at, *enum_at;
    const Google__Protobuf__EnumDescriptorProto **enums;
    size_t enum_count, enum_cap;
};

int wd_proto_index_open(struct wd_proto_index *index, const struct wd_proto_set *set, struct wd_arena *arena,
                        struct wd_err *err);
void wd_proto_index_close(struct wd_proto_index *index);

/* By full name, with or without a dot before it; NULL: the schema does not hold it. */
struct wd_proto_type *wd_proto_index_type(const struct wd_proto_index *index, struct wd_bytes name);
/* Field `number` of the message with that full name; NULL as above. */
const struct wd_proto_member *wd_proto_index_member(const struct wd_proto_index *index, struct wd_bytes owner,
                                                    uint32_t number);
const Google__Protobuf__EnumDescriptorProto *wd_proto_index_enum(const struct wd_proto_index *index,
                                                                 struct wd_bytes name);

/* Of a declaration, as the user finds it; without a node, of the file. */
struct wd_place wd_proto_index_place(const struct wd_proto_index *index, const struct wd_proto_file *file,
                                     const struct wd_node *node);

/* The messages that can stand at the top, in order of declaration: those of the named files that no method
 * of theirs sends and nothing refers to from outside; of a circle, all. `out` in the arena; returns how
 * many. */
size_t wd_proto_index_roots(const struct wd_proto_index *index, struct wd_arena *arena,
                            const struct wd_proto_type ***out);

#endif
