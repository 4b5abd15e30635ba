/* Walking a schema object. At one path several schema objects may speak:
 *
 *     { properties: {a: ...}, required: [a],   applies               apply() into the same set
 *       allOf: [ ..., ... ],                   apply, each           apply()
 *       oneOf: [ ..., ... ],                   one of them applies   apply_alternatives(), then fieldset_and
 *       if/then/else }                         if+then, or else      the same
 *
 * and below it `.a` for properties, `[]` for items, `{}` for additionalProperties and patternProperties.
 * The chain holds the schema objects from the payload down to here: its length is the depth, a node that
 * comes again is recursion.
 */
#include "schema/jsonschema.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/map.h"
#include "model/path.h"
#include "schema/fieldset.h"

/* Where in the message a schema applies, and how it was reached. */
struct spot {
    struct wd_bytes path;         /* "" is the root here, so that steps can be appended */
    size_t parent_len;
    bool is_shared;
};

struct link {
    const struct wd_node *node;
    size_t path_len;
    bool is_ref;                  /* nothing but a $ref */
};

struct walk {
    const struct wd_flatten *flatten;
    struct wd_resolver *r;
    struct link *chain;
    size_t depth, cap;
    struct wd_map *paths;         /* kept once each: address of the copy */
    struct wd_buf scratch;
};

/* A schema that takes part in alternatives, and the member that declares it there (NULL: in place). */
struct branch {
    struct wd_site site, also;    /* also.node NULL: none */
    const struct wd_decl *decl;
};

static int apply(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out);

/* ---- spots ---- */

static struct wd_bytes written(struct spot spot)
{
    return spot.path.len ? spot.path : wd_bytes_of(".");
}

static struct wd_entry *entry_at(struct spot spot, struct wd_fieldset *out)
{
    return wd_fieldset_put(out, written(spot), spot.parent_len);
}

static int fail_at(struct walk *w, struct wd_site site, const char *what, const char *remedy)
{
    return wd_fail(w->r->err, WD_EPARSE, wd_node_key_place(site.document, site.node), "%s; %s", what, remedy);
}

/* The spot that the scratch path names; each distinct path is kept once. */
static int make_spot(struct walk *w, struct wd_site site, struct spot above, struct spot *out)
{
    struct wd_bytes path = wd_buf_bytes(&w->scratch);
    if (path.len > w->r->limits->path)
        return fail_at(w, site, "this field's path is too long", "raise it with --limit path=...");
    bool is_new;
    uint64_t *kept = wd_map_put(w->paths, path, &is_new);
    if (is_new)
        *kept = (uint64_t)(uintptr_t)wd_arena_copy(w->r->arena, path).at;
    path.at = (const uint8_t *)(uintptr_t)*kept;
    *out = (struct spot){ path, above.path.len, above.is_shared };
    return WD_OK;
}

static int member_spot(struct walk *w, struct wd_site site, struct spot above, struct wd_bytes key,
                       struct spot *out)
{
    wd_buf_reset(&w->scratch);
    wd_buf_put(&w->scratch, above.path);
    wd_path_put_member(&w->scratch, key);
    return make_spot(w, site, above, out);
}

static int entry_spot(struct walk *w, struct wd_site site, struct spot above, const char *step,
                      struct spot *out)
{
    wd_buf_reset(&w->scratch);
    wd_buf_put(&w->scratch, above.path);
    wd_buf_puts(&w->scratch, step);
    return make_spot(w, site, above, out);
}

/* ---- the chain ---- */

static const struct wd_node *identity(const struct wd_node *node)
{
    return node->alias_of ? node->alias_of : node;
}

static bool has_siblings(const struct walk *w, const struct wd_document *document)
{
    const struct wd_node *dialect = wd_node_get(document->root, "$schema");
    if (!dialect || dialect->kind != WD_NODE_STRING)
        return w->flatten->has_siblings;
    return !memmem(dialect->text.at, dialect->text.len, "draft-0", 7);
}

static bool is_only_ref(const struct walk *w, struct wd_site site)
{
    return wd_ref_of(site.node) && (site.node->count == 1 || !has_siblings(w, site.document));
}

static int fail_circle(struct walk *w, struct wd_site site)
{
    struct wd_shown shown;
    const struct wd_node *ref = wd_ref_of(site.node);
    return wd_fail(w->r->err, WD_EPARSE, wd_node_key_place(site.document, ref),
                   "'$ref' goes in a circle: '%s' leads back to it; let one of them hold a schema",
                   wd_show(&shown, ref->text));
}

