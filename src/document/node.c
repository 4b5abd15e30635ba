#include "document/document.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/nearest.h"

/* ---- look-up ---- */

static const struct wd_node *find_indexed(const struct wd_node *node, struct wd_bytes key)
{
    size_t low = 0, high = node->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = wd_bytes_cmp(node->index[middle]->key, key);
        if (c == 0)
            return node->index[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct wd_node *find_own(const struct wd_node *node, struct wd_bytes key)
{
    if (node->index)
        return find_indexed(node, key);
    const struct wd_node *member = node->first;
    while (member && !wd_bytes_eq(member->key, key))
        member = member->next;
    return member;
}

static const struct wd_node *find_merge(const struct wd_node *node)
{
    const struct wd_node *member = find_own(node, wd_bytes_of("<<"));
    return member && member->is_merge ? member : NULL;
}

/* The maps that `<<` names are parts of the tree, whose depth is limited also through aliases: so is this
 * recursion. */
const struct wd_node *wd_node_get_bytes(const struct wd_node *node, struct wd_bytes key)
{
    if (!node || node->kind != WD_NODE_MAP)
        return NULL;
    const struct wd_node *member = find_own(node, key);
    if (member && !member->is_merge)
        return member;
    const struct wd_node *merge = find_merge(node);
    if (!merge || merge->kind == WD_NODE_MAP)
        return wd_node_get_bytes(merge, key);
    for (const struct wd_node *item = merge->first; item; item = item->next) {
        member = wd_node_get_bytes(item, key);
        if (member)
            return member;
    }
    return NULL;
}

const struct wd_node *wd_node_get(const struct wd_node *node, const char *key)
{
    return wd_node_get_bytes(node, wd_bytes_of(key));
}

struct collector {
    const struct wd_node *root;
    const struct wd_node **members;
    size_t count, cap;
};

/* What the root finds under a key is what counts; the same member reached twice (a map merged twice) is taken
 * once. */
static void collect(struct collector *c, const struct wd_node *map)
{
    for (const struct wd_node *member = map->first; member; member = member->next) {
        if (member->is_merge || wd_node_get_bytes(c->root, member->key) != member)
            continue;
        WD_GROW(c->members, c->count, c->cap);
        c->members[c->count++] = member;
    }
    const struct wd_node *merge = find_merge(map);
    if (!merge)
        return;
    if (merge->kind == WD_NODE_MAP)
        collect(c, merge);
    else
        for (const struct wd_node *item = merge->first; item; item = item->next)
            collect(c, item);
}

static int by_text_order(const void *a, const void *b)
{
    size_t x = (*(const struct wd_node *const *)a)->key_span.off,
           y = (*(const struct wd_node *const *)b)->key_span.off;
    return (x > y) - (x < y);
}

/* Borrowed members in the order of the text, each once. */
static size_t unite(const struct wd_node **members, size_t count, size_t own)
{
    if (count == own)
        return count;
    qsort(members + own, count - own, sizeof *members, by_text_order);
    size_t kept = own;
    for (size_t i = own; i < count; i++)
        if (i == own || members[i] != members[kept - 1])
            members[kept++] = members[i];
    return kept;
}

size_t wd_node_members(const struct wd_node *node, struct wd_arena *arena, const struct wd_node *const **out)
{
    if (!node || node->kind != WD_NODE_MAP)
        return 0;
    struct collector c = { .root = node };
    collect(&c, node);
    size_t own = node->count - (find_merge(node) ? 1 : 0);
    c.count = unite(c.members, c.count, own < c.count ? own : c.count);
    const struct wd_node **members = wd_arena_array(arena, const struct wd_node *, c.count);
    if (c.count)
        memcpy(members, c.members, c.count * sizeof *members);
    wd_free(c.members);
    *out = members;
    return c.count;
}

/* ---- names and places ---- */

const char *wd_node_kind_name(const struct wd_node *node)
{
    static const char *const names[] = { "nothing",  "a boolean", "an integer", "a number",
                                         "a string", "a list",    "a map" };
    return node ? names[node->kind] : "nothing";
}

static struct wd_place place_of(const struct wd_document *document, struct wd_span span)
{
    return (struct wd_place){ .file = document->name,
                              .line = span.line,
                              .column = span.column,
                              .offset = span.off,
                              .has_offset = true };
}

struct wd_place wd_node_place(const struct wd_document *document, const struct wd_node *node)
{
    return place_of(document, node ? node->span : document->root->span);
}

struct wd_place wd_node_key_place(const struct wd_document *document, const struct wd_node *node)
{
    return node && node->key_span.line ? place_of(document, node->key_span) : wd_node_place(document, node);
}

/* ---- typed reads ---- */

static int fail_kind(const struct wd_document *d, const struct wd_node *n, const char *expected,
                     const char *remedy, struct wd_err *err)
{
    struct wd_shown shown;
    if (n && n->key.len)
        return wd_fail(err, WD_EPARSE, wd_node_place(d, n), "'%s' needs %s, found %s; %s",
                       wd_show(&shown, n->key), expected, wd_node_kind_name(n), remedy);
    return wd_fail(err, WD_EPARSE, wd_node_place(d, n), "expected %s, found %s; %s", expected,
                   wd_node_kind_name(n), remedy);
}

int wd_node_string(const struct wd_document *d, const struct wd_node *n, struct wd_bytes *out,
                   struct wd_err *err)
{
    if (!n || n->kind != WD_NODE_STRING)
        return fail_kind(d, n, "a string", "write text, in quotes if it looks like something else", err);
    *out = n->text;
    return WD_OK;
}

int wd_node_uint(const struct wd_document *d, const struct wd_node *n, uint64_t *out, struct wd_err *err)
{
    if (!n || n->kind != WD_NODE_INTEGER || !wd_bytes_uint(n->text, out))
        return fail_kind(d, n, "a whole number from 0 to 18446744073709551615", "write it in decimal digits",
                         err);
    return WD_OK;
}

int wd_node_number(const struct wd_document *d, const struct wd_node *n, double *out, struct wd_err *err)
{
    if (n && (n->kind == WD_NODE_INTEGER || n->kind == WD_NODE_NUMBER)) {
        char *end;
        double value = strtod((const char *)n->text.at, &end);
        if (*end == '\0' && isfinite(value)) {
            *out = value;
            return WD_OK;
        }
    }
    return fail_kind(d, n, "a number", "write it like 0.05", err);
}

int wd_node_boolean(const struct wd_document *d, const struct wd_node *n, bool *out, struct wd_err *err)
{
    if (!n || n->kind != WD_NODE_BOOLEAN)
        return fail_kind(d, n, "true or false", "'yes' and 'on' are text here", err);
    *out = n->text.at[0] == 't' || n->text.at[0] == 'T';
    return WD_OK;
}

/* ---- known members ---- */

static bool is_known(struct wd_bytes key, const char *const *known)
{
    for (; *known; known++)
        if (wd_bytes_is(key, *known))
            return true;
    return false;
}

static int fail_unknown(const struct wd_document *d, const struct wd_node *member, const char *const *known,
                        struct wd_err *err)
{
    struct wd_shown shown, best;
    struct wd_nearest nearest = { .name = member->key };
    for (size_t i = 0; known[i]; i++)
        wd_nearest_try(&nearest, wd_bytes_of(known[i]));
    struct wd_place at = wd_node_key_place(d, member);
    if (nearest.best.len)
        return wd_fail(err, WD_EPARSE, at, "'%s' is not known here; did you mean '%s'?",
                       wd_show(&shown, member->key), wd_show(&best, nearest.best));
    struct wd_buf list = { 0 };
    for (size_t i = 0; known[i]; i++)
        wd_buf_printf(&list, "%s'%s'", i ? ", " : "", known[i]);
    int rc = wd_fail(err, WD_EPARSE, at, "'%s' is not known here; there is %s", wd_show(&shown, member->key),
                     wd_buf_cstr(&list));
    wd_buf_free(&list);
    return rc;
}

int wd_node_known(const struct wd_document *d, const struct wd_node *n, const char *const *known,
                  struct wd_err *err)
{
    if (!n || n->kind != WD_NODE_MAP)
        return fail_kind(d, n, "a map", "write 'key: value' lines", err);
    for (const struct wd_node *member = n->first; member; member = member->next)
        if (!member->is_merge && !is_known(member->key, known))
            return fail_unknown(d, member, known, err);
    return WD_OK;
}
