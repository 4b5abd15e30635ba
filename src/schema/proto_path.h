/* schema/proto_path.h - the way from a .proto file to a declaration in it, in the numbers of descriptor.proto:
 *
 *     4 i          message i of the file           3 k   message k in it       2 k   its field k
 *     5 i          enum i of the file              4 k   enum k in it          6 k   extension k in it
 *     7 i          extension i of the file         8 k   oneof k in it         1     its name
 *
 * Shape   SourceCodeInfo says of each path where that stands (schema/proto_place.h). For schema/ only.
 * Owns    numbers in the arena.
 * Errors  none.
 * Source  descriptor.proto.
 */
#ifndef WD_SCHEMA_PROTO_PATH_H
#define WD_SCHEMA_PROTO_PATH_H

#include "base/arena.h"

enum { WD_FILE_IMPORT = 3, WD_FILE_MESSAGE, WD_FILE_ENUM, WD_FILE_SERVICE, WD_FILE_EXTENSION };
enum {
    WD_MESSAGE_FIELD = 2, WD_MESSAGE_NESTED, WD_MESSAGE_ENUM, WD_MESSAGE_EXTENSION = 6, WD_MESSAGE_ONEOF = 8,
};
enum { WD_FIELD_EXTENDEE = 2, WD_ENUM_VALUE = 2, WD_SERVICE_METHOD = 2 };

struct wd_proto_path { const int32_t *at; size_t depth; };

/* The path with two numbers more: the kind of declaration, and which of them. */
static inline struct wd_proto_path wd_proto_path_longer(struct wd_arena *arena, struct wd_proto_path path,
                                                        int32_t number, size_t index)
{
    int32_t *at = wd_arena_array(arena, int32_t, path.depth + 2);
    if (path.depth)
        memcpy(at, path.at, path.depth * sizeof *at);
    at[path.depth] = number;
    at[path.depth + 1] = (int32_t)index;
    return (struct wd_proto_path){ at, path.depth + 2 };
}

#endif
