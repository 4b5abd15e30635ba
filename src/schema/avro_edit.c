/* The default that a field is given is the least value of its type:
 *
 *     null           null        int, long, float, double   0        array   []
 *     boolean        false       string, bytes              ""       map     {}
 *     enum           its first   fixed of 2                 "\u0000\u0000"
 *     union          that of its first branch: no other is allowed
 *     record         {...}, with a value for each of its fields
 */
#include "schema/avro_edit.h"

#include "base/escape.h"
#include "schema/links.h"

/* Deeper than this, or longer, no default is made. */
enum { DEEPEST = 16, LONGEST = 4096 };

/* ---- defaults ---- */

static bool put_default(struct wd_buf *out, const struct wd_avro_type *type, struct wd_arena *arena,
                        int depth);

static bool put_record(struct wd_buf *out, const struct wd_avro_type *type, struct wd_arena *arena, int depth)
{
    wd_buf_byte(out, '{');
    for (size_t i = 0; i < type->count; i++) {
        const struct wd_node *value = wd_node_get(type->fields[i].node, "default");
        wd_buf_puts(out, i ? ", " : "");
        wd_put_json(out, type->fields[i].name);
        wd_buf_puts(out, ": ");
        if (value)
            wd_buf_put(out, wd_node_canonical(value, arena));
        else if (!put_default(out, type->fields[i].type, arena, depth))
            return false;
    }
    wd_buf_byte(out, '}');
    return out->len <= LONGEST;
}

static bool put_fixed(struct wd_buf *out, const struct wd_avro_type *type)
{
    wd_buf_byte(out, '"');
    for (uint64_t i = 0; i < type->size && out->len <= LONGEST; i++)
        wd_buf_puts(out, "\\u0000");
    wd_buf_byte(out, '"');
    return out->len <= LONGEST;
}

static bool put_first(struct wd_buf *out, const struct wd_avro_type *type, struct wd_arena *arena, int depth)
{
    if (!type->count)
        return false;
    if (type->kind == WD_AVRO_UNION)
        return put_default(out, type->branches[0], arena, depth);
    wd_put_json(out, type->symbols[0]);
    return true;
}

/* `depth` bounds the recursion: a record that cannot end has no default. */
static bool put_default(struct wd_buf *out, const struct wd_avro_type *type, struct wd_arena *arena,
                        int depth)
{
    static const char *const texts[] = {
        [WD_AVRO_NULL] = "null",  [WD_AVRO_BOOLEAN] = "false", [WD_AVRO_INT] = "0",
        [WD_AVRO_LONG] = "0",     [WD_AVRO_FLOAT] = "0",       [WD_AVRO_DOUBLE] = "0",
        [WD_AVRO_BYTES] = "\"\"", [WD_AVRO_STRING] = "\"\"",   [WD_AVRO_ARRAY] = "[]",
        [WD_AVRO_MAP] = "{}",     [WD_AVRO_FIXED] = NULL,
    };
    if (depth >= DEEPEST)
        return false;
    switch ((enum wd_avro_kind)type->kind) {
    case WD_AVRO_RECORD:
        return put_record(out, type, arena, depth + 1);
    case WD_AVRO_FIXED:
        return put_fixed(out, type);
    case WD_AVRO_ENUM:
    case WD_AVRO_UNION:
        return put_first(out, type, arena, depth + 1);
    default:
        wd_buf_puts(out, texts[type->kind]);
        return true;
    }
}

static struct wd_bytes *default_of(const struct wd_avro_type *type, struct wd_arena *arena)
{
    struct wd_buf text = {0};
    struct wd_bytes *made = NULL;
    if (put_default(&text, type, arena, 0)) {
        made = wd_arena_new(arena, struct wd_bytes);
        *made = wd_arena_copy(arena, wd_buf_bytes(&text));
    }
    wd_buf_free(&text);
    return made;
}

bool wd_avro_put_defaults(const struct wd_schema_field *field, struct wd_arena *arena,
                          struct wd_map *defaults)
{
    bool has_put = false;
    for (size_t i = 0; i < field->decl_count; i++) {
        const struct wd_avro_field *avro = field->decls[i].avro;
        struct wd_bytes *text =
            avro && !wd_node_get(avro->node, "default") ? default_of(avro->type, arena) : NULL;
        if (!text)
            continue;
        *wd_map_put(defaults, wd_bytes_at(&avro->node, sizeof avro->node), NULL) = (uint64_t)(uintptr_t)text;
        has_put = true;
    }
    return has_put;
}

/* ---- obstacles ---- */

static struct wd_edit_obstacle object_to(const char *why, const struct wd_document *document,
                                         const struct wd_node *node)
{
    return (struct wd_edit_obstacle){why, wd_node_key_place(document, node)};
}

/* A default of a record around it that has a value for the field. */
static const struct wd_node *default_that_names(const struct wd_document *document, struct wd_bytes name)
{
    for (const struct wd_node *n = document->root; n; n = wd_node_after(n, document->root)) {
        if (!wd_bytes_is(n->key, "default") || n->kind != WD_NODE_MAP)
            continue;
        for (const struct wd_node *value = n; value; value = wd_node_after(value, n))
            if (value != n && wd_bytes_eq(value->key, name))
                return value;
    }
    return NULL;
}

static struct wd_edit_obstacle obstacle_of_removal(const struct wd_schema *schema, const struct wd_decl *decl)
{
    if (!wd_node_get(decl->member, "default"))
        return object_to(
            "its readers need a default: --stage deprecate gives it one; once they all have that, it can go",
            decl->document, decl->member);
    for (size_t d = 0; d < schema->document_count; d++) {
        const struct wd_node *named = default_that_names(schema->documents[d], decl->avro->name);
        if (named)
            return object_to("a default that stays has a value for it", schema->documents[d], named);
    }
    return (struct wd_edit_obstacle){0};
}

static struct wd_edit_obstacle obstacle_of_mark(const struct wd_decl *decl, struct wd_arena *arena)
{
    if (wd_node_get(decl->member, "default") || default_of(decl->avro->type, arena))
        return (struct wd_edit_obstacle){0};
    return object_to("no default could be made for its type; write one by hand", decl->document,
                     decl->member);
}

static struct wd_edit_obstacle obstacle_of_decl(const struct wd_schema *schema, const struct wd_decl *decl,
                                                enum wd_edit_stage stage)
{
    if (!decl->avro)
        return object_to("an array or a map has to say what it holds", decl->document, decl->member);
    if (stage == WD_EDIT_REMOVE)
        return obstacle_of_removal(schema, decl);
    struct wd_arena *scratch = wd_arena_open();
    struct wd_edit_obstacle obstacle = obstacle_of_mark(decl, scratch);
    wd_arena_close(scratch);
    return obstacle;
}

struct wd_edit_obstacle wd_avro_obstacle(const struct wd_schema *schema, const struct wd_edit_target *target,
                                         enum wd_edit_stage stage)
{
    const struct wd_schema_message *m = target->message;
    struct wd_edit_obstacle obstacle = {0};
    if (!m->layout || !m->layout->avro)
        return obstacle;
    if (!target->field)
        return stage == WD_EDIT_REMOVE && !wd_node_get(m->document->root, "asyncapi")
                   ? object_to("a record of a union, or a message of a protocol, is known by its place; "
                               "remove it by hand",
                               m->document, m->node)
                   : obstacle;
    for (size_t d = 0; d < target->field->decl_count && !obstacle.why; d++)
        obstacle = obstacle_of_decl(schema, &target->field->decls[d], stage);
    return obstacle;
}
