/* schema/loader.h - one load: what the formats share.
 *
 * Shape   load.c opens the files and asks table.c whose they are; a format adds messages with
 *         wd_loader_message.
 * Owns    the growing list of messages, on the heap until the load is over. */
#ifndef WD_SCHEMA_LOADER_H
#define WD_SCHEMA_LOADER_H

#include "schema/resolve.h"
#include "schema/schema.h"

struct wd_proto_set;

struct wd_loader {
    struct wd_resolver resolver;
    struct wd_schema *schema;
    struct wd_arena *arena;
    struct wd_err *err;
    struct wd_schema_message *messages;
    size_t count, cap;
    uint64_t visited;
    struct wd_proto_set *protos;     /* of the .proto files among those that were named; NULL: there are none */
    struct wd_proto_index *named;    /* of these; NULL: not asked for yet */
    const struct wd_protoc *protoc;
    struct wd_avro_load *avro;       /* NULL: no Avro so far */
};

struct wd_schema_format {
    const char *name;                                      /* "asyncapi-3" */
    bool (*sniff)(const struct wd_document *document);
    int (*load)(struct wd_loader *loader, struct wd_document *document);
    bool is_fragment;    /* when another file refers to it, it is a part of that, no schema of its own */
};
extern const struct wd_schema_format *const wd_schema_formats[];  /* NULL-terminated */

/* Where a message stands in its channel. */
struct wd_message_spot {
    struct wd_bytes channel, key, fallback;   /* `fallback` names it when neither it nor its key does */
    unsigned direction;                       /* bits */
    struct wd_bytes default_content_type, purpose, owner;   /* where the message is silent */
    bool overrides;                           /* 2.x: traits win over the message; 3.0: the message wins */
};

/* Reads the message at `site` (no reference) and adds it, or adds the direction to it where the channel has
 * it already. */
int wd_asyncapi_message(struct wd_loader *loader, struct wd_site site, const struct wd_message_spot *spot);

/* Member `key` of an object as its traits leave it, NULL when there is none: `traits` is a list of traits or
 * references. A second key looks one level deeper (x-wirediet, purpose). */
int wd_asyncapi_merged(struct wd_loader *loader, struct wd_site site, bool overrides, const char *key,
                       const char *deeper, struct wd_site *out);
struct wd_bytes wd_site_text(struct wd_site site);   /* of a string, "" of anything else */

/* Member `key` of a map, through references; out->node NULL when it is not there. An error when it is no
 * map. */
int wd_asyncapi_map(struct wd_loader *loader, struct wd_site site, const char *key, struct wd_site *out);

/* avro.c: the payload at `site` is Avro; `out` is the message that is added next. Its fields come when all is
 * read, with wd_avro_finish. */
int wd_avro_payload(struct wd_loader *loader, struct wd_site site, struct wd_schema_message *out);
int wd_avro_finish(struct wd_loader *loader);
void wd_avro_abandon(struct wd_loader *loader);

/* Of a payload in Protobuf, the text or what a $ref to a .proto file leads to. Of an envelope `out` is the last
 * member, the others are added before it. */
int wd_proto_payload(struct wd_loader *loader, struct wd_site site, struct wd_schema_message *out);
/* What a $ref to a .proto file reads: for the resolver, with the loader as its context. */
int wd_proto_read_file(void *loader, const char *name, struct wd_bytes text, struct wd_document **out);

/* What has a layout and stands on a channel does not stand on none beside that. */
void wd_loader_leave_nowhere(struct wd_loader *loader);

/* Title and version of the first document go to the schema. */
void wd_asyncapi_info(struct wd_loader *loader, const struct wd_document *document);

#endif
