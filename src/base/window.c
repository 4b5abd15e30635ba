#include "base/window.h"

#include "base/escape.h"
#include "base/moment.h"

static const struct {
    char letter;
    int64_t factor;
} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

/* +90 are seconds; with a letter the plus may lack. */
static bool read_relative(struct wd_bytes text, int64_t *ns)
{
    bool has_plus = text.len && text.at[0] == '+';
    int64_t factor = has_plus;
    if (has_plus)
        text = wd_bytes_at(text.at + 1, text.len - 1);
    for (size_t i = 0; text.len && i < WD_COUNT(units); i++) {
        if (text.at[text.len - 1] != (uint8_t)units[i].letter)
            continue;
        factor = units[i].factor;
        text.len--;
        break;
    }
    for (size_t i = 0; i < text.len; i++)
        if ((text.at[i] < '0' || text.at[i] > '9') && text.at[i] != '.')
            return false;
    return factor && text.len && wd_moment_number(text, 0, ns) && !__builtin_mul_overflow(*ns, factor, ns);
}

int wd_bound_read(const char *option, const char *text, struct wd_bound *out, struct wd_err *err)
{
    struct wd_bound bound = { .text = text };
    struct wd_shown shown;
    bound.is_relative = read_relative(wd_bytes_of(text), &bound.ns);
    if (!bound.is_relative && !wd_moment_date(wd_bytes_of(text), WD_ZONE_LOCAL, &bound.ns))
        return wd_fail(
            err, WD_EUSAGE, (struct wd_place){ 0 },
            "%s: '%s' is no time; write 2026-03-03T09:00:00Z, \"2026-03-03 09:00\" (local), "
                       "or +90 or 1.5m after the first packet",
            option, wd_show(&shown, wd_bytes_of(text)));
    *out = bound;
    return WD_OK;
}
