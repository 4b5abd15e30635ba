/* model/layout.h - how a payload is laid out, where its own bytes do not say.
 *
 * Shape   Protobuf names fields by number, Avro not at all: their codecs need what the schema says. schema/
 *         builds these tables, field/ walks by them, profile/ decides which of them a channel's messages
 *         have. Both are graphs: a message or record may contain itself.
 * Owns    the schema's arena. Immutable once built.
 * Source  Protocol Buffers encoding; Avro 1.11 specification.
 */
#ifndef WD_MODEL_LAYOUT_H
#define WD_MODEL_LAYOUT_H

#include "base/bytes.h"

/* --- Protobuf --- */

/* The numbers of FieldDescriptorProto.Type. */
enum wd_proto_kind {
    WD_PROTO_DOUBLE = 1, WD_PROTO_FLOAT, WD_PROTO_INT64, WD_PROTO_UINT64, WD_PROTO_INT32, WD_PROTO_FIXED64,
    WD_PROTO_FIXED32, WD_PROTO_BOOL, WD_PROTO_STRING, WD_PROTO_GROUP, WD_PROTO_MESSAGE, WD_PROTO_BYTES,
    WD_PROTO_UINT32, WD_PROTO_ENUM, WD_PROTO_SFIXED32, WD_PROTO_SFIXED64, WD_PROTO_SINT32, WD_PROTO_SINT64,
};

struct wd_proto_message;

struct wd_proto_field {
    struct wd_bytes name;
    uint32_t number;
    uint8_t kind;                           /* enum wd_proto_kind */
    bool is_repeated, is_packed;            /* is_packed: as declared; readers take either */
    bool is_map;                            /* repeated, of entries: `message` is the entry type, 1 its key, 2 its value */
    bool is_enum_closed;
    int32_t oneof;                          /* index in the message, -1: none; a synthetic one (proto3 optional) is none */
    const struct wd_proto_message *message; /* of messages, groups and maps */
};

struct wd_proto_message {
    struct wd_bytes name;                   /* full: "desk.Envelope" */
    const struct wd_proto_field *fields;    /* by number */
    size_t field_count;
    int32_t envelope;                       /* the one oneof of an envelope, whose set member names the message; -1: none */
};

/* --- Avro --- */

enum wd_avro_kind {
    WD_AVRO_NULL, WD_AVRO_BOOLEAN, WD_AVRO_INT, WD_AVRO_LONG, WD_AVRO_FLOAT, WD_AVRO_DOUBLE, WD_AVRO_BYTES, WD_AVRO_STRING,
    WD_AVRO_RECORD, WD_AVRO_ENUM, WD_AVRO_ARRAY, WD_AVRO_MAP, WD_AVRO_UNION, WD_AVRO_FIXED,
};

struct wd_node;
struct wd_document;

struct wd_avro_field {
    struct wd_bytes name;
    const struct wd_avro_type *type;
    const struct wd_node *node;             /* the object that declares it */
};

struct wd_avro_type {
    uint8_t kind;                           /* enum wd_avro_kind */
    const struct wd_document *document;     /* where it is written */
    const struct wd_node *node;
    struct wd_bytes name;                   /* full, of records, enums and fixed */
    struct wd_bytes logical;                /* "timestamp-millis", ...; "" none */
    const struct wd_avro_field *fields;     /* of a record */
    const struct wd_avro_type *const *branches;  /* of a union; [0] the items of an array, the values of a map */
    const struct wd_bytes *symbols;         /* of an enum */
    size_t count;                           /* of fields, branches or symbols */
    uint64_t size;                          /* of a fixed */
};

/* --- either --- */

/* What one message of a schema looks like on the wire. */
struct wd_layout {
    const struct wd_proto_message *proto;   /* NULL: not Protobuf */
    const struct wd_avro_type *avro;        /* NULL: not Avro */
    uint64_t fingerprint;                   /* CRC-64-AVRO of the parsing canonical form, with `avro` */
    const struct wd_layout *branches;       /* of an Avro union: its records, each by itself */
    size_t branch_count;
};

#endif
