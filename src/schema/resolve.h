/* schema/resolve.h - where a $ref leads: in the document, or to a file below the root.
 *
 * Shape   a site is a node and the document that it stands in. Named files come first, others when a $ref
 *         asks for them; each is read once. Pointers pass through references on their way
 *         (#/channels/live/messages/x where `live` is a $ref).
 * Owns    documents in the arena; the list of sources and the root's descriptor until wd_resolver_close.
 * Errors  WD_EPARSE at the $ref: nowhere, a circle of nothing but references, a scheme (http:, file:), an
 *         absolute path, out of the root (also through a symbolic link), no regular file; limits `refs`,
 *         `schema-files`, `document`.
 * Source  RFC 6901 (JSON Pointer), RFC 3986 2.1 (percent-encoding).
 */
#ifndef WD_SCHEMA_RESOLVE_H
#define WD_SCHEMA_RESOLVE_H

#include "base/limits.h"
#include "base/map.h"
#include "document/document.h"

struct wd_site {
    struct wd_document *document;
    const struct wd_node *node;
};

struct wd_source {
    struct wd_document *document;
    const char *path;             /* below the root, without "." and ".."; NULL: elsewhere */
    struct wd_map *anchors;       /* $anchor and $id to nodes; NULL until asked for */
    bool is_reached;              /* a $ref led to it */
};

struct wd_resolver {
    struct wd_arena *arena;
    const struct wd_limits *limits;
    struct wd_err *err;
    const char *root;             /* as shown in names: "" is here */
    char *real_root;              /* NULL when there is no such directory */
    int root_fd;
    struct wd_source **sources;
    size_t count, cap;
    struct wd_map *known;         /* `$ref` members that were resolved, to places in `targets` */
    struct wd_site *targets;
    size_t target_count, target_cap;
    /* Of .proto files, which are no documents by themselves; NULL: they are not read. */
    int (*read_proto)(void *ctx, const char *name, struct wd_bytes text, struct wd_document **out);
    void *ctx;
};

/* `root` NULL: the directory of `first`. */
void wd_resolver_open(struct wd_resolver *r, const char *root, const char *first);
void wd_resolver_close(struct wd_resolver *r);

/* A file that the user named; `text` NULL reads it. */
int wd_resolver_add(struct wd_resolver *r, const char *name, const struct wd_bytes *text,
                    struct wd_document **out);
/* The same for one that was read before. */
int wd_resolver_adopt(struct wd_resolver *r, struct wd_document *document);
bool wd_resolver_has(const struct wd_resolver *r, const struct wd_document *document);
bool wd_resolver_is_reached(const struct wd_resolver *r, const struct wd_document *document);

/* The node's own `$ref` member, NULL when it has none. */
const struct wd_node *wd_ref_of(const struct wd_node *node);
/* One step: `from.node` is a map with `$ref`. */
int wd_resolve(struct wd_resolver *r, struct wd_site from, struct wd_site *out);
/* As many steps as it takes to something that is no reference (siblings of $ref are ignored). */
int wd_resolve_all(struct wd_resolver *r, struct wd_site from, struct wd_site *out);
/* The last step of a $ref's pointer, decoded: the component key. "" when it has none. */
struct wd_bytes wd_ref_key(struct wd_resolver *r, const struct wd_node *node);

#endif
