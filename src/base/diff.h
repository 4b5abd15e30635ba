/* base/diff.h - two texts as a unified diff that `git apply` and `patch -p1` take.
 *
 * Shape   lines; three lines of context; "a/NAME" and "b/NAME". Nothing is written when the texts are the same. Where many lines moved
 *         the diff is correct but not the shortest.
 * Owns    nothing. Source  the unified format of GNU diffutils, "Detailed Unified".
 */
#ifndef WD_BASE_DIFF_H
#define WD_BASE_DIFF_H

#include "base/buf.h"

void wd_diff_put(struct wd_buf *out, struct wd_bytes name, struct wd_bytes before, struct wd_bytes after);

#endif
