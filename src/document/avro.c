/* Reading a schema, one definition after the other:
 *
 *     {"type": "record", "name": "Trade", "namespace": "com.x",          defines com.x.Trade
 *      "fields": [{"name": "side", "type": {"type": "enum", ...}},       defines com.x.Side in place
 *                 {"name": "next", "type": ["null", "Trade"]}]}          mentions com.x.Trade
 *
 * A name that is mentioned before it is defined gets its type at once, to be filled in later.
 */
#include "document/avro.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/nearest.h"

const char *const wd_avro_kind_names[] = {"null",   "boolean", "int",    "long",   "float",
                                          "double", "bytes",   "string", "record", "enum",
                                          "array",  "map",     "union",  "fixed",  NULL};

enum { PRIMITIVES = WD_AVRO_RECORD }; /* the kinds before it are names of their own */

static const struct wd_avro_type primitives[PRIMITIVES] = {
    {.kind = WD_AVRO_NULL},  {.kind = WD_AVRO_BOOLEAN}, {.kind = WD_AVRO_INT},   {.kind = WD_AVRO_LONG},
    {.kind = WD_AVRO_FLOAT}, {.kind = WD_AVRO_DOUBLE},  {.kind = WD_AVRO_BYTES}, {.kind = WD_AVRO_STRING},
};

struct reader {
    struct wd_avro_set *set;
    const struct wd_document *document;
    struct wd_map *scope;
    uint64_t depth;
};

static int read_type(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                     const struct wd_avro_type **out);

void wd_avro_open(struct wd_avro_set *set, struct wd_arena *arena, const struct wd_limits *limits,
                  struct wd_err *err)
{
    *set = (struct wd_avro_set){.arena = arena, .limits = limits, .err = err};
}

void wd_avro_close(struct wd_avro_set *set)
{
    for (size_t i = 0; i < set->scope_count; i++)
        wd_map_close(set->scopes[i]);
    wd_free(set->scopes);
    wd_free(set->mentions);
    *set = (struct wd_avro_set){0};
}

void wd_avro_begin(struct wd_avro_set *set)
{
    WD_GROW(set->scopes, set->scope_count, set->scope_cap);
    set->scopes[set->scope_count++] = wd_map_open();
}

static int fail_at(struct reader *r, const struct wd_node *node, const char *what, const char *remedy)
{
    return wd_fail(r->set->err, WD_EPARSE, wd_node_key_place(r->document, node), "%s; %s", what, remedy);
}

/* ---- names ---- */

static size_t last_dot(struct wd_bytes name)
{
    size_t n = name.len;
    while (n && name.at[n - 1] != '.')
        n--;
    return n;
}

/* The namespace that a full name puts around what it holds. */
static struct wd_bytes space_of(struct wd_bytes name)
{
    size_t n = last_dot(name);
    return wd_bytes_at(name.at, n ? n - 1 : 0);
}

static struct wd_bytes full_name(struct wd_avro_set *set, struct wd_bytes name, struct wd_bytes space)
{
    if (last_dot(name) == 1) /* ".Trade": of no namespace */
        return wd_bytes_at(name.at + 1, name.len - 1);
    if (last_dot(name) || !space.len)
        return name;
    return wd_arena_printf(set->arena, "%.*s.%.*s", (int)space.len, (const char *)space.at, (int)name.len,
                           (const char *)name.at);
}

static struct wd_bytes text_of(const struct wd_node *map, const char *key)
{
    const struct wd_node *node = wd_node_get(map, key);
    return node && node->kind == WD_NODE_STRING ? node->text : wd_bytes_of("");
}

static struct wd_avro_type *type_named(const struct wd_map *scope, struct wd_bytes name)
{
    const uint64_t *at = wd_map_get(scope, name);
    return at ? (struct wd_avro_type *)(uintptr_t)*at : NULL;
}