enum turn { GO_ON, STOP, FREE };

/* What to do at a node that is in the chain already: in place it would never end; further down the message it
 * is followed once. */
static int look_back(struct walk *w, struct wd_site site, struct spot spot, enum turn *out)
{
    const struct wd_node *node = identity(site.node);
    unsigned returns = 0;
    bool is_all_refs = true;
    *out = GO_ON;
    for (size_t i = w->depth; i-- > 0;) {
        is_all_refs &= w->chain[i].is_ref;
        if (w->chain[i].node != node)
            continue;
        if (w->chain[i].path_len == spot.path.len) {
            *out = STOP;
            return is_all_refs ? fail_circle(w, site) : WD_OK;
        }
        returns++;
    }
    if (returns > 1)
        *out = FREE;
    return WD_OK;
}

/* A schema that many refer to is walked for each of them: allowed, but not without end. */
enum { UNFOLD = 4 };

static int spend(struct walk *w, struct wd_site site)
{
    const struct wd_node *lists[] = { site.node, wd_node_get(site.node, "required"),
                                      wd_node_get(site.node, "enum"), wd_node_get(site.node, "properties") };
    for (size_t i = 0; i < WD_COUNT(lists); i++)
        *w->flatten->visited += 1 + (lists[i] ? lists[i]->count : 0);
    if (*w->flatten->visited / UNFOLD > w->r->limits->yaml_nodes)
        return fail_at(w, site, "the schemas unfold to too many values",
                       "raise it with --limit yaml-nodes=...");
    return WD_OK;
}

static int enter(struct walk *w, struct wd_site site, struct spot spot, enum turn *turn)
{
    if (site.node->kind != WD_NODE_MAP)
        return wd_fail(w->r->err, WD_EPARSE, wd_node_place(site.document, site.node),
                       "a schema is a map, true or false, found %s; write type: ... on a line below",
                       wd_node_kind_name(site.node));
    TRY(look_back(w, site, spot, turn));
    if (*turn != GO_ON)
        return WD_OK;
    if (w->depth >= w->r->limits->schema_depth)
        return fail_at(w, site, "schemas are nested too deep here", "raise it with --limit schema-depth=...");
    TRY(spend(w, site));
    WD_GROW(w->chain, w->depth, w->cap);
    w->chain[w->depth++] = (struct link){ identity(site.node), spot.path.len, is_only_ref(w, site) };
    return WD_OK;
}

/* ---- alternatives ---- */

static bool is_boolean(const struct wd_node *node, char first)
{
    return node && node->kind == WD_NODE_BOOLEAN && (node->text.at[0] | 0x20) == first;
}

static int apply_branch(struct walk *w, const struct branch *branch, struct spot spot,
                        struct wd_fieldset *set)
{
    struct wd_entry *entry = entry_at(spot, set);
    entry->is_declared = true;
    entry->parent_len = SIZE_MAX;   /* the set's own top */
    if (branch->decl)
        wd_entry_add_decl(set, entry, branch->decl);
    if (branch->site.node)
        TRY(apply(w, branch->site, spot, set));
    return branch->also.node ? apply(w, branch->also, spot, set) : WD_OK;
}

/* One of the branches applies at `spot`. */
static int apply_alternatives(struct walk *w, const struct branch *branches, size_t count, struct spot spot,
                              struct wd_fieldset *out)
{
    int rc = WD_OK;
    size_t done = 0;
    if (!count)
        return WD_OK;
    struct wd_fieldset *sets = wd_realloc(NULL, count, sizeof *sets);
    while (done < count && rc >= 0) {
        sets[done] = wd_fieldset_open(w->r->arena);
        rc = apply_branch(w, &branches[done], spot, &sets[done]);
        done++;
    }
    if (rc >= 0) {
        entry_at(spot, out);
        wd_fieldset_and_either(out, sets, count);
    }
    wd_fieldset_free_all(sets, done);
    return rc;
}

static int fail_shape(struct walk *w, struct wd_site site, const struct wd_node *node, const char *what)
{
    struct wd_shown shown;
    return wd_fail(w->r->err, WD_EPARSE, wd_node_place(site.document, node),
                   "'%s' needs %s, found %s; mend it or leave it out", wd_show(&shown, node->key), what,
                   wd_node_kind_name(node));
}

