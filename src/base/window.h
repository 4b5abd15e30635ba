/* base/window.h - which part of the traffic is looked at: from one moment up to another, which is not in it.
 * Units   nanoseconds since 1970, or of a relative bound since the first moment that was asked about. */
#ifndef WD_BASE_WINDOW_H
#define WD_BASE_WINDOW_H

#include "base/err.h"

struct wd_bound {
    const char *text;            /* as the user wrote it; NULL: none */
    bool is_relative;
    int64_t ns;
};

struct wd_window {
    struct wd_bound from, to;
    bool has_first;
    int64_t first_ns;            /* what relative bounds count from */
};

/* A date and time as moment.h takes them, a local one included; or +90, 90s, 1.5m, 2h after the first packet.
 * `option` names the bound in errors: WD_EUSAGE. */
int wd_bound_read(const char *option, const char *text, struct wd_bound *out, struct wd_err *err);

static inline bool wd_window_is_open(const struct wd_window *w)
{
    return !w->from.text && !w->to.text;
}

static inline bool wd_bound_is_before(const struct wd_window *w, const struct wd_bound *b, int64_t ts_ns)
{
    int64_t since;
    if (!b->is_relative)
        return b->ns <= ts_ns;
    return !__builtin_sub_overflow(ts_ns, w->first_ns, &since) && b->ns <= since;
}

static inline bool wd_window_has(struct wd_window *w, int64_t ts_ns)
{
    if (!w->has_first) {
        w->has_first = true;
        w->first_ns = ts_ns;
    }
    return (!w->from.text || wd_bound_is_before(w, &w->from, ts_ns)) &&
           (!w->to.text || !wd_bound_is_before(w, &w->to, ts_ns));
}

#endif
