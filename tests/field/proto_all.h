/* tests/field/proto_all.h - a Protobuf layout that has everything: each kind, packed and not, maps, groups, itself. */
#ifndef WD_TESTS_FIELD_PROTO_ALL_H
#define WD_TESTS_FIELD_PROTO_ALL_H

#include "model/layout.h"

#define NAME(text)                                                                                           \
    {                                                                                                        \
        (const uint8_t *)(text), sizeof(text) - 1                                                            \
    }
#define SCALAR(n, kind_, text)                                                                               \
    {                                                                                                        \
        .name = NAME(text), .number = n, .kind = kind_, .oneof = -1                                          \
    }
#define REPEATED(n, kind_, text, packed_)                                                                    \
    {                                                                                                        \
        .name = NAME(text), .number = n, .kind = kind_, .is_repeated = true, .is_packed = packed_,           \
        .oneof = -1                                                                                          \
    }
#define MAP(n, text, entry)                                                                                  \
    {                                                                                                        \
        .name = NAME(text), .number = n, .kind = WD_PROTO_MESSAGE, .is_repeated = true, .is_map = true,      \
        .oneof = -1, .message = entry                                                                        \
    }

static const struct wd_proto_message all;
static const struct wd_proto_field count_entry_fields[] = {SCALAR(1, WD_PROTO_STRING, "key"),
                                                           SCALAR(2, WD_PROTO_SINT32, "value")};
static const struct wd_proto_message count_entry = {NAME("t.All.CountsEntry"), count_entry_fields, 2, -1};
static const struct wd_proto_field label_entry_fields[] = {SCALAR(1, WD_PROTO_INT32, "key"),
                                                           SCALAR(2, WD_PROTO_STRING, "value")};
static const struct wd_proto_message label_entry = {NAME("t.All.LabelsEntry"), label_entry_fields, 2, -1};
static const struct wd_proto_field all_entry_fields[] = {
    SCALAR(1, WD_PROTO_BOOL, "key"),
    {.name = NAME("value"), .number = 2, .kind = WD_PROTO_MESSAGE, .oneof = -1, .message = &all},
};
static const struct wd_proto_message all_entry = {NAME("t.All.MapEntry"), all_entry_fields, 2, -1};
static const struct wd_proto_field all_fields[] = {
    SCALAR(1, WD_PROTO_DOUBLE, "double"),
    SCALAR(2, WD_PROTO_FLOAT, "float"),
    SCALAR(3, WD_PROTO_INT64, "int64"),
    SCALAR(4, WD_PROTO_UINT64, "uint64"),
    SCALAR(5, WD_PROTO_INT32, "int32"),
    SCALAR(6, WD_PROTO_FIXED64, "fixed64"),
    SCALAR(7, WD_PROTO_FIXED32, "fixed32"),
    SCALAR(8, WD_PROTO_BOOL, "bool"),
    SCALAR(9, WD_PROTO_STRING, "string"),
    {.name = NAME("group"), .number = 10, .kind = WD_PROTO_GROUP, .oneof = -1, .message = &all},
    {.name = NAME("message"), .number = 11, .kind = WD_PROTO_MESSAGE, .oneof = -1, .message = &all},
    SCALAR(12, WD_PROTO_BYTES, "bytes"),
    SCALAR(13, WD_PROTO_UINT32, "uint32"),
    SCALAR(14, WD_PROTO_ENUM, "enum"),
    SCALAR(15, WD_PROTO_SFIXED32, "sfixed32"),
    SCALAR(16, WD_PROTO_SFIXED64, "sfixed64"),
    SCALAR(17, WD_PROTO_SINT32, "sint32"),
    SCALAR(18, WD_PROTO_SINT64, "sint64"),
    REPEATED(20, WD_PROTO_INT32, "ints", true),
    REPEATED(21, WD_PROTO_FIXED32, "fixes", false),
    REPEATED(22, WD_PROTO_STRING, "words", false),
    {.name = NAME("subs"),
     .number = 23,
     .kind = WD_PROTO_MESSAGE,
     .is_repeated = true,
     .oneof = -1,
     .message = &all},
    MAP(24, "counts", &count_entry),
    MAP(25, "labels", &label_entry),
    MAP(26, "map", &all_entry),
    {.name = NAME("groups"),
     .number = 27,
     .kind = WD_PROTO_GROUP,
     .is_repeated = true,
     .oneof = -1,
     .message = &all},
    REPEATED(28, WD_PROTO_BOOL, "bools", true),
    SCALAR(5000, WD_PROTO_STRING, "a1b2c3d4e5"),
};
static const struct wd_proto_message all = {NAME("t.All"), all_fields, WD_COUNT(all_fields), -1};
static const struct wd_layout all_layout = {.proto = &all};

#endif