static int need(struct walk *w, struct wd_site site, const struct wd_node *node, enum wd_node_kind kind)
{
    return node->kind == kind ? WD_OK : fail_shape(w, site, node, kind == WD_NODE_MAP ? "a map" : "a list");
}

static int apply_one_of(struct walk *w, struct wd_site site, const char *keyword, struct spot spot,
                        struct wd_fieldset *out)
{
    const struct wd_node *list = wd_node_get(site.node, keyword);
    if (!list)
        return WD_OK;
    TRY(need(w, site, list, WD_NODE_LIST));
    struct branch *branches = wd_realloc(NULL, list->count + 1, sizeof *branches);
    size_t n = 0;
    for (const struct wd_node *item = list->first; item; item = item->next)
        if (!is_boolean(item, 'f'))
            branches[n++] = (struct branch){ .site = { site.document, item } };
    int rc = apply_alternatives(w, branches, n, spot, out);
    wd_free(branches);
    return rc;
}

/* With `if`: both it and `then`, or `else`. */
static int apply_if(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    const struct wd_node *condition = wd_node_get(site.node, "if");
    const struct wd_node *yes = wd_node_get(site.node, "then"), *no = wd_node_get(site.node, "else");
    if (!condition || (!yes && !no))
        return WD_OK;
    struct branch branches[] = {
        { .site = { site.document, condition }, .also = { site.document, yes } },
        { .site = { site.document, no } },
    };
    size_t skipped = is_boolean(condition, 'f') || is_boolean(yes, 'f');
    size_t last = is_boolean(condition, 't') || is_boolean(no, 'f');
    return skipped && last ? WD_OK : apply_alternatives(w, branches + skipped, 2 - skipped - last, spot, out);
}

/* Each member names a schema that applies only when that key is there; draft-07 calls it dependencies, where
 * lists are names. */
static int apply_dependent(struct walk *w, struct wd_site site, const char *keyword, struct spot spot,
                           struct wd_fieldset *out)
{
    const struct wd_node *map = wd_node_get(site.node, keyword);
    if (!map)
        return WD_OK;
    TRY(need(w, site, map, WD_NODE_MAP));
    for (const struct wd_node *member = map->first; member; member = member->next) {
        if (member->kind != WD_NODE_MAP)
            continue;
        struct branch branches[] = { { .site = { site.document, member } }, { .decl = NULL } };
        TRY(apply_alternatives(w, branches, 2, spot, out));
    }
    return WD_OK;
}

/* ---- members ---- */

static struct wd_decl declare(struct wd_site site, const struct wd_node *container,
                              const struct wd_node *member, struct spot spot)
{
    bool is_lent = member->parent != container || container->alias_of || site.node->alias_of;
    return (struct wd_decl){ .document = site.document,
                             .object = site.node,
                             .container = container,
                             .member = member,
                             .at = wd_node_key_place(site.document, member),
                             .is_shared = spot.is_shared || is_lent };
}

static int apply_property(struct walk *w, struct wd_site site, const struct wd_node *properties,
                          const struct wd_node *member, struct spot spot, struct wd_fieldset *out)
{
    struct spot below = { 0 };
    if (is_boolean(member, 'f'))
        return WD_OK;
    TRY(member_spot(w, (struct wd_site){ site.document, member }, spot, member->key, &below));
    struct wd_decl decl = declare(site, properties, member, spot);
    decl.container = member->parent == properties || !member->parent ? properties : member->parent;
    below.is_shared = decl.is_shared;
    wd_entry_add_decl(out, entry_at(below, out), &decl);
    return apply(w, (struct wd_site){ site.document, member }, below, out);
}

static int apply_properties(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    const struct wd_node *properties = wd_node_get(site.node, "properties");
    const struct wd_node *const *members = NULL;
    if (!properties)
        return WD_OK;
    TRY(need(w, site, properties, WD_NODE_MAP));
    size_t n = wd_node_members(properties, w->r->arena, &members);
    for (size_t i = 0; i < n; i++)
        TRY(apply_property(w, site, properties, members[i], spot, out));
    return WD_OK;
}

