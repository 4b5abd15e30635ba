/* document/ruler.h - from characters to bytes, and from bytes to line and column.
 *
 * Shape   a mark every 64 bytes, so both questions cost one look-up and a walk of at most 64 bytes.
 * Units   line and column are 1-based, column counts bytes. A line ends with LF, CRLF or a lone CR.
 * Owns    marks, in the arena.
 */
#ifndef WD_DOCUMENT_RULER_H
#define WD_DOCUMENT_RULER_H

#include "document/document.h"

struct wd_ruler_mark { size_t characters, line_start; uint32_t line; };

struct wd_ruler {
    struct wd_bytes text;
    struct wd_ruler_mark *marks;
    size_t count;
};

struct wd_ruler wd_ruler_make(struct wd_bytes text, struct wd_arena *arena);
/* Offset of the n-th character (UTF-8 assumed valid); text.len when there are fewer. */
size_t wd_ruler_offset(const struct wd_ruler *ruler, size_t characters);
struct wd_span wd_ruler_span(const struct wd_ruler *ruler, size_t off, size_t end);
/* End of the line that holds `off`, line break excluded. */
size_t wd_ruler_line_end(const struct wd_ruler *ruler, size_t off);

#endif