/* The type that a name has in this text, made when it was not seen yet: it is defined once it has a node. */
static struct wd_avro_type *promise(struct reader *r, struct wd_bytes name)
{
    struct wd_avro_type *type = type_named(r->scope, name);
    if (type)
        return type;
    type = wd_arena_new(r->set->arena, struct wd_avro_type);
    type->name = name;
    *wd_map_put(r->scope, name, NULL) = (uint64_t)(uintptr_t)type;
    return type;
}

static int read_name(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                     const struct wd_avro_type **out)
{
    for (size_t i = 0; i < PRIMITIVES; i++) {
        if (wd_bytes_is(node->text, wd_avro_kind_names[i])) {
            *out = &primitives[i];
            return WD_OK;
        }
    }
    if (!node->text.len)
        return fail_at(r, node, "a type has a name", "write \"string\", or another");
    struct wd_avro_type *type = promise(r, full_name(r->set, node->text, space));
    WD_GROW(r->set->mentions, r->set->mention_count, r->set->mention_cap);
    r->set->mentions[r->set->mention_count++] =
        (struct wd_avro_mention){r->document, node, space, type, r->set->scope_count - 1};
    *out = type;
    return WD_OK;
}

static int define(struct reader *r, const struct wd_node *node, struct wd_bytes space, uint8_t kind,
                  struct wd_avro_type **out)
{
    struct wd_shown shown;
    const struct wd_node *around = wd_node_get(node, "namespace");
    struct wd_bytes name = text_of(node, "name");
    if (!name.len)
        return fail_at(r, node, "a record, enum or fixed needs a 'name'", "add \"name\": \"...\"");
    if (around && around->kind == WD_NODE_STRING)
        space = around->text;
    struct wd_avro_type *type = promise(r, full_name(r->set, name, space));
    if (type->node)
        return wd_fail(r->set->err, WD_EPARSE, wd_node_place(r->document, node),
                       "'%s' is defined twice; write its name where it is used again",
                       wd_show(&shown, type->name));
    type->kind = kind;
    type->document = r->document;
    type->node = node;
    type->logical = text_of(node, "logicalType");
    *out = type;
    return WD_OK;
}

/* ---- records, enums, fixed ---- */

static int need_list(struct reader *r, const struct wd_node *node, const char *key,
                     const struct wd_node **out)
{
    *out = wd_node_get(node, key);
    if (*out && (*out)->kind == WD_NODE_LIST)
        return WD_OK;
    return wd_fail(r->set->err, WD_EPARSE, wd_node_place(r->document, *out ? *out : node),
                   "'%s' needs a list, found %s; write \"%s\": [...]", key,
                   *out ? wd_node_kind_name(*out) : "none", key);
}

static int read_field(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                      struct wd_map *names, struct wd_avro_field *out)
{
    struct wd_shown shown;
    const struct wd_node *type = wd_node_get(node, "type");
    bool is_new;
    out->name = text_of(node, "name");
    out->node = node;
    if (!out->name.len || !type)
        return fail_at(r, node, "a field needs a 'name' and a 'type'",
                       "write {\"name\": \"...\", \"type\": \"...\"}");
    wd_map_put(names, out->name, &is_new);
    if (!is_new)
        return wd_fail(r->set->err, WD_EPARSE, wd_node_place(r->document, node),
                       "the record has two fields '%s'; rename one", wd_show(&shown, out->name));
    return read_type(r, type, space, &out->type);
}

static int read_fields(struct reader *r, const struct wd_node *list, struct wd_avro_type *type,
                       struct wd_bytes space)
{
    struct wd_avro_field *fields = wd_arena_array(r->set->arena, struct wd_avro_field, list->count);
    struct wd_map *names = wd_map_open();
    int rc = WD_OK;
    size_t n = 0;
    for (const struct wd_node *field = list->first; field && rc >= 0; field = field->next)
        rc = read_field(r, field, space, names, &fields[n++]);
    wd_map_close(names);
    type->fields = fields;
    type->count = n;
    return rc;
}

