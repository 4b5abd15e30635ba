/* usage/reader.h - strict reading of small files: what the usage and configuration readers share.
 *
 * Shape   each call takes a node (NULL: absent) and fails with its place and what was expected. Lists are
 *         walked with node->first and ->next; a list that is absent or null is empty.
 * Owns    nothing: text belongs to the document, paths are written into the arena.
 * Errors  WD_EPARSE.
 */
#ifndef WD_USAGE_READER_H
#define WD_USAGE_READER_H

#include "document/document.h"

struct wd_reader {
    const struct wd_document *document;
    struct wd_arena *arena;
    struct wd_err *err;
};

/* Fails at the value of `node`. */
int wd_reader_fail(const struct wd_reader *r, const struct wd_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `what`: "a consumer". The node is a map and has no keys but `known` (NULL-terminated). */
int wd_reader_map(const struct wd_reader *r, const struct wd_node *node, const char *what,
                  const char *const *known);
/* Member `key` of `map`, which must be there. */
int wd_reader_need(const struct wd_reader *r, const struct wd_node *map, const char *what, const char *key,
                   const struct wd_node **out);
/* A list, or nothing: how many, and the first. */
int wd_reader_list(const struct wd_reader *r, const struct wd_node *node, size_t *count,
                   const struct wd_node **first);
/* Text that is not empty; `out` stays as it is when the node is absent. */
int wd_reader_text(const struct wd_reader *r, const struct wd_node *node, struct wd_bytes *out);
/* A field path, in the form in which profiles write it. */
int wd_reader_path(const struct wd_reader *r, const struct wd_node *node, struct wd_bytes *out);
/* c2s, s2c or p2p; -1 when absent. */
int wd_reader_direction(const struct wd_reader *r, const struct wd_node *node, int *out);
/* A list of texts. */
int wd_reader_texts(const struct wd_reader *r, const struct wd_node *node, const struct wd_bytes **out,
                    size_t *count);

#endif
