/* The keywords that speak of a value itself: type, const, enum, default, format, description, deprecated, and
 * the annotations
 *
 *     x-wirediet: { purpose, owner, changes }
 *     x-pii, x-privacy, x-sensitive, x-personal-data: true | false | category | { category: ... }
 *     x-data-classification: { category: ... }
 */
#include "base/escape.h"
#include "base/nearest.h"
#include "schema/fieldset.h"
#include "schema/jsonschema.h"

struct reader {
    struct wd_resolver *r;
    struct wd_site site;
    struct wd_entry *entry;
};

static const struct { const char *name; uint32_t types; } type_names[] = {
    { "null", 1u << WD_TYPE_NULL },     { "boolean", 1u << WD_TYPE_BOOLEAN },
    { "integer", 1u << WD_TYPE_INTEGER }, { "number", 1u << WD_TYPE_NUMBER | 1u << WD_TYPE_INTEGER },
    { "string", 1u << WD_TYPE_STRING }, { "array", 1u << WD_TYPE_ARRAY },
    { "object", 1u << WD_TYPE_OBJECT },
};

static int fail_type(struct reader *k, const struct wd_node *node)
{
    struct wd_shown shown;
    struct wd_nearest nearest = { .name = node->text };
    for (size_t i = 0; i < WD_COUNT(type_names); i++)
        wd_nearest_try(&nearest, wd_bytes_of(type_names[i].name));
    struct wd_place at = wd_node_place(k->site.document, node);
    if (node->kind != WD_NODE_STRING && node->kind != WD_NODE_NULL)
        return wd_fail(k->r->err, WD_EPARSE, at,
                       "'type' needs a name or a list of names, found %s; write type: string",
                       wd_node_kind_name(node));
    if (nearest.best.len)
        return wd_fail(k->r->err, WD_EPARSE, at, "'%s' is no type; did you mean '%s'?",
                       wd_show(&shown, node->text), (const char *)nearest.best.at);
    return wd_fail(k->r->err, WD_EPARSE, at,
                   "'%s' is no type; there is null, boolean, integer, number, string, array and object",
                   wd_show(&shown, node->text));
}

/* `type: null` without quotes is YAML's null; what is meant is clear. */
static int add_type(struct reader *k, const struct wd_node *node, uint32_t *types)
{
    struct wd_bytes name = node->kind == WD_NODE_NULL ? wd_bytes_of("null") : node->text;
    bool is_name = node->kind == WD_NODE_NULL || node->kind == WD_NODE_STRING;
    for (size_t i = 0; is_name && i < WD_COUNT(type_names); i++) {
        if (wd_bytes_is(name, type_names[i].name)) {
            *types |= type_names[i].types;
            return WD_OK;
        }
    }
    return fail_type(k, node);
}

static bool is_true(const struct wd_node *node)
{
    return node && node->kind == WD_NODE_BOOLEAN && (node->text.at[0] | 0x20) == 't';
}

static bool is_false(const struct wd_node *node)
{
    return node && node->kind == WD_NODE_BOOLEAN && !is_true(node);
}

static int read_types(struct reader *k)
{
    const struct wd_node *type = wd_node_get(k->site.node, "type");
    uint32_t types = 0;
    if (!type)
        return WD_OK;
    if (type->kind == WD_NODE_LIST) {
        for (const struct wd_node *item = type->first; item; item = item->next)
            TRY(add_type(k, item, &types));
    } else {
        TRY(add_type(k, type, &types));
    }
    if (types && is_true(wd_node_get(k->site.node, "nullable")))
        types |= 1u << WD_TYPE_NULL;
    wd_entry_restrict_types(k->entry, types);
    return WD_OK;
}

/* ---- const, enum, default ---- */

static uint32_t type_of(const struct wd_node *node, struct wd_bytes canonical)
{
    static const uint8_t types[] = { WD_TYPE_NULL,   WD_TYPE_BOOLEAN, WD_TYPE_INTEGER, WD_TYPE_NUMBER,
                                     WD_TYPE_STRING, WD_TYPE_ARRAY,   WD_TYPE_OBJECT };
    bool is_whole = node->kind == WD_NODE_NUMBER && !memchr(canonical.at, '.', canonical.len) &&
                    !memchr(canonical.at, 'e', canonical.len);
    return 1u << (is_whole ? WD_TYPE_INTEGER : types[node->kind]);
}

static uint32_t add_constant(struct reader *k, const struct wd_node *node, struct wd_constant *out)
{
    out->json = wd_node_canonical(node, k->r->arena);
    return type_of(node, out->json);
}

static int read_constants(struct reader *k)
{
    const struct wd_node *one = wd_node_get(k->site.node, "const"), *many = wd_node_get(k->site.node, "enum");
    uint32_t types = 0;
    if (many && (many->kind != WD_NODE_LIST || many->count > WD_FIELDSET_MANY))
        return wd_fail(k->r->err, WD_EPARSE, wd_node_place(k->site.document, many),
                       "'enum' needs a list of at most %d values, found %s; write enum: [a, b]",
                       WD_FIELDSET_MANY, many->kind == WD_NODE_LIST ? "more" : wd_node_kind_name(many));
    if (many && many->count) {
        struct wd_constant *constants = wd_arena_array(k->r->arena, struct wd_constant, many->count);
        size_t n = 0;
        for (const struct wd_node *item = many->first; item; item = item->next)
            types |= add_constant(k, item, &constants[n++]);
        wd_entry_restrict(k->entry, constants, n, false, k->r->arena);
    }
    if (one) {
        struct wd_constant *constant = wd_arena_new(k->r->arena, struct wd_constant);
        types = add_constant(k, one, constant);
        wd_entry_restrict(k->entry, constant, 1, true, k->r->arena);
    }
    wd_entry_restrict_types(k->entry, types);
    return WD_OK;
}

