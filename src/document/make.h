/* document/make.h - trees that nobody wrote yet, and their text.
 *
 * Shape   nodes are made, put into maps and lists, and written as YAML or JSON in the order in which they
 *         were put. A node with is_flow stands on one line where that has room for it, everything else a line
 *         each; a list with is_flow fills lines. Strings are plain where YAML reads them back as strings,
 *         else quoted.
 * Units   columns are bytes.
 * Owns    nodes live in the arena; keys and texts are views that outlive them. Made nodes have no spans.
 * Errors  none. Writing goes as deep as the tree, which is for its maker to bound.
 * Source  YAML 1.2.2 (core schema), RFC 8259.
 */
#ifndef WD_DOCUMENT_MAKE_H
#define WD_DOCUMENT_MAKE_H

#include "base/buf.h"
#include "document/document.h"

struct wd_node *wd_make_map(struct wd_arena *arena, bool is_flow);
struct wd_node *wd_make_list(struct wd_arena *arena, bool is_flow);
struct wd_node *wd_make_text(struct wd_arena *arena, struct wd_bytes text);
struct wd_node *wd_make_word(struct wd_arena *arena, const char *literal);
struct wd_node *wd_make_count(struct wd_arena *arena, uint64_t n);
/* With at most so many decimals, none of them a zero at the end. */
struct wd_node *wd_make_decimal(struct wd_arena *arena, double value, int digits);
struct wd_node *wd_make_true(struct wd_arena *arena);
struct wd_node *wd_make_null(struct wd_arena *arena);

/* At the end of a map or list; the value again. */
struct wd_node *wd_node_put(struct wd_node *map, struct wd_bytes key, struct wd_node *value);
struct wd_node *wd_node_set(struct wd_node *map, const char *key, struct wd_node *value);
struct wd_node *wd_node_add(struct wd_node *list, struct wd_node *value);

/* The members of a map, or the entries of a list, in lines that begin with `indent` blanks. */
void wd_write_yaml(struct wd_buf *out, const struct wd_node *collection, size_t indent);
/* One member with its key, in the same way. */
void wd_write_yaml_member(struct wd_buf *out, const struct wd_node *member, size_t indent);
/* On one line: YAML as people write it, or JSON. */
void wd_write_flow(struct wd_buf *out, const struct wd_node *node, bool is_json);
void wd_write_flow_member(struct wd_buf *out, const struct wd_node *member, bool is_json);
/* Laid out, two blanks a level, the first line without them. */
void wd_write_json(struct wd_buf *out, const struct wd_node *node, size_t indent);
void wd_write_json_member(struct wd_buf *out, const struct wd_node *member, size_t indent);

#endif
