/* infer/tree.c - the rows of a type, sorted by path, as the fields that they are:
 *
 *     .             root ---- members: type, host, rates
 *     type                                  |      |
 *     host                                  |    entry: {} ---- members: bid
 *     host.name                           members: name
 *     rates
 *     rates{}
 *     rates{}.bid
 */
#include "infer/tree.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/unescape.h"
#include "model/path.h"

struct grower {
    const struct wd_inference *inference;
    const struct wd_type_profile *type;
    struct wd_arena *arena;
    struct wd_inferred *out;
    struct wd_map *known;         /* path -> place in `all` + 1 */
    struct wd_inferred_field **all;
    size_t count, cap;
};

/* --- steps --- */

static struct wd_bytes decode(struct grower *g, struct wd_bytes step)
{
    struct wd_buf text = { 0 };
    if (step.len < 2 || step.at[0] != '"')
        return step;
    if (step.len == 2)
        return wd_bytes_of("");
    wd_unescape(wd_bytes_at(step.at + 1, step.len - 2), &text);
    struct wd_bytes key = wd_arena_copy(g->arena, wd_buf_bytes(&text));
    wd_buf_free(&text);
    return key;
}

static struct wd_inferred_field *make(struct grower *g, struct wd_bytes path)
{
    struct wd_inferred_field *field = wd_arena_new(g->arena, struct wd_inferred_field);
    field->path = path;
    field->formats = WD_STRING_FORMATS_ALL;
    WD_GROW(g->all, g->count, g->cap);
    g->all[g->count++] = field;
    return field;
}

void wd_infer_add_member(struct wd_inferred_field *object, struct wd_inferred_field *member,
                         struct wd_arena *arena)
{
    if (object->member_count == object->member_cap) {
        size_t cap = object->member_cap ? object->member_cap * 2 : 8;
        struct wd_inferred_field **members = wd_arena_array(arena, struct wd_inferred_field *, cap);
        if (object->member_count)
            memcpy(members, object->members, object->member_count * sizeof *members);
        object->members = members;
        object->member_cap = cap;
    }
    object->members[object->member_count++] = member;
}

static struct wd_inferred_field *attach(struct grower *g, struct wd_inferred_field *parent,
                                        struct wd_bytes path, struct wd_bytes step)
{
    struct wd_inferred_field *field = make(g, path);
    if (wd_bytes_is(step, "[]"))
        return parent->element = field;
    if (wd_bytes_is(step, "{}"))
        return parent->entry = field;
    field->key = decode(g, step);
    wd_infer_add_member(parent, field, g->arena);
    return field;
}

/* The field of a path, made with all that holds it. NULL: it is deeper than is described, or no path; *holder
 * is as far as it went. */
static struct wd_inferred_field *reach(struct grower *g, struct wd_bytes path,
                                       struct wd_inferred_field **holder)
{
    struct wd_bytes step;
    size_t off = 0, depth = 0;
    *holder = g->all[0];
    if (wd_bytes_is(path, "."))
        return *holder;
    while (wd_path_next(path, &off, &step)) {
        bool is_new;
        if (++depth > WD_INFER_DEPTH)
            return NULL;
        uint64_t *at = wd_map_put(g->known, wd_bytes_at(path.at, off), &is_new);
        if (is_new) {
            *at = g->count + 1;
            attach(g, *holder, wd_bytes_at(path.at, off), step);
        }
        *holder = g->all[*at - 1];
    }
    return depth && off == path.len ? *holder : NULL;
}

/* --- what a row says --- */

/* Without the values themselves, what their shapes make likely. */
static unsigned formats_of_shapes(const struct wd_row *row)
{
    static const struct { uint8_t shape, format; } pairs[] = {
        { WD_SHAPE_DATETIME, WD_STRING_DATE_TIME }, { WD_SHAPE_DATE, WD_STRING_DATE },
        { WD_SHAPE_EMAIL, WD_STRING_EMAIL },        { WD_SHAPE_UUID, WD_STRING_UUID },
        { WD_SHAPE_IPV4, WD_STRING_IPV4 },          { WD_SHAPE_IPV6, WD_STRING_IPV6 },
        { WD_SHAPE_URL, WD_STRING_URI },
    };
    unsigned formats = 0;
    for (size_t i = 0; i < WD_COUNT(pairs); i++)
        formats |= (unsigned)(row->shapes[pairs[i].shape] == row->shape_values) << pairs[i].format;
    return row->shape_values ? formats : WD_STRING_FORMATS_ALL;
}

static uint32_t types_of(const struct wd_row *row)
{
    uint32_t types = 0;
    for (int t = 0; t < WD_TYPE_COUNT; t++)
        types |= (uint32_t)(row->types[t] > 0) << t;
    return types;
}

/* Called as what tells things apart is called: id, deviceId, user_id, bssid, uuid. Its values are names of
 * things, not states. */
static bool is_identifier(const struct wd_row *row, struct wd_bytes key)
{
    static const char *const ends[] = { "id",    "Id",    "ID",  "key",    "Key",
                                        "token", "Token", "mac", "serial", "hash" };
    for (size_t i = 0; i < WD_COUNT(ends); i++) {
        size_t n = strlen(ends[i]);
        if (key.len >= n && memcmp(key.at + key.len - n, ends[i], n) == 0)
            return true;
    }
    return row->is_entity_key || row->shapes[WD_SHAPE_HEX] || row->shapes[WD_SHAPE_HASH] ||
           row->shapes[WD_SHAPE_HIGH_ENTROPY];
}

/* Values that come back, often enough to be all there are. */
enum { WORD_REPEATS = 10, WORD_LEAST = 2 };