static int read_record(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                       const struct wd_avro_type **out)
{
    const struct wd_node *list;
    struct wd_avro_type *type;
    TRY(define(r, node, space, WD_AVRO_RECORD, &type));
    TRY(need_list(r, node, "fields", &list));
    *out = type;
    return read_fields(r, list, type, space_of(type->name));
}

static int read_enum(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                     const struct wd_avro_type **out)
{
    const struct wd_node *list;
    struct wd_avro_type *type;
    TRY(define(r, node, space, WD_AVRO_ENUM, &type));
    TRY(need_list(r, node, "symbols", &list));
    struct wd_bytes *symbols = wd_arena_array(r->set->arena, struct wd_bytes, list->count);
    for (const struct wd_node *symbol = list->first; symbol; symbol = symbol->next) {
        if (symbol->kind == WD_NODE_MAP || symbol->kind == WD_NODE_LIST)
            return fail_at(r, symbol, "a symbol is a name", "write \"symbols\": [\"A\", \"B\"]");
        symbols[type->count++] = symbol->text;
    }
    type->symbols = symbols;
    *out = type;
    return WD_OK;
}

static int read_fixed(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                      const struct wd_avro_type **out)
{
    const struct wd_node *size = wd_node_get(node, "size");
    struct wd_avro_type *type;
    TRY(define(r, node, space, WD_AVRO_FIXED, &type));
    if (!size || !wd_bytes_uint(size->text, &type->size))
        return fail_at(r, size ? size : node, "a fixed needs a 'size' in bytes", "write \"size\": 16");
    *out = type;
    return WD_OK;
}

/* ---- arrays, maps, unions ---- */

static struct wd_avro_type *make(struct reader *r, const struct wd_node *node, uint8_t kind, size_t branches)
{
    struct wd_avro_type *type = wd_arena_new(r->set->arena, struct wd_avro_type);
    *type = (struct wd_avro_type){.kind = kind,
                                  .document = r->document,
                                  .node = node,
                                  .count = branches,
                                  .branches =
                                      wd_arena_array(r->set->arena, const struct wd_avro_type *, branches)};
    return type;
}

/* What `branches` points at, for whoever fills it in. */
static const struct wd_avro_type **branches_of(const struct wd_avro_type *type)
{
    return (const struct wd_avro_type **)(uintptr_t)type->branches;
}

static int read_items(struct reader *r, const struct wd_node *node, struct wd_bytes space, uint8_t kind,
                      const struct wd_avro_type **out)
{
    const char *key = kind == WD_AVRO_MAP ? "values" : "items";
    const struct wd_node *items = wd_node_get(node, key);
    struct wd_avro_type *type = make(r, node, kind, 1);
    if (!items)
        return wd_fail(r->set->err, WD_EPARSE, wd_node_place(r->document, node),
                       "%s needs '%s'; write \"%s\": \"string\"", kind == WD_AVRO_MAP ? "a map" : "an array",
                       key, key);
    *out = type;
    return read_type(r, items, space, branches_of(type));
}

static int read_array(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                      const struct wd_avro_type **out)
{
    return read_items(r, node, space, WD_AVRO_ARRAY, out);
}

static int read_map(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                    const struct wd_avro_type **out)
{
    return read_items(r, node, space, WD_AVRO_MAP, out);
}

static int read_union(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                      const struct wd_avro_type **out)
{
    struct wd_avro_type *type = make(r, node, WD_AVRO_UNION, node->count);
    const struct wd_avro_type **branch = branches_of(type);
    for (const struct wd_node *item = node->first; item; item = item->next, branch++) {
        TRY(read_type(r, item, space, branch));
        if ((*branch)->kind == WD_AVRO_UNION)
            return fail_at(r, item, "a union stands directly in a union",
                           "write its branches in the outer one");
    }
    *out = type;
    return WD_OK;
}

/* ---- any of them ---- */

static const struct {
    const char *name;
    int (*read)(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                const struct wd_avro_type **out);
} complex[] = {
    {"record", read_record}, {"error", read_record}, {"enum", read_enum},
    {"fixed", read_fixed},   {"array", read_array},  {"map", read_map},
};

