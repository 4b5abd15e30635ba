#include "base/bytes.h"

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool wd_bytes_is_nocase(struct wd_bytes a, const char *literal)
{
    size_t i = 0;
    for (; i < a.len && literal[i]; i++)
        if (lower(a.at[i]) != lower((uint8_t)literal[i]))
            return false;
    return i == a.len && !literal[i];
}

struct wd_bytes wd_bytes_trim(struct wd_bytes a)
{
    while (a.len && (a.at[0] == ' ' || a.at[0] == '\t'))
        a.at++, a.len--;
    while (a.len && (a.at[a.len - 1] == ' ' || a.at[a.len - 1] == '\t'))
        a.len--;
    return a;
}

bool wd_bytes_uint(struct wd_bytes a, uint64_t *out)
{
    uint64_t v = 0;
    if (a.len == 0)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (a.at[i] < '0' || a.at[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, a.at[i] - '0', &v))
            return false;
    }
    *out = v;
    return true;
}
