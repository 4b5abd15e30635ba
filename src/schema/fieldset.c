#include "schema/fieldset.h"

#include <stdlib.h>

enum {
    OBJECT = 1u << WD_TYPE_OBJECT,
    ARRAY = 1u << WD_TYPE_ARRAY,
};

/* ---- the table ---- */

struct wd_fieldset wd_fieldset_open(struct wd_arena *arena)
{
    return (struct wd_fieldset){ .arena = arena, .index = wd_map_open() };
}

void wd_fieldset_free(struct wd_fieldset *set)
{
    wd_map_close(set->index);
    wd_free(set->entries);
}

struct wd_entry *wd_fieldset_find(const struct wd_fieldset *set, struct wd_bytes path)
{
    const uint64_t *at = wd_map_get(set->index, path);
    return at ? &set->entries[*at] : NULL;
}

struct wd_entry *wd_fieldset_put(struct wd_fieldset *set, struct wd_bytes path, size_t parent_len)
{
    bool is_new;
    uint64_t *at = wd_map_put(set->index, path, &is_new);
    if (!is_new)
        return &set->entries[*at];
    *at = set->count;
    WD_GROW(set->entries, set->count, set->cap);
    struct wd_entry *entry = &set->entries[set->count++];
    *entry = (struct wd_entry){ .field.path = path, .parent_len = parent_len };
    return entry;
}

static const struct wd_entry *parent_of(const struct wd_fieldset *set, const struct wd_entry *entry)
{
    if (entry->parent_len == SIZE_MAX)
        return NULL;
    struct wd_bytes path =
        entry->parent_len ? wd_bytes_at(entry->field.path.at, entry->parent_len) : wd_bytes_of(".");
    return wd_fieldset_find(set, path);
}

/* ---- declarations and constants ---- */

void wd_entry_add_decl(struct wd_fieldset *set, struct wd_entry *entry, const struct wd_decl *decl)
{
    struct wd_schema_field *f = &entry->field;
    entry->is_declared = true;
    for (size_t i = 0; i < f->decl_count; i++)
        if (f->decls[i].member == decl->member && f->decls[i].document == decl->document)
            return;
    if (f->decl_count == WD_FIELDSET_MANY) {
        set->is_too_large = true;
        return;
    }
    if (f->decl_count == entry->decl_cap) {
        size_t cap = entry->decl_cap ? entry->decl_cap * 2 : 1;
        struct wd_decl *decls = wd_arena_array(set->arena, struct wd_decl, cap);
        if (f->decl_count)
            memcpy(decls, f->decls, f->decl_count * sizeof *decls);
        entry->decl_cap = cap;
        f->decls = entry->decls = decls;
    }
    entry->decls[f->decl_count++] = *decl;
}

static void add_decls(struct wd_fieldset *set, struct wd_entry *into, const struct wd_entry *from)
{
    for (size_t i = 0; i < from->field.decl_count; i++)
        wd_entry_add_decl(set, into, &from->field.decls[i]);
}

static bool holds(const struct wd_constant *constants, size_t count, struct wd_bytes json)
{
    for (size_t i = 0; i < count; i++)
        if (wd_bytes_eq(constants[i].json, json))
            return true;
    return false;
}

static void set_constants(struct wd_schema_field *f, const struct wd_constant *constants, size_t count,
                          bool is_const)
{
    f->constants = constants;
    f->constant_count = count;
    f->has_const = count && is_const && count == 1;
    f->has_enum = count && !f->has_const;
}

/* What both allow; where they exclude each other the first stands: a schema that nothing fits is no help. */
void wd_entry_restrict(struct wd_entry *entry, const struct wd_constant *constants, size_t count,
                       bool is_const, struct wd_arena *arena)
{
    struct wd_schema_field *f = &entry->field;
    if (!f->constant_count) {
        set_constants(f, constants, count, is_const);
        return;
    }
    struct wd_constant *both = wd_arena_array(arena, struct wd_constant, f->constant_count);
    size_t n = 0;
    for (size_t i = 0; i < f->constant_count; i++)
        if (holds(constants, count, f->constants[i].json))
            both[n++] = f->constants[i];
    if (n)
        set_constants(f, both, n, f->has_const || is_const);
}

static void add_constant(struct wd_fieldset *set, struct wd_entry *entry, struct wd_constant constant)
{
    struct wd_schema_field *f = &entry->field;
    if (holds(f->constants, f->constant_count, constant.json))
        return;
    if (f->constant_count >= WD_FIELDSET_MANY) {
        set->is_too_large = true;
        return;
    }
    if (!entry->constants || f->constant_count == entry->constant_cap) {
        entry->constant_cap = f->constant_count * 2 + 2;
        entry->constants = wd_arena_array(set->arena, struct wd_constant, entry->constant_cap);
        memcpy(entry->constants, f->constants, f->constant_count * sizeof *f->constants);
        f->constants = entry->constants;
    }
    entry->constants[f->constant_count++] = constant;
}

