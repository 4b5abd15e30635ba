#include "model/nested.h"

#include "base/arena.h"
#include "model/profile.h"

static const char any_key[] = "{}", any_element[] = "[]";

struct wd_nested *wd_nested_open(const char *codec)
{
    struct wd_nested *nested = wd_alloc(sizeof *nested);
    nested->codec = codec;
    return nested;
}

void wd_nested_close(struct wd_nested *nested)
{
    if (nested)
        wd_free(nested->members);
    wd_free(nested);
}

/* Where the member of that path stands, or would. */
static size_t place_of(const struct wd_nested *nested, struct wd_bytes path)
{
    size_t at = 0;
    while (at < nested->member_count && wd_bytes_cmp(wd_nested_path(&nested->members[at]), path) < 0)
        at++;
    return at;
}

static void add_sums(struct wd_nested *nested, struct wd_bytes path, uint64_t values, uint64_t bytes)
{
    size_t at = place_of(nested, path);
    WD_GROW(nested->members, nested->member_count, nested->member_cap);
    struct wd_nested_member *m = &nested->members[at];
    if (at == nested->member_count || !wd_bytes_eq(wd_nested_path(m), path)) {
        memmove(m + 1, m, (nested->member_count++ - at) * sizeof *m);
        *m = (struct wd_nested_member){ .path_len = (uint8_t)path.len };
        memcpy(m->path, path.at, path.len);
    }
    m->values += values;
    m->bytes += bytes;
}

/* All names are one now. */
static void fold(struct wd_nested *nested)
{
    struct wd_nested_member old[WD_NESTED_MEMBERS + 1];
    size_t count = nested->member_count;
    memcpy(old, nested->members, count * sizeof *old);
    nested->member_count = 0;
    nested->is_folded = true;
    for (size_t i = 0; i < count; i++) {
        bool is_element = wd_bytes_is(wd_nested_path(&old[i]), any_element);
        add_sums(nested, wd_bytes_of(is_element ? any_element : any_key), old[i].values, old[i].bytes);
    }
}

void wd_nested_add_member(struct wd_nested *nested, struct wd_bytes path, uint64_t values, uint64_t bytes)
{
    bool is_name = !wd_bytes_is(path, any_element);
    if (path.len > WD_NESTED_PATH || (is_name && nested->is_folded))
        path = wd_bytes_of(any_key);
    add_sums(nested, path, values, bytes);
    if (nested->member_count > WD_NESTED_MEMBERS)
        fold(nested);
}

void wd_nested_add(struct wd_nested **into, const struct wd_nested *from)
{
    if (!from)
        return;
    if (!*into)
        *into = wd_nested_open(from->codec);
    struct wd_nested *n = *into;
    if (strcmp(n->codec, from->codec) != 0)
        n->codec = WD_CODEC_MIXED;
    n->values += from->values;
    n->base64 += from->base64;
    n->bytes += from->bytes;
    n->waste_bytes += from->waste_bytes;
    if (from->is_folded && !n->is_folded && n->member_count)
        fold(n);
    n->is_folded |= from->is_folded;
    for (size_t i = 0; i < from->member_count; i++)
        wd_nested_add_member(n, wd_nested_path(&from->members[i]), from->members[i].values,
                             from->members[i].bytes);
}