static bool is_enumeration(const struct grower *g, const struct wd_row *row, struct wd_bytes key)
{
    const struct wd_sample *s = row->sample;
    uint64_t strings = row->types[WD_TYPE_STRING];
    return s && s->words && !s->is_over && s->word_count >= WORD_LEAST &&
           row->present >= g->inference->least && strings >= (uint64_t)WORD_REPEATS * s->word_count &&
           strings + row->types[WD_TYPE_NULL] == row->occurrences && !is_identifier(row, key) &&
           !g->inference->is_personal(g->inference->ctx, g->type, row);
}

static void take_words(struct grower *g, struct wd_inferred_field *field, const struct wd_row *row)
{
    if (!g->inference->has_words || !is_enumeration(g, row, field->key))
        return;
    field->words = wd_arena_array(g->arena, struct wd_bytes, row->sample->word_count);
    for (; field->word_count < row->sample->word_count; field->word_count++)
        field->words[field->word_count] =
            wd_arena_copy(g->arena, wd_bytes_at(row->sample->words[field->word_count].text,
                                                row->sample->words[field->word_count].len));
}

/* The value of a discriminator is the name of the type; the sketch knows when it is another. */
static void take_constant(struct grower *g, struct wd_inferred_field *field, const struct wd_row *row)
{
    const struct wd_type_profile *t = g->type;
    struct wd_bytes name = t->discovered.len ? t->discovered : t->name;
    struct wd_buf json = { 0 };
    if (!row->is_discriminator || wd_path_is_entry(row->path) || !row->sketch ||
        types_of(row) != 1u << WD_TYPE_STRING || wd_sketch_count(row->sketch) != 1)
        return;
    wd_path_put_quoted(&json, name);
    if (wd_sketch_has(row->sketch, wd_sketch_hash_json(wd_buf_bytes(&json))) == 1)
        field->constant = name;
    wd_buf_free(&json);
}

static void take_row(struct grower *g, struct wd_inferred_field *field, const struct wd_row *row)
{
    field->types = types_of(row);
    field->messages = row->present;
    field->values = row->occurrences;
    field->objects = row->types[WD_TYPE_OBJECT];
    field->nulls = row->types[WD_TYPE_NULL];
    field->bytes = wd_row_bytes(row);
    field->compared = row->compared;
    field->changed = row->changed;
    field->strings = row->types[WD_TYPE_STRING];
    field->formats = row->sample ? row->sample->formats : formats_of_shapes(row);
    field->has_kinds = row->sample != NULL;
    field->has_negative = row->sample && row->sample->has_negative;
    field->is_wide = row->sample && row->sample->is_wide;
    take_constant(g, field, row);
    take_words(g, field, row);
}

static void take(struct grower *g, const struct wd_row *row)
{
    struct wd_inferred_field *holder;
    if (row->path.len && row->path.at[0] == '(')
        return;
    struct wd_inferred_field *field = reach(g, row->path, &holder);
    if (field) {
        take_row(g, field, row);
        return;
    }
    holder->is_left_open = true;
    holder->bytes += wd_row_bytes(row);
    g->out->unreadable++;
}

/* --- from the leaves to the root --- */

static int by_bytes(const void *a, const void *b)
{
    const struct wd_inferred_field *x = *(struct wd_inferred_field *const *)a,
                                   *y = *(struct wd_inferred_field *const *)b;
    if (x->constant.len != 0 || y->constant.len != 0)
        return (x->constant.len == 0) - (y->constant.len == 0);
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return wd_bytes_cmp(x->key, y->key);
}

static bool is_declared_class(const struct grower *g, const struct wd_inferred_field *field)
{
    return g->inference->is_class && g->inference->is_class(g->inference->ctx, g->type, field->path);
}

static void settle(struct grower *g, struct wd_inferred_field *field)
{
    struct wd_inferred_field *const inner[] = { field->element, field->entry };
    for (size_t i = 0; i < field->member_count; i++) {
        settle(g, field->members[i]);
        field->bytes += field->members[i]->bytes;
    }
    for (size_t i = 0; i < WD_COUNT(inner); i++) {
        if (!inner[i])
            continue;
        settle(g, inner[i]);
        field->bytes += inner[i]->bytes;
    }
    if (wd_infer_is_map(field) && !is_declared_class(g, field)) {
        wd_infer_make_map(field, g->arena);
        g->out->maps++;
    }
    if (field->member_count)
        qsort(field->members, field->member_count, sizeof *field->members, by_bytes);
    g->out->left_open += field->is_left_open;
}

/* Once it is known which fields there are: what a map's keys lead to was joined. What tells messages apart
 * needs no number of them: a message that lacks it is another. */
static void require(struct grower *g, struct wd_inferred_field *field)
{
    for (size_t i = 0; i < field->member_count; i++) {
        struct wd_inferred_field *member = field->members[i];
        bool is_always =
            field->objects && member->values >= field->objects && member->messages >= field->messages;
        member->is_required = is_always && (field->messages >= g->inference->least || member->constant.len);
        require(g, member);
    }
    if (field->element)
        require(g, field->element);
    if (field->entry)
        require(g, field->entry);
}

struct wd_inferred_field *wd_infer_tree(const struct wd_inference *inference,
                                        const struct wd_type_profile *type, struct wd_arena *arena,
                                        struct wd_inferred *out)
{
    struct grower g = {
        .inference = inference, .type = type, .arena = arena, .out = out, .known = wd_map_open()
    };
    struct wd_inferred_field *root = make(&g, wd_bytes_of("."));
    for (size_t r = 0; r < type->row_count; r++)
        take(&g, &type->rows[r]);
    settle(&g, root);
    require(&g, root);
    wd_map_close(g.known);
    wd_free(g.all);
    return root->types || root->member_count || root->element || root->entry ? root : NULL;
}
