/* base/diff.h - two texts as a unified diff that `git apply` and `patch -p1` take.
 *
 * Shape   lines; three lines of context; "a/NAME" and "b/NAME". Nothing is written when the texts are the
 *         same. `./` at the start of a name and the slash of an absolute one are left out (patch -d / takes
 *         it then); a name with control characters, quotes or backslashes is quoted as git does it. Where
 *         many lines were replaced the diff is correct but not the shortest: the work is linear in the lines.
 * Owns    nothing. Source  the unified format of GNU diffutils, "Detailed Unified"; git-diff(1), core.quotePath.
 */
#ifndef WD_BASE_DIFF_H
#define WD_BASE_DIFF_H

#include "base/buf.h"

void wd_diff_put(struct wd_buf *out, struct wd_bytes name, struct wd_bytes before, struct wd_bytes after);

#endif
