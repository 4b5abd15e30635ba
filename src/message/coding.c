#include "message/coding.h"

#define CODINGS(X) X(gzip) X(deflate) X(br) X(zstd)
#define DECLARE(name) extern const struct wd_coding wd_coding_##name;
CODINGS(DECLARE)
#undef DECLARE
#define ROW(name) &wd_coding_##name,
static const struct wd_coding *const codings[] = { CODINGS(ROW) };
#undef ROW

const struct wd_coding *wd_coding_find(struct wd_bytes name)
{
    for (size_t i = 0; i < WD_COUNT(codings); i++)
        if (wd_bytes_is_nocase(name, codings[i]->name) ||
            (codings[i]->alias && wd_bytes_is_nocase(name, codings[i]->alias)))
            return codings[i];
    return NULL;
}
