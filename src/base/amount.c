#include "base/amount.h"

static const struct { char suffix; unsigned shift; } sizes[] = {
    { 'k', 10 }, { 'K', 10 }, { 'm', 20 }, { 'M', 20 }, { 'g', 30 }, { 'G', 30 },
};

bool wd_amount_bytes(struct wd_bytes text, uint64_t *out)
{
    unsigned shift = 0;
    for (size_t i = 0; text.len && i < WD_COUNT(sizes); i++)
        if (text.at[text.len - 1] == sizes[i].suffix)
            shift = sizes[i].shift;
    if (shift)
        text.len--;
    uint64_t n;
    if (!wd_bytes_uint(text, &n) || n > UINT64_MAX >> shift)
        return false;
    *out = n << shift;
    return true;
}

static const struct { const char *suffix; int64_t seconds; } times[] = {
    { "", 1 }, { "s", 1 }, { "m", 60 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 },
};

bool wd_amount_ns(struct wd_bytes text, int64_t *out)
{
    enum { NS_PER_S = 1000000000 };
    size_t digits = 0;
    while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
        digits++;
    struct wd_bytes suffix = { text.at + digits, text.len - digits };
    uint64_t n;
    if (!wd_bytes_uint(wd_bytes_at(text.at, digits), &n))
        return false;
    for (size_t i = 0; i < WD_COUNT(times); i++) {
        if (!wd_bytes_is(suffix, times[i].suffix))
            continue;
        if (n > (uint64_t)(INT64_MAX / NS_PER_S / times[i].seconds))
            return false;
        *out = (int64_t)n * times[i].seconds * NS_PER_S;
        return true;
    }
    return false;
}