static int apply_required(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    const struct wd_node *list = wd_node_get(site.node, "required");
    if (!list)
        return WD_OK;
    TRY(need(w, site, list, WD_NODE_LIST));
    for (const struct wd_node *name = list->first; name; name = name->next) {
        struct spot below = { 0 };
        if (name->kind != WD_NODE_STRING)
            return wd_fail(w->r->err, WD_EPARSE, wd_node_place(site.document, name),
                           "'required' lists names, found %s; put it in quotes", wd_node_kind_name(name));
        TRY(member_spot(w, (struct wd_site){ site.document, name }, spot, name->text, &below));
        entry_at(below, out)->field.is_required = true;
    }
    return WD_OK;
}

/* ---- entries of arrays and maps ---- */

struct branches {
    struct branch *at;
    struct wd_decl *decls;
    size_t count;
};

static struct branches open_branches(size_t most)
{
    return (struct branches){ wd_realloc(NULL, most, sizeof(struct branch)),
                              wd_realloc(NULL, most, sizeof(struct wd_decl)), 0 };
}

static void add_branch(struct branches *b, struct wd_site site, const struct wd_node *container,
                       const struct wd_node *member, struct spot spot)
{
    b->decls[b->count] = declare(site, container, member, spot);
    b->at[b->count] = (struct branch){ .site = { site.document, member }, .decl = &b->decls[b->count] };
    b->count++;
}

/* All branches speak of `step` below the spot; a single one speaks for all entries. */
static int apply_entries(struct walk *w, struct wd_site site, struct branches *b, const char *step,
                         struct spot spot, struct wd_fieldset *out)
{
    struct spot below = { 0 };
    int rc = b->count ? entry_spot(w, site, spot, step, &below) : WD_OK;
    if (rc >= 0 && b->count == 1) {
        below.is_shared = b->decls[0].is_shared;
        rc = apply_branch(w, &b->at[0], below, out);
        entry_at(below, out)->parent_len = spot.path.len;
    } else if (rc >= 0 && b->count) {
        rc = apply_alternatives(w, b->at, b->count, below, out);
    }
    if (rc >= 0 && b->count && step[0] == '{')
        entry_at(below, out)->field.is_map = true;
    wd_free(b->at);
    wd_free(b->decls);
    return rc;
}

static int apply_items(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    static const char *const rest[] = { "items", "additionalItems", "unevaluatedItems" };
    const struct wd_node *items = wd_node_get(site.node, "items"),
                         *prefix = wd_node_get(site.node, "prefixItems");
    const struct wd_node *tuple = items && items->kind == WD_NODE_LIST ? items : prefix;
    if (tuple)
        TRY(need(w, site, tuple, WD_NODE_LIST));
    struct branches b = open_branches((tuple ? tuple->count : 0) + WD_COUNT(rest));
    for (const struct wd_node *item = tuple ? tuple->first : NULL; item; item = item->next)
        if (!is_boolean(item, 'f'))
            add_branch(&b, site, tuple, item, spot);
    for (size_t i = 0; i < WD_COUNT(rest); i++) {
        const struct wd_node *schema = wd_node_get(site.node, rest[i]);
        if (schema && schema->kind != WD_NODE_LIST && schema->kind != WD_NODE_BOOLEAN)
            add_branch(&b, site, site.node, schema, spot);
    }
    return apply_entries(w, site, &b, "[]", spot, out);
}

static void say_additional(struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    static const char *const keywords[] = { "additionalProperties", "unevaluatedProperties" };
    for (size_t i = 0; i < WD_COUNT(keywords); i++) {
        const struct wd_node *node = wd_node_get(site.node, keywords[i]);
        bool is_anything = is_boolean(node, 't') || (node && node->kind == WD_NODE_MAP && !node->count);
        struct wd_entry *entry = entry_at(spot, out);
        entry->says_open |= is_anything;
        entry->field.is_closed |= is_boolean(node, 'f');
    }
}

static int apply_maps(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    static const char *const rest[] = { "additionalProperties", "unevaluatedProperties" };
    const struct wd_node *patterns = wd_node_get(site.node, "patternProperties");
    if (patterns)
        TRY(need(w, site, patterns, WD_NODE_MAP));
    say_additional(site, spot, out);
    struct branches b = open_branches((patterns ? patterns->count : 0) + WD_COUNT(rest));
    for (const struct wd_node *member = patterns ? patterns->first : NULL; member; member = member->next)
        if (!is_boolean(member, 'f') && !member->is_merge)
            add_branch(&b, site, patterns, member, spot);
    for (size_t i = 0; i < WD_COUNT(rest); i++) {
        const struct wd_node *schema = wd_node_get(site.node, rest[i]);
        if (schema && schema->kind != WD_NODE_BOOLEAN && (schema->kind != WD_NODE_MAP || schema->count))
            add_branch(&b, site, site.node, schema, spot);
    }
    return apply_entries(w, site, &b, "{}", spot, out);
}

