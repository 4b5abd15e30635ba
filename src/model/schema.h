/* model/schema.h - what was promised.
 *
 * Shape   schema/ turns documents into messages with flat, sorted fields; each remembers the spans of text
 *         that declare it, so that edits are surgical. A field declared through a shared component has one
 *         wd_decl per place; a decl may serve several messages.
 * Units   spans are bytes from the start of the file as read.
 * Owns    everything is in the schema's arena. Nodes belong to document/.
 */
#ifndef WD_MODEL_SCHEMA_H
#define WD_MODEL_SCHEMA_H

#include "base/arena.h"
#include "document/document.h"
#include "model/field.h"
#include "model/layout.h"
#include "model/message.h"

/* One place that declares a field: member `name` of the map `properties` in `object`. */
struct wd_decl {
    const struct wd_document *document;
    const struct wd_node *object;      /* the schema object that holds properties, required, ... */
    const struct wd_node *container;   /* what holds the member: its `properties` or `patternProperties` map (the lending map where `<<`
                                          brought it), `prefixItems` list; `object` itself for `items` and `additionalProperties` */
    const struct wd_node *member;      /* the member node; member->key_span starts the declaration. Of ".": the payload schema */
    struct wd_place at;                /* of the key */
    bool is_shared;                    /* reached through a $ref, an alias or `<<`: other messages may see it too */
    const struct wd_avro_field *avro;  /* the field of an Avro record; NULL: none */
};

/* A constant of the schema (const, enum, default), as canonical JSON text. */
struct wd_constant { struct wd_bytes json; };

struct wd_schema_field {
    struct wd_bytes path;              /* as in profiles; maps are {} */
    uint32_t types;                    /* bits 1 << enum wd_type; 0: anything. "number" sets INTEGER too: 1.0 is an integer */
    bool is_required;                  /* present whenever its parent is (and is an object), in every variant */
    bool is_conditional;               /* only in some oneOf / anyOf branches */
    bool is_open;                      /* object that allows undeclared members (the default of JSON Schema) */
    bool is_closed;                    /* additionalProperties: false */
    bool is_free;                      /* open on purpose: says nothing of its members, says additionalProperties: true, or is where
                                          a recursive schema was followed once; covers whatever stands below */
    bool is_map;                       /* the {} of additionalProperties / patternProperties */
    bool is_deprecated, is_described;
    bool has_const, has_enum, has_default;
    const struct wd_constant *constants;  /* const: 1; enum: n */
    size_t constant_count;
    struct wd_constant default_value;
    struct wd_bytes format;            /* "email", ... */
    struct wd_bytes description;
    struct wd_bytes purpose, owner, changes;  /* x-wirediet */
    int privacy;                       /* annotation: 1 personal, -1 declared not personal, 0 silent */
    struct wd_bytes privacy_category;  /* what the annotation says; "" when boolean */
    const struct wd_decl *decls;
    size_t decl_count;
};

struct wd_schema_message {
    struct wd_bytes name;              /* AsyncAPI `name`, else the component key */
    struct wd_bytes key;               /* component key */
    struct wd_bytes channel;           /* address template ("/ws/room/{room}"); "" when the schema has no channels */
    unsigned directions;               /* bits 1 << enum wd_direction; 0: not stated */
    struct wd_bytes title, content_type, version;
    struct wd_bytes purpose, owner;
    struct wd_place at;                /* of its declaration */
    const struct wd_node *node;        /* the message object (or the JSON Schema root) */
    const struct wd_node *payload;     /* the payload schema as written there (maybe a $ref) */
    const struct wd_document *document;
    const struct wd_layout *layout;    /* of binary payloads, NULL: they say themselves what they hold. Messages of one envelope share it */
    struct wd_bytes variant;           /* of a message in an envelope: the member of its oneof; "" none */
    bool is_opaque;                    /* payload in a format that is not read: no fields, no findings about fields */
    bool states_wirediet;              /* any x-wirediet below */
    const struct wd_schema_field *fields;  /* sorted bytewise by path; "." first */
    size_t field_count;
};

struct wd_config;
struct wd_proto_index;
struct wd_protoc;

/* A type that is named in one place and defined in another (Avro). */
struct wd_name_use { const struct wd_document *document; const struct wd_node *node, *definition; };

struct wd_schema {
    struct wd_arena *arena;
    const char *format;                /* "asyncapi-2", "asyncapi-3", "json-schema", "protobuf", "avro" */
    struct wd_bytes title, version;
    struct wd_document **documents;    /* [0] is the one the user named first */
    size_t document_count, named_count;   /* all; those that the user named, the rest was reached through $ref */
    const char *root;                  /* as the user named it, NULL: the directory of the first document */
    const char *const *imports;        /* roots of .proto files, to read the same again */
    size_t import_count;
    const struct wd_protoc *protoc;    /* who starts protoc; NULL: the process itself */
    struct wd_schema_message *messages;  /* in order of declaration; one per (channel, message) */
    size_t message_count;
    const struct wd_name_use *name_uses;
    size_t name_use_count;
    bool states_wirediet;              /* any x-wirediet in it: switches WD601 on */
    struct wd_proto_index *protos;     /* of .proto files, the first of a list; NULL: none. schema/'s own */
    const struct wd_config *placed_by; /* whose rules put messages on channels; NULL: none. schema/'s own */
};

/* Which schema message describes a type of the profile: one per profile type, same index (schema/bind.h). */
struct wd_binding {
    const struct wd_schema_message *message;  /* NULL: nothing describes it */
    double fit;                               /* 0..1: share of its rows that are declared */
    const char *why_not;                      /* literal, when NULL */
    struct wd_bytes nearest;                  /* the schema message that came closest; "" none */
};

const struct wd_schema_field *wd_schema_field_find(const struct wd_schema_message *message,
                                                   struct wd_bytes path);
/* The field that governs a path of the traffic: itself, a map ({}) that its keys fall into, or a free
 * ancestor (is_free) that covers it. NULL: undeclared. That objects are merely open by default covers
 * nothing. */
const struct wd_schema_field *wd_schema_field_cover(const struct wd_schema_message *message,
                                                    struct wd_bytes path);

#endif
