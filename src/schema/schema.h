/* schema/schema.h - documents in, promises out.
 *
 * Shape   wd_schema_load reads each file, recognises its format (schema/table.c: asyncapi 2.x, 3.0, JSON
 *         Schema draft-07 and 2020-12), resolves $ref in the document and to files (below the directory of
 *         the first schema, or `root`), flattens every message's payload into sorted fields. Cycles are
 *         followed once. Several files make one schema; a JSON Schema file that an AsyncAPI document among
 *         them refers to is a part of that, no message of its own.
 * Errors  WD_EPARSE with FILE:LINE:COLUMN: syntax, a $ref to nowhere, in a circle of nothing but $refs, or
 *         out of the root, a limit. Nothing half made.
 * Source  AsyncAPI 2.6.0 and 3.0.0; JSON Schema 2020-12 and draft-07.
 */
#ifndef WD_SCHEMA_SCHEMA_H
#define WD_SCHEMA_SCHEMA_H

#include "base/limits.h"
#include "model/profile.h"
#include "model/schema.h"

struct wd_protoc;

struct wd_schema_request {
    const char *const *names;
    const struct wd_bytes *texts;         /* texts[i] stands for the file names[i]; NULL: read the files */
    size_t count;
    size_t named;                         /* the first so many are the user's, the rest was reached; 0: all */
    const char *root;                     /* of $ref; NULL: the directory of the first */
    const char *const *imports;           /* -I: where .proto files are imported from; none: schema/proto.h */
    size_t import_count;
    const struct wd_protoc *protoc;       /* who starts protoc, where this process may not; outlives the schema */
};

/* Owns everything through (*out)->arena: wd_schema_free. */
int wd_schema_open(const struct wd_schema_request *request, const struct wd_limits *limits,
                   struct wd_schema **out, struct wd_err *err);
/* The same for files and nothing else; `root` may be NULL. */
int wd_schema_load(const char *const *names, size_t count, const char *root, const struct wd_limits *limits,
                   struct wd_schema **out, struct wd_err *err);
/* The same from texts in memory: texts[i] stands for the file names[i]; $ref to other files still reads
 * files. For proofs. */
int wd_schema_parse(const char *const *names, const struct wd_bytes *texts, size_t count, const char *root,
                    const struct wd_limits *limits, struct wd_schema **out, struct wd_err *err);
/* The documents of `like`, also those it reached through $ref, with other texts: texts[i] for
 * like->documents[i]. For proofs. */
int wd_schema_reparse(const struct wd_schema *like, const struct wd_bytes *texts,
                      const struct wd_limits *limits, struct wd_schema **out, struct wd_err *err);
/* Puts messages on the channels that the configuration says (messages: [{channel, message}]). WD_EPARSE where it
 * names one that the schema has not, or not with a layout. `config` must live as long as the schema. */
struct wd_config;
int wd_schema_place(struct wd_schema *schema, const struct wd_config *config, struct wd_err *err);
void wd_schema_free(struct wd_schema *schema);  /* NULL is fine */

/* Matches profile types to schema messages (design: schema match): per type, a contradicting const or enum
 * (as far as the sketch tells) or a required field missing in over 5 % excludes; then the best structural
 * fit. Channel and direction must agree where the schema states them; the direction gives way when nothing
 * fits otherwise. A type that the traffic itself calls like a message of its channel is bound to no other,
 * and to that one also where they disagree, unless totally (none of the constants, another kind of root).
 * `out`: one per type, in `arena`. */
int wd_schema_bind(const struct wd_schema *schema, const struct wd_profile *profile, struct wd_arena *arena,
                   struct wd_binding **out, struct wd_err *err);

#endif
