/* Walking an Avro type:
 *
 *     record { id: long, legs: array of record { px: double }, fee: [null, double] }
 *
 *     .               object
 *     id              integer
 *     legs            array
 *     legs[]          object
 *     legs[].px       number
 *     fee             null or number: each branch makes a set of its own, and they are united
 *
 * A field is declared by its object in `fields`; elements and entries by what stands under `items` or
 * `values`, which cannot go by itself. The chain holds the types from the payload down to here.
 */
#include "schema/avro.h"

#include <inttypes.h>

#include "model/path.h"
#include "schema/fieldset.h"
#include "schema/jsonschema.h"

struct spot {
    struct wd_bytes path; /* "" is the root here */
    size_t parent_len;
    const struct wd_document *document;
    const struct wd_node *node; /* where the type is asked for */
    bool is_shared;
};

struct walk {
    struct wd_loader *loader;
    struct wd_arena *arena;
    const struct wd_limits *limits;
    const struct wd_node **chain;
    size_t depth, cap;
    struct wd_map *paths; /* kept once each: address of the copy */
    struct wd_buf scratch;
    bool *states_wirediet;
};

static int apply(struct walk *w, const struct wd_avro_type *type, struct spot spot, struct wd_fieldset *out);

static int fail_at(struct walk *w, struct spot spot, const char *what, const char *remedy)
{
    return wd_fail(w->loader->err, WD_EPARSE, wd_node_key_place(spot.document, spot.node), "%s; %s", what,
                   remedy);
}

static struct wd_entry *entry_at(struct spot spot, struct wd_fieldset *out)
{
    return wd_fieldset_put(out, spot.path.len ? spot.path : wd_bytes_of("."), spot.parent_len);
}

/* ---- steps ---- */

/* `name` NULL: `step` is [] or {}. */
static int step_down(struct walk *w, struct spot above, const struct wd_bytes *name, const char *step,
                     struct spot *out)
{
    bool is_new;
    wd_buf_reset(&w->scratch);
    wd_buf_put(&w->scratch, above.path);
    if (name)
        wd_path_put_member(&w->scratch, *name);
    else
        wd_buf_puts(&w->scratch, step);
    struct wd_bytes path = wd_buf_bytes(&w->scratch);
    if (path.len > w->limits->path)
        return fail_at(w, above, "this field's path is too long", "raise it with --limit path=...");
    uint64_t *kept = wd_map_put(w->paths, path, &is_new);
    if (is_new)
        *kept = (uint64_t)(uintptr_t)wd_arena_copy(w->arena, path).at;
    path.at = (const uint8_t *)(uintptr_t)*kept;
    *out = (struct spot){path, above.path.len, above.document, above.node, above.is_shared};
    return WD_OK;
}

/* A type that is defined outside of where it is asked for is asked for elsewhere, too. */
static bool is_defined_at(const struct wd_avro_type *type, const struct wd_node *node)
{
    const struct wd_node *up = type->node;
    while (up && up != node)
        up = up->parent;
    return up != NULL;
}

/* ---- records ---- */

static struct wd_bytes text_of(const struct wd_node *node, const char *key)
{
    return wd_site_text((struct wd_site){NULL, wd_node_get(node, key)});
}

static void keep_text(struct wd_bytes *into, const struct wd_node *node, const char *key)
{
    if (!into->len)
        *into = text_of(node, key);
}

/* What a field says of itself: its doc, its default, and attributes that are wirediet's own. */
static void describe(struct walk *w, const struct wd_avro_type *record, const struct wd_avro_field *field,
                     struct wd_entry *entry)
{
    const struct wd_node *value = wd_node_get(field->node, "default");
    struct wd_schema_field *f = &entry->field;
    struct wd_site site = {(struct wd_document *)(uintptr_t)record->document, field->node};
    wd_keywords_annotate(site, entry, w->states_wirediet);
    keep_text(&f->description, field->node, "doc");
    keep_text(&f->purpose, field->node, "purpose");
    keep_text(&f->owner, field->node, "owner");
    keep_text(&f->changes, field->node, "changes");
    f->is_described = f->description.len > 0;
    *w->states_wirediet |= f->purpose.len || f->owner.len || f->changes.len;
    if (!value || f->has_default)
        return;
    f->has_default = true;
    f->default_value.json = wd_node_canonical(value, w->arena);
}

