/* schema/proto_features.c - FeatureSet, which protobuf-c keeps as an unknown field of the options:
 *
 *     2 enum_type: OPEN 1, CLOSED 2                     fields of wire type 0; others are passed over
 *     3 repeated_field_encoding: PACKED 1, EXPANDED 2
 *     5 message_encoding: LENGTH_PREFIXED 1, DELIMITED 2
 */
#include "schema/proto_features.h"

#include <protobuf-c/protobuf-c.h>

#include "base/cursor.h"

struct wd_proto_features wd_proto_features_of(const char *syntax)
{
    static const struct wd_proto_features proto2 = {WD_PROTO_CLOSED, WD_PROTO_EXPANDED, 1},
                                          later = {1, WD_PROTO_PACKED, 1};
    bool is_later = syntax && (strcmp(syntax, "proto3") == 0 || strcmp(syntax, "editions") == 0);
    return is_later ? later : proto2;
}

static void skip_content(struct wd_cursor *c, unsigned wire_type)
{
    switch (wire_type) {
    case 1:
        wd_cursor_skip(c, 8);
        break;
    case 2:
        wd_cursor_skip(c, wd_cursor_varint(c));
        break;
    case 5:
        wd_cursor_skip(c, 4);
        break;
    default:
        c->fault = "no such wire type";
    }
}

static void read_features(struct wd_bytes content, struct wd_proto_features *f)
{
    struct wd_cursor c = wd_cursor_of(content);
    while (wd_cursor_left(&c)) {
        uint64_t tag = wd_cursor_varint(&c);
        if ((tag & 7) != 0) {
            skip_content(&c, tag & 7);
            continue;
        }
        uint64_t value = wd_cursor_varint(&c);
        uint8_t *at = tag >> 3 == 2   ? &f->enum_type
                      : tag >> 3 == 3 ? &f->repeated_encoding
                      : tag >> 3 == 5 ? &f->message_encoding
                                      : NULL;
        if (at && (value == 1 || value == 2))
            *at = (uint8_t)value;
    }
}

struct wd_proto_features wd_proto_features_under(struct wd_proto_features inherited,
                                                 const struct ProtobufCMessage *options, uint32_t number)
{
    for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];
        if (field->tag != number || field->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        struct wd_cursor c =
            wd_cursor_of(wd_bytes_at(field->data, field->len)); /* with its length before it */
        read_features(wd_cursor_take(&c, wd_cursor_varint(&c)), &inherited);
    }
    return inherited;
}