/* ---- one schema object ---- */

static int apply_all_of(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    const struct wd_node *list = wd_node_get(site.node, "allOf");
    if (!list)
        return WD_OK;
    TRY(need(w, site, list, WD_NODE_LIST));
    for (const struct wd_node *item = list->first; item; item = item->next)
        TRY(apply(w, (struct wd_site){ site.document, item }, spot, out));
    return WD_OK;
}

static int apply_ref(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    struct wd_site target;
    if (!wd_ref_of(site.node))
        return WD_OK;
    TRY(wd_resolve(w->r, site, &target));
    spot.is_shared = true;
    return apply(w, target, spot, out);
}

static int apply_keywords(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    TRY(apply_ref(w, site, spot, out));
    if (is_only_ref(w, site))
        return WD_OK;
    TRY(wd_keywords_read(w->r, site, entry_at(spot, out), w->flatten->states_wirediet));
    TRY(apply_properties(w, site, spot, out));
    TRY(apply_required(w, site, spot, out));
    TRY(apply_items(w, site, spot, out));
    TRY(apply_maps(w, site, spot, out));
    TRY(apply_all_of(w, site, spot, out));
    TRY(apply_one_of(w, site, "oneOf", spot, out));
    TRY(apply_one_of(w, site, "anyOf", spot, out));
    TRY(apply_if(w, site, spot, out));
    TRY(apply_dependent(w, site, "dependentSchemas", spot, out));
    return apply_dependent(w, site, "dependencies", spot, out);
}

static int check_size(struct walk *w, struct wd_site site, const struct wd_fieldset *out)
{
    if (out->count > w->r->limits->fields)
        return wd_fail(w->r->err, WD_EPARSE, wd_node_key_place(site.document, site.node),
                       "more than %" PRIu64 " fields in one message; raise it with --limit fields=...",
                       w->r->limits->fields);
    return out->is_too_large
               ? fail_at(w, site, "one field has too many declarations or constants", "split the schema")
               : WD_OK;
}

/* The schema at `site` applies at `spot`. Recursion is bounded by `schema-depth`: each level is a link of the
 * chain. */
static int apply(struct walk *w, struct wd_site site, struct spot spot, struct wd_fieldset *out)
{
    enum turn turn = GO_ON;
    struct wd_entry *entry = entry_at(spot, out);
    entry->is_declared = true;
    entry->field.is_conditional = false;
    if (site.node->kind == WD_NODE_BOOLEAN)
        return WD_OK;
    TRY(enter(w, site, spot, &turn));
    if (turn == FREE) {
        entry->field.is_free = true;
        return wd_keywords_read(w->r, site, entry, w->flatten->states_wirediet);
    }
    if (turn == STOP)
        return WD_OK;
    spot.is_shared |= site.node->alias_of != NULL;
    int rc = apply_keywords(w, site, spot, out);
    w->depth--;
    return rc < 0 ? rc : check_size(w, site, out);
}

int wd_jsonschema_flatten(const struct wd_flatten *flatten, struct wd_site payload,
                          const struct wd_schema_field **fields, size_t *count)
{
    struct walk w = { .flatten = flatten, .r = flatten->resolver, .paths = wd_map_open() };
    struct spot root = { .path = wd_bytes_of(""), .parent_len = SIZE_MAX };
    struct wd_fieldset set = wd_fieldset_open(w.r->arena);
    struct wd_decl decl = { .document = payload.document, .object = payload.node, .member = payload.node,
                            .at = wd_node_key_place(payload.document, payload.node) };
    wd_entry_add_decl(&set, entry_at(root, &set), &decl);
    int rc = apply(&w, payload, root, &set);
    if (rc >= 0)
        wd_fieldset_finish(&set, w.r->arena, fields, count);
    wd_fieldset_free(&set);
    wd_free(w.chain);
    wd_map_close(w.paths);
    wd_buf_free(&w.scratch);
    return rc;
}