static int apply_field(struct walk *w, const struct wd_avro_type *record, const struct wd_avro_field *field,
                       struct spot spot, struct wd_fieldset *out)
{
    struct spot below = {0};
    TRY(step_down(w, spot, &field->name, NULL, &below));
    struct wd_decl decl = {.document = record->document,
                           .object = record->node,
                           .container = field->node->parent,
                           .member = field->node,
                           .at = wd_node_place(record->document, field->node),
                           .is_shared = spot.is_shared,
                           .avro = field};
    below.document = record->document;
    below.node = field->node;
    struct wd_entry *entry = entry_at(below, out);
    wd_entry_add_decl(out, entry, &decl);
    entry->field.is_required = true;
    describe(w, record, field, entry);
    return apply(w, field->type, below, out);
}

static int apply_record(struct walk *w, const struct wd_avro_type *type, struct spot spot,
                        struct wd_fieldset *out)
{
    size_t returns = 0;
    for (size_t i = 0; i + 1 < w->depth; i++)
        returns += w->chain[i] == type->node;
    struct wd_entry *entry = entry_at(spot, out);
    if (returns > 1) {
        entry->field.is_free = true;
        return WD_OK;
    }
    entry->field.is_closed = true;
    spot.is_shared |= spot.path.len && !is_defined_at(type, spot.node);
    for (size_t i = 0; i < type->count; i++)
        TRY(apply_field(w, type, &type->fields[i], spot, out));
    return WD_OK;
}

/* ---- arrays, maps, enums ---- */

static int apply_items(struct walk *w, const struct wd_avro_type *type, struct spot spot,
                       struct wd_fieldset *out)
{
    bool is_map = type->kind == WD_AVRO_MAP;
    struct spot below = {0};
    TRY(step_down(w, spot, NULL, is_map ? "{}" : "[]", &below));
    const struct wd_node *items = wd_node_get(type->node, is_map ? "values" : "items");
    struct wd_decl decl = {.document = type->document,
                           .object = type->node,
                           .member = items,
                           .at = wd_node_key_place(type->document, items),
                           .is_shared = spot.is_shared};
    struct wd_entry *entry = entry_at(below, out);
    wd_entry_add_decl(out, entry, &decl);
    entry->field.is_map = is_map;
    return apply(w, type->branches[0], below, out);
}

static void apply_symbols(struct walk *w, const struct wd_avro_type *type, struct wd_entry *entry)
{
    const struct wd_node *list = wd_node_get(type->node, "symbols");
    struct wd_constant *constants = wd_arena_array(w->arena, struct wd_constant, list->count);
    size_t n = 0;
    for (const struct wd_node *symbol = list->first; symbol; symbol = symbol->next)
        constants[n++].json = wd_node_canonical(symbol, w->arena);
    if (n <= WD_FIELDSET_MANY)
        wd_entry_restrict(entry, constants, n, false, w->arena);
}

static void apply_null(struct walk *w, struct wd_entry *entry)
{
    struct wd_constant *constant = wd_arena_new(w->arena, struct wd_constant);
    constant->json = wd_bytes_of("null");
    wd_entry_restrict(entry, constant, 1, true, w->arena);
}

/* ---- unions ---- */

static int apply_branches(struct walk *w, const struct wd_avro_type *type, struct spot spot,
                          struct wd_fieldset *sets, size_t *done)
{
    for (; *done < type->count; ++*done) {
        struct wd_fieldset *set = &sets[*done];
        *set = wd_fieldset_open(w->arena);
        struct wd_entry *entry = entry_at(spot, set);
        entry->is_declared = true;
        entry->parent_len = SIZE_MAX; /* the set's own top */
        int rc = apply(w, type->branches[*done], spot, set);
        if (rc < 0) {
            ++*done;
            return rc;
        }
    }
    return WD_OK;
}

static int apply_union(struct walk *w, const struct wd_avro_type *type, struct spot spot,
                       struct wd_fieldset *out)
{
    size_t done = 0;
    if (!type->count)
        return WD_OK;
    struct wd_fieldset *sets = wd_realloc(NULL, type->count, sizeof *sets);
    int rc = apply_branches(w, type, spot, sets, &done);
    if (rc >= 0)
        wd_fieldset_and_either(out, sets, done);
    wd_fieldset_free_all(sets, done);
    return rc;
}

/* ---- any of them ---- */

