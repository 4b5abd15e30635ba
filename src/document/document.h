/* document/document.h - a YAML or JSON text as a tree that knows where everything stands.
 *
 * Shape   one reader for schemas, usage files and configuration. A text whose first character that is not
 *         blank is `{` or `[` goes to the JSON scanner (RFC 8259), unless it is called .yaml or .yml and is
 *         no JSON; the rest to libyaml (YAML 1.2 core schema typing: no yes/no/on/off booleans, no
 *         sexagesimals). Aliases share the anchored node's children (same pointers), are never copied; `<<`
 *         merges are resolved by lookup (wd_node_get). Duplicate keys are an error naming both lines.
 * Units   spans in bytes of the file as read (libyaml's marks count characters: converted). line and column
 *         are 1-based, column counts bytes.
 * Owns    nodes, decoded text and the file's bytes live in the arena given to wd_document_read.
 * Errors  WD_EPARSE with FILE:LINE:COLUMN, what was expected and found; limits `document`, `yaml-depth`,
 *         `yaml-nodes`, `yaml-aliases`. Depth and nodes are counted as if aliases were copied, and an alias
 *         inside the node that it names is an error: so whoever walks a tree, also through aliases, is
 *         bounded by these limits.
 * Source  YAML 1.2.2 chapter 10.3 (core schema), RFC 8259.
 */
#ifndef WD_DOCUMENT_DOCUMENT_H
#define WD_DOCUMENT_DOCUMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

struct wd_span { size_t off, len; uint32_t line, column; };

enum wd_node_kind { WD_NODE_NULL, WD_NODE_BOOLEAN, WD_NODE_INTEGER, WD_NODE_NUMBER, WD_NODE_STRING, WD_NODE_LIST, WD_NODE_MAP };

struct wd_node {
    enum wd_node_kind kind;
    struct wd_bytes text;       /* scalar: decoded; numbers keep their text; NUL-terminated too */
    struct wd_span span;        /* of the value, without anchor and tag. Block collection: from its first entry to the end of
                                   the line that holds its last content (a comment behind it is inside, the line break is not).
                                   Block scalar: from `|` or `>` to the end of its last line. A value left out: empty, after `:` or `-` */
    struct wd_bytes key;        /* decoded key when a member of a map */
    struct wd_span key_span;    /* of the key token, quotes included */
    struct wd_node *parent, *first, *last, *next;   /* members in order */
    size_t count;
    bool is_flow;               /* {...} or [...] (always in JSON) */
    bool is_quoted;             /* scalar in quotes or block style: a string whatever it looks like */
    const struct wd_node *alias_of;  /* this value is *alias of that node; span is the alias token; children are shared */
    struct wd_span anchor;      /* &anchor token, len 0 when none */
    bool is_merge;              /* the member `<<` (unquoted, YAML): a map, or a list of maps, that lends its members */
    struct wd_bytes comment;    /* of made nodes: a line that YAML has above the key; "" none, and when read */
    struct wd_node *const *index;    /* look-up of large maps, members by key; NULL in small ones. document/'s own */
};

struct wd_document {
    const char *name;           /* as shown in messages (a copy) */
    struct wd_bytes text;       /* the whole file */
    struct wd_node *root;       /* never NULL */
    bool is_json;
    bool is_proto;              /* a .proto file, which schema/proto.h made: nodes stand for declarations */
};

/* Reads and parses. `name` is opened as given ("-" is standard input). */
int wd_document_read(const char *name, const struct wd_limits *limits, struct wd_arena *arena,
                     struct wd_document **out, struct wd_err *err);
/* Parses bytes that are already there. */
int wd_document_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                      struct wd_arena *arena, struct wd_document **out, struct wd_err *err);

/* Member by key; NULL when node is NULL, no map, or has none. Looks through `<<`. */
const struct wd_node *wd_node_get(const struct wd_node *node, const char *key);
const struct wd_node *wd_node_get_bytes(const struct wd_node *node, struct wd_bytes key);
/* The members of a map as `<<` leaves them: its own in order, then those it borrows, each key once, without
 * `<<` itself. Returns how many; 0 when node is NULL or no map. */
size_t wd_node_members(const struct wd_node *node, struct wd_arena *arena, const struct wd_node *const **out);
/* "type" of a node for messages: "a map", "a string", ... */
const char *wd_node_kind_name(const struct wd_node *node);
struct wd_place wd_node_place(const struct wd_document *document, const struct wd_node *node);      /* of the value */
struct wd_place wd_node_key_place(const struct wd_document *document, const struct wd_node *node);  /* of its key, else the value */

/* Typed reads for configuration-like files: each fails with the place and what was expected. */
int wd_node_string(const struct wd_document *d, const struct wd_node *n, struct wd_bytes *out,
                   struct wd_err *err);
int wd_node_uint(const struct wd_document *d, const struct wd_node *n, uint64_t *out, struct wd_err *err);
int wd_node_number(const struct wd_document *d, const struct wd_node *n, double *out, struct wd_err *err);
int wd_node_boolean(const struct wd_document *d, const struct wd_node *n, bool *out, struct wd_err *err);
/* WD_EPARSE naming the first member of map `n` that is not in `known` (NULL-terminated) and the nearest known
 * one. */
int wd_node_known(const struct wd_document *d, const struct wd_node *n, const char *const *known,
                  struct wd_err *err);

/* Canonical JSON text of a node (sorted keys, canonical numbers): equality by meaning. */
struct wd_bytes wd_node_canonical(const struct wd_node *node, struct wd_arena *arena);

#endif
