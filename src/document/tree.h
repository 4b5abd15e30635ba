/* document/tree.h - building the nodes of one document: what the YAML and the JSON reader share.
 *
 * Shape   nodes are added where the innermost open collection stands, under the key that was set last. The
 *         stack is explicit; depth and number of nodes are held to the limits here and nowhere else.
 * Owns    nodes in the arena; the stack on the heap until wd_tree_end.
 * Errors  WD_EPARSE with a place: a key twice, `<<` that is no map, a limit.
 */
#ifndef WD_DOCUMENT_TREE_H
#define WD_DOCUMENT_TREE_H

#include "document/document.h"
#include "document/ruler.h"

struct wd_tree_frame {
    struct wd_node *node;
    uint64_t nodes_before;      /* the tree's count when it was opened */
    unsigned height;            /* levels of collections below it so far */
    bool has_key;               /* a map whose next value has its key already */
    struct wd_bytes key;
    struct wd_span key_span;
    bool is_merge;
};

struct wd_tree {
    struct wd_document *document;
    const struct wd_limits *limits;
    struct wd_arena *arena;
    struct wd_ruler ruler;
    struct wd_err *err;
    struct wd_tree_frame *stack;
    size_t depth, cap;
    uint64_t nodes;             /* so far, those behind an alias counted again */
};

/* The innermost open collection, NULL at the top. */
struct wd_tree_frame *wd_tree_top(struct wd_tree *tree);
int wd_tree_key(struct wd_tree *tree, struct wd_bytes key, struct wd_span span, bool is_merge);
/* Adds a copy of `like`. `height` is its levels of collections, 0 for a scalar; `weight` the nodes that hang
 * below an alias, else 0. */
int wd_tree_add(struct wd_tree *tree, const struct wd_node *like, uint64_t weight, unsigned height,
                struct wd_node **out);
int wd_tree_open(struct wd_tree *tree, const struct wd_node *like, struct wd_node **out);
/* Closes the innermost collection, which ends at offset `end`. */
int wd_tree_close(struct wd_tree *tree, size_t end);
void wd_tree_end(struct wd_tree *tree);

struct wd_place wd_tree_place(const struct wd_tree *tree, struct wd_span span);
int wd_tree_fail(struct wd_tree *tree, size_t off, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The readers. The text is valid UTF-8; `from` skips a byte order mark. */
int wd_json_document(struct wd_tree *tree, size_t from);
int wd_yaml_document(struct wd_tree *tree, size_t from);

#endif