static const uint32_t types_of[] = {
    [WD_AVRO_NULL] = 1u << WD_TYPE_NULL,
    [WD_AVRO_BOOLEAN] = 1u << WD_TYPE_BOOLEAN,
    [WD_AVRO_INT] = 1u << WD_TYPE_INTEGER,
    [WD_AVRO_LONG] = 1u << WD_TYPE_INTEGER,
    [WD_AVRO_FLOAT] = 1u << WD_TYPE_NUMBER | 1u << WD_TYPE_INTEGER,
    [WD_AVRO_DOUBLE] = 1u << WD_TYPE_NUMBER | 1u << WD_TYPE_INTEGER,
    [WD_AVRO_BYTES] = 1u << WD_TYPE_BYTES,
    [WD_AVRO_STRING] = 1u << WD_TYPE_STRING,
    [WD_AVRO_RECORD] = 1u << WD_TYPE_OBJECT,
    [WD_AVRO_ENUM] = 1u << WD_TYPE_STRING,
    [WD_AVRO_ARRAY] = 1u << WD_TYPE_ARRAY,
    [WD_AVRO_MAP] = 1u << WD_TYPE_OBJECT,
    [WD_AVRO_FIXED] = 1u << WD_TYPE_BYTES,
    [WD_AVRO_UNION] = 0,
};

static int apply_kind(struct walk *w, const struct wd_avro_type *type, struct spot spot,
                      struct wd_fieldset *out)
{
    struct wd_entry *entry = entry_at(spot, out);
    if (types_of[type->kind])
        wd_entry_restrict_types(entry, types_of[type->kind]);
    if (!entry->field.format.len)
        entry->field.format = type->logical;
    switch ((enum wd_avro_kind)type->kind) {
    case WD_AVRO_RECORD:
        return apply_record(w, type, spot, out);
    case WD_AVRO_ARRAY:
    case WD_AVRO_MAP:
        return apply_items(w, type, spot, out);
    case WD_AVRO_UNION:
        return apply_union(w, type, spot, out);
    case WD_AVRO_ENUM:
        apply_symbols(w, type, entry);
        return WD_OK;
    case WD_AVRO_NULL:
        apply_null(w, entry);
        return WD_OK;
    default:
        return WD_OK;
    }
}

/* Types that many ask for are walked for each of them: allowed, but not without end. */
enum { UNFOLD = 4 };

static int check_size(struct walk *w, struct spot spot, const struct wd_fieldset *out)
{
    if (out->count > w->limits->fields)
        return wd_fail(w->loader->err, WD_EPARSE, wd_node_key_place(spot.document, spot.node),
                       "more than %" PRIu64 " fields in one message; raise it with --limit fields=...",
                       w->limits->fields);
    if (++w->loader->visited / UNFOLD > w->limits->yaml_nodes)
        return fail_at(w, spot, "the types unfold to too many values",
                       "raise it with --limit yaml-nodes=...");
    return out->is_too_large
               ? fail_at(w, spot, "one field has too many declarations or symbols", "split the schema")
               : WD_OK;
}

/* The recursion is bounded by `schema-depth`. */
static int apply(struct walk *w, const struct wd_avro_type *type, struct spot spot, struct wd_fieldset *out)
{
    if (w->depth >= w->limits->schema_depth)
        return fail_at(w, spot, "types are nested too deep here", "raise it with --limit schema-depth=...");
    WD_GROW(w->chain, w->depth, w->cap);
    w->chain[w->depth++] = type->node;
    int rc = apply_kind(w, type, spot, out);
    w->depth--;
    return rc < 0 ? rc : check_size(w, spot, out);
}

int wd_avro_flatten(struct wd_loader *loader, const struct wd_avro_type *type, struct wd_schema_message *out)
{
    struct walk w = {.loader = loader,
                     .arena = loader->arena,
                     .limits = loader->resolver.limits,
                     .paths = wd_map_open(),
                     .states_wirediet = &out->states_wirediet};
    struct spot root = {
        .path = wd_bytes_of(""), .parent_len = SIZE_MAX, .document = out->document, .node = out->payload};
    struct wd_fieldset set = wd_fieldset_open(w.arena);
    struct wd_decl decl = {.document = out->document,
                           .object = out->payload,
                           .member = out->payload,
                           .at = wd_node_key_place(out->document, out->payload)};
    wd_entry_add_decl(&set, entry_at(root, &set), &decl);
    int rc = apply(&w, type, root, &set);
    if (rc >= 0)
        wd_fieldset_finish(&set, w.arena, &out->fields, &out->field_count);
    wd_fieldset_free(&set);
    wd_free(w.chain);
    wd_map_close(w.paths);
    wd_buf_free(&w.scratch);
    return rc;
}
