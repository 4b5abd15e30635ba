/* base/nearest.h - "did you mean ...?": the candidate closest to a mistyped name.
 *
 * Shape   zero-initialise with the name, show each candidate in turn, ask at the end. Distance is
 *         Damerau-Levenshtein (a swapped pair counts once), case folded at half price; the first of equals
 *         wins.
 * Owns    nothing: `best` points to the candidate as it was shown.
 */
#ifndef WD_BASE_NEAREST_H
#define WD_BASE_NEAREST_H

#include "base/bytes.h"

struct wd_nearest {
    struct wd_bytes name;
    struct wd_bytes best;   /* .len 0: nothing was close enough */
    unsigned distance;      /* of best, in halves; 0 while there is none */
};

void wd_nearest_try(struct wd_nearest *nearest, struct wd_bytes candidate);

#endif
