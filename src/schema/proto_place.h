/* schema/proto_place.h - where SourceCodeInfo says that things stand, in bytes.
 *
 * Shape   a list of paths, each with a span. Lines and columns of protoc begin at 0, the end is not a part of
 *         the span, only LF ends a line, and a tab leads to the next multiple of 8.
 * Units   spans as in document/document.h. Without a text only line and column are known.
 * Owns    tables in the arena; locations are the descriptor's.
 * Errors  WD_EPARSE: a span that leads out of the text, which is not what was compiled then.
 * Source  descriptor.proto, SourceCodeInfo.
 */
#ifndef WD_SCHEMA_PROTO_PLACE_H
#define WD_SCHEMA_PROTO_PLACE_H

#include "document/ruler.h"
#include "schema/descriptor.pb-c.h"

typedef Google__Protobuf__SourceCodeInfo__Location wd_proto_location;

struct wd_proto_places {
    struct wd_bytes text;
    struct wd_ruler ruler;
    const wd_proto_location **at;    /* by path, then as they follow in the text */
    size_t count;
    size_t *lines, line_count;       /* offsets where protoc's lines begin */
    size_t *columns;                 /* protoc's, of every 256th byte */
};

struct wd_proto_places wd_proto_places_of(const Google__Protobuf__FileDescriptorProto *file,
                                          struct wd_bytes text, struct wd_arena *arena);
/* The first of a path, as a place in the list; `count` when there is none. */
size_t wd_proto_places_first(const struct wd_proto_places *places, const int32_t *path, size_t depth);
/* False where the text has no such place. */
bool wd_proto_places_span(const struct wd_proto_places *places, const wd_proto_location *location,
                          struct wd_span *out);

int wd_proto_path_compare(const int32_t *a, size_t a_depth, const int32_t *b, size_t b_depth);

#endif
