/* schema/patch.h - changes to a text, collected in any order and made at once; and where lines begin and end
 * in it.
 *
 * Shape   a patch is a list of cuts, each with what is written in its place. Of overlapping cuts the union
 *         goes.
 * Units   bytes. A line ends with LF, CRLF or CR.
 * Owns    the list, on the heap until wd_patch_make.
 */
#ifndef WD_SCHEMA_PATCH_H
#define WD_SCHEMA_PATCH_H

#include "base/arena.h"

struct wd_change { size_t start, end; struct wd_bytes put; };

struct wd_patch {
    struct wd_bytes text;
    struct wd_change *at;
    size_t count, cap;
};

/* `put` is a view that lives until wd_patch_make. */
void wd_patch_add(struct wd_patch *patch, size_t start, size_t end, struct wd_bytes put);
/* The new text, in the arena; the text itself when nothing changes. Frees the list. */
struct wd_bytes wd_patch_make(struct wd_patch *patch, struct wd_arena *arena);

/* The one that the text uses first: "\n", "\r\n" or "\r". */
const char *wd_line_break(struct wd_bytes text);
/* Of the line that `off` is on. */
size_t wd_line_start(struct wd_bytes text, size_t off);
/* Behind its line break. */
size_t wd_line_end(struct wd_bytes text, size_t off);
/* How many blanks it begins with. */
size_t wd_line_indent(struct wd_bytes text, size_t line);
size_t wd_line_count(struct wd_bytes text);
/* Past blanks and tabs; with `is_across` also past line breaks and comments. */
size_t wd_skip_space(struct wd_bytes text, size_t off, bool is_across);

#endif