/* {"type": "long", "logicalType": "timestamp-millis"}: a primitive that says more of itself. */
static int read_wrapped(struct reader *r, const struct wd_node *node, const struct wd_node *type,
                        struct wd_bytes space, const struct wd_avro_type **out)
{
    const struct wd_avro_type *inner;
    struct wd_bytes logical = text_of(node, "logicalType");
    TRY(read_type(r, type, space, &inner));
    *out = inner;
    if (!logical.len || inner->kind >= PRIMITIVES || inner->name.len)
        return WD_OK;
    struct wd_avro_type *own = make(r, node, inner->kind, 0);
    own->logical = logical;
    *out = own;
    return WD_OK;
}

static int read_object(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                       const struct wd_avro_type **out)
{
    const struct wd_node *type = wd_node_get(node, "type");
    if (!type)
        return fail_at(r, node, "an Avro schema needs a 'type'", "write \"type\": \"record\", or another");
    for (size_t i = 0; type->kind == WD_NODE_STRING && i < WD_COUNT(complex); i++)
        if (wd_bytes_is(type->text, complex[i].name))
            return complex[i].read(r, node, space, out);
    return read_wrapped(r, node, type, space, out);
}

static int read_any(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                    const struct wd_avro_type **out)
{
    switch (node->kind) {
    case WD_NODE_STRING:
        return read_name(r, node, space, out);
    case WD_NODE_LIST:
        return read_union(r, node, space, out);
    case WD_NODE_MAP:
        return read_object(r, node, space, out);
    case WD_NODE_NULL:
        *out = &primitives[WD_AVRO_NULL];
        return WD_OK; /* YAML's null, without quotes */
    default:
        return wd_fail(
            r->set->err, WD_EPARSE, wd_node_place(r->document, node),
            "an Avro schema is a name, a list or an object, found %s; write \"string\", or another",
            wd_node_kind_name(node));
    }
}

/* The recursion is bounded by `schema-depth`. */
static int read_type(struct reader *r, const struct wd_node *node, struct wd_bytes space,
                     const struct wd_avro_type **out)
{
    if (r->depth >= r->set->limits->schema_depth)
        return fail_at(r, node, "types are nested too deep here", "raise it with --limit schema-depth=...");
    r->depth++;
    int rc = read_any(r, node, space, out);
    r->depth--;
    return rc;
}

static struct reader reader_of(struct wd_avro_set *set, const struct wd_document *document)
{
    if (!set->scope_count)
        wd_avro_begin(set);
    return (struct reader){.set = set, .document = document, .scope = set->scopes[set->scope_count - 1]};
}

int wd_avro_read(struct wd_avro_set *set, const struct wd_document *document, const struct wd_node *node,
                 struct wd_bytes space, const struct wd_avro_type **out)
{
    struct reader r = reader_of(set, document);
    return read_type(&r, node, space, out);
}

int wd_avro_read_fields(struct wd_avro_set *set, const struct wd_document *document,
                        const struct wd_node *list, struct wd_bytes space, struct wd_bytes name,
                        const struct wd_avro_type **out)
{
    struct reader r = reader_of(set, document);
    if (list->kind != WD_NODE_LIST)
        return fail_at(&r, list, "fields are a list", "write [{\"name\": \"...\", \"type\": \"...\"}]");
    struct wd_avro_type *type = make(&r, list, WD_AVRO_RECORD, 0);
    type->name = full_name(set, name, space);
    *out = type;
    return read_fields(&r, list, type, space);
}

/* ---- names of other texts ---- */

static const struct wd_avro_type *find_elsewhere(const struct wd_avro_set *set, struct wd_bytes name)
{
    for (size_t i = 0; i < set->scope_count; i++) {
        const struct wd_avro_type *type = type_named(set->scopes[i], name);
        if (type && type->node)
            return type;
    }
    return NULL;
}