/* What either allows; an alternative that allows anything lifts the restriction. */
static void unite_constants(struct wd_fieldset *set, struct wd_entry *into,
                            const struct wd_schema_field *from)
{
    struct wd_schema_field *f = &into->field;
    bool is_const = f->has_const && from->has_const;
    if (!f->constant_count || !from->constant_count) {
        set_constants(f, NULL, 0, false);
        into->constants = NULL;
        return;
    }
    for (size_t i = 0; i < from->constant_count; i++)
        add_constant(set, into, from->constants[i]);
    set_constants(f, f->constants, f->constant_count, is_const);
}

void wd_entry_restrict_types(struct wd_entry *entry, uint32_t types)
{
    uint32_t both = entry->field.types & types;
    if (!entry->field.types)
        entry->field.types = types;
    else if (types && both)
        entry->field.types = both;
}

/* ---- words ---- */

static void keep_first(struct wd_bytes *into, struct wd_bytes from)
{
    if (!into->len)
        *into = from;
}

static void add_words(struct wd_schema_field *into, const struct wd_schema_field *from)
{
    keep_first(&into->format, from->format);
    keep_first(&into->description, from->description);
    keep_first(&into->purpose, from->purpose);
    keep_first(&into->owner, from->owner);
    keep_first(&into->changes, from->changes);
    keep_first(&into->privacy_category, from->privacy_category);
    into->is_described |= from->is_described;
    into->is_map |= from->is_map;
    if (!into->privacy || from->privacy > 0)
        into->privacy = from->privacy;
    if (!into->has_default && from->has_default)
        into->default_value = from->default_value;
    into->has_default |= from->has_default;
}

/* ---- both apply ---- */

static void and_entry(struct wd_fieldset *set, struct wd_entry *into, const struct wd_entry *from)
{
    struct wd_schema_field *a = &into->field;
    const struct wd_schema_field *b = &from->field;
    bool a_was_declared = into->is_declared;
    wd_entry_restrict_types(into, b->types);
    if (b->constant_count)
        wd_entry_restrict(into, b->constants, b->constant_count, b->has_const, set->arena);
    a->is_required |= b->is_required;
    if (from->is_declared)
        a->is_conditional = a_was_declared ? a->is_conditional && b->is_conditional : b->is_conditional;
    a->is_closed |= b->is_closed;
    a->is_free |= b->is_free;
    a->is_deprecated |= b->is_deprecated;
    into->says_open |= from->says_open;
    add_words(a, b);
    add_decls(set, into, from);
    into->is_declared |= from->is_declared;
}

void wd_fieldset_and(struct wd_fieldset *into, const struct wd_fieldset *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct wd_entry *entry = &from->entries[i];
        and_entry(into, wd_fieldset_put(into, entry->field.path, entry->parent_len), entry);
    }
    into->is_too_large |= from->is_too_large;
}

/* ---- one of several applies ---- */

static bool is_element(const struct wd_entry *entry)
{
    return entry->field.path.len >= 2 && entry->field.path.at[entry->field.path.len - 1] == ']';
}

static bool is_without(const struct wd_entry *entry, uint32_t container)
{
    return entry->is_declared && entry->field.types && !(entry->field.types & container);
}

static void or_entry(struct wd_fieldset *set, struct wd_entry *into, const struct wd_entry *from)
{
    struct wd_schema_field *a = &into->field;
    const struct wd_schema_field *b = &from->field;
    a->types = a->types && b->types ? a->types | b->types : 0;
    unite_constants(set, into, b);
    a->is_required &= b->is_required;
    a->is_conditional |= b->is_conditional;
    a->is_closed &= b->is_closed;
    a->is_free |= b->is_free;
    a->is_deprecated &= b->is_deprecated;
    into->says_open |= from->says_open;
    add_words(a, b);
    add_decls(set, into, from);
    into->is_declared |= from->is_declared;
}

/* Types of a map's alternatives that are no object say nothing about closed: null is closed to everything. */
static bool is_bare(const struct wd_entry *entry)
{
    return entry->field.types && !(entry->field.types & OBJECT);
}

static void start(struct wd_entry *into, const struct wd_entry *from)
{
    *into = *from;
    into->decl_cap = into->field.decl_count;   /* the arrays are still the other's: grow elsewhere */
    into->constants = NULL;
    into->sets = into->sets_bare_parent = into->no_objects = into->no_arrays = 0;
}

