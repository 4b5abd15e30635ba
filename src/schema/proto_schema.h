/* schema/proto_schema.h - messages of a Protobuf schema, and where they stand.
 *
 * Shape   a message becomes one schema message, an envelope one for each member of its oneof, called like
 *         that member. Methods of services put theirs on the channel /package.Service/Method; the
 *         configuration puts any on any (messages: [{channel, message}]); roots that nobody puts anywhere stand on
 *         no channel.
 * Owns    the loader's list of messages.
 * Errors  those of wd_proto_fields.
 * Source  "gRPC over HTTP/2", Request: Path.
 */
#ifndef WD_SCHEMA_PROTO_SCHEMA_H
#define WD_SCHEMA_PROTO_SCHEMA_H

#include "schema/loader.h"
#include "schema/proto_fields.h"

struct wd_proto_maker {
    struct wd_loader *loader;
    struct wd_proto_options options;
    struct wd_proto_flatten flatten;
};

void wd_proto_maker_open(struct wd_proto_maker *maker, struct wd_loader *loader,
                         const struct wd_proto_index *index);
void wd_proto_maker_close(struct wd_proto_maker *maker);

/* Adds the message, or what its envelope holds, to the loader; where the channel has it already, the
 * directions. */
int wd_proto_maker_add(struct wd_proto_maker *maker, const struct wd_proto_type *type,
                       struct wd_bytes channel, unsigned directions);

/* Opens an index of `set` that lives as long as the schema; that of the named files, when it is not there
 * yet. */
int wd_proto_indexed(struct wd_loader *loader, const struct wd_proto_set *set, struct wd_proto_index **out);
int wd_proto_named(struct wd_loader *loader);

#endif