static void read_default(struct reader *k)
{
    const struct wd_node *value = wd_node_get(k->site.node, "default");
    if (!value || k->entry->field.has_default)
        return;
    k->entry->field.has_default = true;
    k->entry->field.default_value.json = wd_node_canonical(value, k->r->arena);
}

/* ---- words ---- */

static void read_text(struct wd_bytes *into, const struct wd_node *map, const char *key)
{
    const struct wd_node *value = wd_node_get(map, key);
    bool is_scalar =
        value && value->kind != WD_NODE_MAP && value->kind != WD_NODE_LIST && value->kind != WD_NODE_NULL;
    if (is_scalar && !into->len)
        *into = value->text;
}

static void read_words(struct reader *k, bool *states_wirediet)
{
    struct wd_schema_field *f = &k->entry->field;
    const struct wd_node *node = k->site.node, *wirediet = wd_node_get(node, "x-wirediet");
    read_text(&f->format, node, "format");
    read_text(&f->description, node, "description");
    f->is_described |= f->description.len > 0;
    f->is_deprecated |= is_true(wd_node_get(node, "deprecated"));
    if (!wirediet)
        return;
    read_text(&f->purpose, wirediet, "purpose");
    read_text(&f->owner, wirediet, "owner");
    read_text(&f->changes, wirediet, "changes");
    *states_wirediet |= f->purpose.len || f->owner.len || f->changes.len;   /* a slot to be filled in states nothing */
}

/* ---- privacy ---- */

bool wd_is_denial(struct wd_bytes word)
{
    static const char *const words[] = { "",         "no",           "none",        "false",
                                         "public",   "non-personal", "nonpersonal", "not-personal",
                                         "anonymous" };
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (wd_bytes_is_nocase(word, words[i]))
            return true;
    return false;
}

struct verdict { int privacy; struct wd_bytes category; };

static struct verdict judge_word(const struct wd_node *node)
{
    if (node->kind == WD_NODE_BOOLEAN)
        return (struct verdict){ is_true(node) ? 1 : -1, wd_bytes_of("") };
    if (node->kind == WD_NODE_STRING && wd_is_denial(node->text))
        return (struct verdict){ -1, wd_bytes_of("") };
    return (struct verdict){ node->kind != WD_NODE_NULL,
                             node->kind == WD_NODE_STRING ? node->text : wd_bytes_of("") };
}

/* An object says no only where one of its members does, and names its category under one of these. */
static struct verdict judge(const struct wd_node *node)
{
    static const char *const flags[] = { "personal", "pii", "sensitive", "value" };
    static const char *const categories[] = { "category", "classification", "type", "kind" };
    if (node->kind == WD_NODE_LIST)
        return node->count ? judge_word(node->first) : (struct verdict){ 0 };
    if (node->kind != WD_NODE_MAP)
        return judge_word(node);
    struct verdict verdict = { .privacy = 1 };
    for (size_t i = 0; i < WD_COUNT(flags); i++)
        if (is_false(wd_node_get(node, flags[i])))
            verdict.privacy = -1;
    for (size_t i = 0; i < WD_COUNT(categories) && !verdict.category.len; i++) {
        const struct wd_node *word = wd_node_get(node, categories[i]);
        if (word && word->kind == WD_NODE_STRING && !wd_is_denial(word->text))
            verdict.category = word->text;
        else if (word && word->kind == WD_NODE_STRING)
            verdict.privacy = -1;
    }
    return verdict;
}

static void read_privacy(struct reader *k)
{
    static const char *const keys[] = { "x-data-classification", "x-pii", "x-personal-data", "x-privacy",
                                        "x-sensitive" };
    struct wd_schema_field *f = &k->entry->field;
    for (size_t i = 0; i < WD_COUNT(keys); i++) {
        const struct wd_node *node = wd_node_get(k->site.node, keys[i]);
        if (!node)
            continue;
        struct verdict verdict = judge(node);
        if (!f->privacy || verdict.privacy > 0)
            f->privacy = verdict.privacy;
        if (verdict.privacy > 0 && !f->privacy_category.len)
            f->privacy_category = verdict.category;
    }
}

void wd_keywords_annotate(struct wd_site site, struct wd_entry *entry, bool *states_wirediet)
{
    struct reader k = { .site = site, .entry = entry };
    read_words(&k, states_wirediet);
    read_privacy(&k);
}

int wd_keywords_read(struct wd_resolver *r, struct wd_site site, struct wd_entry *entry,
                     bool *states_wirediet)
{
    struct reader k = { .r = r, .site = site, .entry = entry };
    TRY(read_types(&k));
    TRY(read_constants(&k));
    read_default(&k);
    read_words(&k, states_wirediet);
    read_privacy(&k);
    return WD_OK;
}
