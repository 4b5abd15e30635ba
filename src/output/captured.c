/* output/captured.c - how long was captured, and how captures of different length are held against each
 * other. */
#include "output/compare.h"

#include <math.h>
#include <stdlib.h>

struct interval { int64_t first, last; };

static int by_first(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->last > y->last) - (x->last < y->last);
}

/* Captures taken side by side cover the same time once; nights between captures are not captured time. */
static double covered(struct interval *list, size_t count)
{
    qsort(list, count, sizeof *list, by_first);
    double seconds = 0;
    int64_t end = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        int64_t from = list[i].first > end ? list[i].first : end;
        if (list[i].last > from)
            seconds += ((double)list[i].last - (double)from) / 1e9;
        if (list[i].last > end)
            end = list[i].last;
    }
    return seconds;
}

double wd_profile_seconds(const struct wd_profile *profile)
{
    size_t count = profile->input_count + profile->type_count;
    struct interval *list = wd_realloc(NULL, count + 1, sizeof *list);
    for (size_t i = 0; i < profile->input_count; i++)
        list[i] = (struct interval){ profile->inputs[i].first_ns, profile->inputs[i].last_ns };
    double seconds = covered(list, profile->input_count);
    for (size_t i = 0; i < profile->type_count; i++)
        list[i] = (struct interval){ profile->types[i].first_ns, profile->types[i].last_ns };
    if (!(seconds > 0))
        seconds = covered(list, profile->type_count);
    wd_free(list);
    return seconds;
}

struct wd_scale wd_profiles_scale(const struct wd_profile *before, const struct wd_profile *now)
{
    double seconds_before = wd_profile_seconds(before), seconds_now = wd_profile_seconds(now);
    double longer = fmax(seconds_before, seconds_now);
    if (seconds_before <= 0 || seconds_now <= 0 || fabs(seconds_before - seconds_now) <= 0.01 * longer)
        return (struct wd_scale){ 1, 1, false };
    return (struct wd_scale){ 3600 / seconds_before, 3600 / seconds_now, true };
}
