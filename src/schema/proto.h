/* schema/proto.h - .proto files and descriptor sets, as protoc says and as they are written.
 *
 * Shape   what is named is compiled by protoc (schema/protoc.h), with what it imports; a descriptor set, as
 *         protoc -o or buf build -o write it, is taken as it is. Each file comes out twice: its descriptor,
 *         and its text as a document (is_proto) whose nodes stand for declarations:
 *
 *             message, group, enum, service, oneof, extend   MAP, its members as they follow in the text
 *             field, enum value, method                      STRING: the name of the type, the number, the
 *                                                            name of the request's type
 *
 *         A node's key is the declared name (of `extend`, the name of what it extends; of `import`, a STRING
 *         without text, the name of the file). Members of a oneof are
 *         below it. What protoc makes up (entries of maps, the oneof of an `optional`) has no node.
 * Units   spans as in document/document.h, from the first byte of a declaration through its `;` or `}`.
 *         Without the text, or without source information in a set: lines and columns that are known, else 0.
 * Owns    everything is in the arena. Descriptors are never freed by themselves.
 * Errors  WD_EPARSE: what protoc finds, as FILE:LINE:COLUMN and its sentence; a set that is cut, foreign or
 *         nested too deep, at an offset; an import that lies outside of the roots; limits `document` (a set
 *         may be 4 times as large, and hold 16 times as much), `schema-depth`, `schema-files`. WD_ESYSTEM: no
 *         protoc.
 * Source  descriptor.proto; Protocol Buffers language specification, proto2 and proto3.
 */
#ifndef WD_SCHEMA_PROTO_H
#define WD_SCHEMA_PROTO_H

#include "base/limits.h"
#include "document/document.h"
#include "schema/descriptor.pb-c.h"
#include "schema/protoc.h"

enum wd_proto_form { WD_PROTO_FOREIGN, WD_PROTO_TEXT, WD_PROTO_SET };
/* By what it is called (.proto; .binpb, .pb, .desc, .protoset), else by how it begins. */
enum wd_proto_form wd_proto_recognise(const char *name, struct wd_bytes text);

struct wd_proto_sources {
    const char *const *names;
    const struct wd_bytes *texts;         /* texts[i] stands for the file names[i]; NULL: read the files */
    size_t count;
    const char *const *roots;             /* -I; none: the directory of each file, or the one above it, but
                                             not above this one, from where its imports are found */
    size_t root_count;
    const struct wd_protoc *protoc;       /* NULL: started by the process itself */
};

/* What declares something: descriptor.proto, "SourceCodeInfo.Location.path". */
struct wd_proto_spot { const int32_t *path; size_t depth; struct wd_node *node; };

struct wd_proto_file {
    struct wd_document *document;         /* text "" where only the descriptor is there */
    const Google__Protobuf__FileDescriptorProto *descriptor;
    bool is_named;                        /* it, or the set that it is in */
    const struct wd_proto_spot *spots;    /* by path */
    size_t spot_count;
};

struct wd_proto_set {
    struct wd_proto_file *files;          /* those that were named as they were, then what they import */
    size_t count;
    struct wd_document **named;           /* one per source; of a descriptor set its bytes, an empty root */
    const char *const *roots;             /* that were used, "" is here: to read the same again */
    size_t root_count;
};

int wd_proto_read(const struct wd_proto_sources *sources, const struct wd_limits *limits,
                  struct wd_arena *arena, struct wd_proto_set *out, struct wd_err *err);

/* Of a declaration; NULL where it has no node. */
struct wd_node *wd_proto_node(const struct wd_proto_file *file, const int32_t *path, size_t depth);

/* --- for schema/ only: the parts of reading --- */

/* The bytes of a descriptor set; `name` for errors. The set's own nesting is held to `schema-depth` before
 * anything is unpacked. */
int wd_proto_unpack(const char *name, struct wd_bytes bytes, const struct wd_limits *limits,
                    struct wd_arena *arena, const Google__Protobuf__FileDescriptorSet **out,
                    struct wd_err *err);

/* Makes document, nodes and spots of `file` from its descriptor and the text. */
int wd_proto_plant(struct wd_proto_file *file, const char *name, struct wd_bytes text,
                   const struct wd_limits *limits, struct wd_arena *arena, struct wd_err *err);

#endif