static int fail_unknown(struct wd_avro_set *set, const struct wd_avro_mention *mention)
{
    struct wd_shown shown, other;
    struct wd_nearest nearest = {.name = mention->type->name};
    for (size_t i = 0; i < set->scope_count; i++)
        for (size_t n = 0; n < wd_map_count(set->scopes[i]); n++)
            if (type_named(set->scopes[i], wd_map_key(set->scopes[i], n))->node)
                wd_nearest_try(&nearest, wd_map_key(set->scopes[i], n));
    struct wd_place at = wd_node_place(mention->document, mention->node);
    if (nearest.best.len)
        return wd_fail(set->err, WD_EPARSE, at, "nothing defines '%s'; did you mean '%s'?",
                       wd_show(&shown, mention->type->name), wd_show(&other, nearest.best));
    return wd_fail(set->err, WD_EPARSE, at, "nothing defines '%s'; name the file that does with -s as well",
                   wd_show(&shown, mention->type->name));
}

/* In its namespace first, then in none: some writers leave the namespace out of both. */
static int settle_mention(struct wd_avro_set *set, const struct wd_avro_mention *mention)
{
    if (mention->type->node)
        return WD_OK;
    const struct wd_avro_type *bare = type_named(set->scopes[mention->scope], mention->node->text);
    const struct wd_avro_type *found = find_elsewhere(set, mention->type->name);
    if (!found)
        found = bare && bare->node ? bare : find_elsewhere(set, mention->node->text);
    if (!found)
        return fail_unknown(set, mention);
    *mention->type = *found;
    return WD_OK;
}

int wd_avro_settle(struct wd_avro_set *set)
{
    for (size_t i = 0; i < set->mention_count; i++)
        TRY(settle_mention(set, &set->mentions[i]));
    return WD_OK;
}

/* ---- a text by itself ---- */

static int read_text(struct wd_avro_set *set, const char *name, struct wd_bytes text, struct wd_layout *out)
{
    struct wd_document *document;
    const struct wd_avro_type *type;
    uint64_t fingerprint;
    TRY(wd_document_parse(name, text, set->limits, set->arena, &document, set->err));
    TRY(wd_avro_read(set, document, document->root, wd_bytes_of(""), &type));
    TRY(wd_avro_settle(set));
    if (!wd_avro_fingerprint(type, set->limits->schema_depth, &fingerprint))
        return wd_fail(set->err, WD_EPARSE, wd_node_place(document, document->root),
                       "types are nested too deep; raise it with --limit schema-depth=...");
    *out = (struct wd_layout){.avro = type, .fingerprint = fingerprint};
    return WD_OK;
}

int wd_avro_read_text(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                      struct wd_arena *arena, struct wd_layout *out, struct wd_err *err)
{
    struct wd_avro_set set;
    wd_avro_open(&set, arena, limits, err);
    int rc = read_text(&set, name, text, out);
    wd_avro_close(&set);
    return rc;
}

/* ---- telling it from others ---- */

static bool is_named_kind(struct wd_bytes name)
{
    return wd_bytes_is(name, "record") || wd_bytes_is(name, "enum") || wd_bytes_is(name, "fixed") ||
           wd_bytes_is(name, "error");
}

/* Of a union, an array or a map the first thing inside that could tell. */
static const struct wd_node *inner_of(const struct wd_node *node)
{
    if (node->kind != WD_NODE_LIST) {
        const struct wd_node *items = wd_node_get(node, "items"), *values = wd_node_get(node, "values");
        return items ? items : values ? values : wd_node_get(node, "type");
    }
    const struct wd_node *branch = node->first;
    while (branch && branch->kind != WD_NODE_MAP)
        branch = branch->next;
    return branch;
}

bool wd_avro_is_schema(const struct wd_node *node)
{
    for (int steps = 0; node && steps < 8; steps++, node = inner_of(node)) {
        if (node->kind != WD_NODE_MAP && node->kind != WD_NODE_LIST)
            return false;
        if (is_named_kind(text_of(node, "type")))
            return true;
    }
    return false;
}