static void or_one(struct wd_fieldset *set, const struct wd_fieldset *from_set, const struct wd_entry *from)
{
    const struct wd_entry *parent = parent_of(from_set, from);
    struct wd_entry *into = wd_fieldset_put(set, from->field.path, from->parent_len);
    if (into->sets == 0) {
        start(into, from);
    } else {
        bool closed = into->field.is_closed, bare = is_bare(into);
        or_entry(set, into, from);
        if (is_bare(from))
            into->field.is_closed = closed;
        else if (bare)
            into->field.is_closed = from->field.is_closed;
    }
    into->sets++;
    into->sets_bare_parent += parent && is_without(parent, is_element(from) ? ARRAY : OBJECT);
    into->no_objects += is_without(from, OBJECT);
    into->no_arrays += is_without(from, ARRAY);
}

/* What only some alternatives declare is conditional, and is neither required nor restricted in the others.
 * One whose parent cannot hold it (null beside an object) does not count. */
static void settle_presence(const struct wd_fieldset *set, struct wd_entry *entry, size_t count)
{
    const struct wd_entry *parent = parent_of(set, entry);
    size_t bare = parent ? is_element(entry) ? parent->no_arrays : parent->no_objects : 0;
    if (count - entry->sets <= bare - entry->sets_bare_parent)
        return;
    entry->field.is_conditional = true;
    entry->field.is_required = false;
    set_constants(&entry->field, NULL, 0, false);
    entry->constants = NULL;
}

/* The sets are alternatives: `into`, empty before, holds what can be said of all. */
static void unite(struct wd_fieldset *into, const struct wd_fieldset *sets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        into->is_too_large |= sets[i].is_too_large;
        for (size_t j = 0; j < sets[i].count; j++)
            or_one(into, &sets[i], &sets[i].entries[j]);
    }
    for (size_t i = 0; i < into->count; i++)
        settle_presence(into, &into->entries[i], count);
}

void wd_fieldset_and_either(struct wd_fieldset *into, const struct wd_fieldset *sets, size_t count)
{
    struct wd_fieldset either = wd_fieldset_open(into->arena);
    unite(&either, sets, count);
    wd_fieldset_and(into, &either);
    wd_fieldset_free(&either);
}

void wd_fieldset_free_all(struct wd_fieldset *sets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wd_fieldset_free(&sets[i]);
    wd_free(sets);
}

/* ---- the end ---- */

static int by_path(const void *a, const void *b)
{
    const struct wd_schema_field *x = a, *y = b;
    bool x_is_root = wd_bytes_is(x->path, "."), y_is_root = wd_bytes_is(y->path, ".");
    if (x_is_root || y_is_root)
        return (int)y_is_root - (int)x_is_root;
    return wd_bytes_cmp(x->path, y->path);
}

/* A path counts when its ancestors do: a promise by `required` alone declares nothing. */
static bool is_declared(const struct wd_fieldset *set, const struct wd_entry *entry)
{
    for (; entry; entry = parent_of(set, entry))
        if (!entry->is_declared)
            return false;
    return true;
}

static bool *find_parents(const struct wd_fieldset *set)
{
    bool *has_members = wd_realloc(NULL, set->count + 1, sizeof *has_members);
    memset(has_members, 0, set->count + 1);
    for (size_t i = 0; i < set->count; i++) {
        const struct wd_entry *parent = set->entries[i].is_declared ? parent_of(set, &set->entries[i]) : NULL;
        if (parent)
            has_members[parent - set->entries] = true;
    }
    return has_members;
}

/* An object is free when it says so, or when it says nothing of what it holds. An array without items is
 * free, too. */
static void settle(struct wd_schema_field *field, const struct wd_entry *entry, bool has_members)
{
    bool can_be_object = !field->types || field->types & OBJECT;
    bool can_be_container = !field->types || field->types & (OBJECT | ARRAY);
    field->is_open = can_be_object && !field->is_closed;
    field->is_free =
        (field->is_free || entry->says_open || !has_members) && can_be_container && !field->is_closed;
}

void wd_fieldset_finish(const struct wd_fieldset *set, struct wd_arena *arena,
                        const struct wd_schema_field **out, size_t *count)
{
    struct wd_schema_field *fields = wd_arena_array(arena, struct wd_schema_field, set->count);
    bool *has_members = find_parents(set);
    size_t n = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (!is_declared(set, &set->entries[i]))
            continue;
        fields[n] = set->entries[i].field;
        settle(&fields[n++], &set->entries[i], has_members[i]);
    }
    wd_free(has_members);
    qsort(fields, n, sizeof *fields, by_path);
    *out = fields;
    *count = n;
}
