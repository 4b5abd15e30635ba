#include "schema/mentions.h"

#include "base/buf.h"
#include "model/path.h"

struct mentions {
    struct wd_bytes key;
    wd_mention_fn *take;
    void *ctx;
};

/* ---- names ---- */

static void take_names(const struct mentions *m, const struct wd_node *list)
{
    for (const struct wd_node *item = list && list->kind == WD_NODE_LIST ? list->first : NULL; item;
         item = item->next)
        if (item->kind == WD_NODE_STRING && wd_bytes_eq(item->text, m->key))
            m->take(m->ctx, item);
}

/* required: [name]; dependentRequired: {key: [name]}. */
static void take_required(const struct mentions *m, const struct wd_node *object)
{
    static const char *const dependent[] = {"dependentRequired", "dependencies"};
    take_names(m, wd_node_get(object, "required"));
    for (size_t i = 0; i < WD_COUNT(dependent); i++) {
        const struct wd_node *map = wd_node_get(object, dependent[i]);
        for (const struct wd_node *list = map && map->kind == WD_NODE_MAP ? map->first : NULL; list;
             list = list->next)
            take_names(m, list);
    }
}

/* ---- examples ---- */

/* An alias is left alone: what it names may be an example of something else. */
static void take_member(const struct mentions *m, const struct wd_node *value)
{
    const struct wd_node *member = value->alias_of ? NULL : wd_node_get_bytes(value, m->key);
    if (member && member->parent == value)
        m->take(m->ctx, member);
}

static bool is_step_to(struct wd_bytes step, const struct wd_node *child)
{
    struct wd_buf name = {0};
    if (wd_bytes_is(step, "[]") || wd_bytes_is(step, "{}"))
        return true;
    wd_path_put_member(&name, child->key);
    bool is_same = wd_bytes_eq(wd_buf_bytes(&name), step);
    wd_buf_free(&name);
    return is_same;
}

/* The key in what `path` leads to from this value, in every element on the way. Each step goes one level down
 * the tree: the recursion is as deep as that, and that has a limit. */
static void take_values(const struct mentions *m, const struct wd_node *value, struct wd_bytes path)
{
    struct wd_bytes step;
    size_t off = 0;
    if (!value || value->alias_of || wd_bytes_is(path, ".") || !wd_path_next(path, &off, &step)) {
        if (value)
            take_member(m, value);
        return;
    }
    off += off < path.len && path.at[off] == '.';
    if (value->kind != (wd_bytes_is(step, "[]") ? WD_NODE_LIST : WD_NODE_MAP))
        return;
    for (const struct wd_node *child = value->first; child; child = child->next)
        if (is_step_to(step, child))
            take_values(m, child, wd_bytes_at(path.at + off, path.len - off));
}

static void take_examples(const struct mentions *m, const struct wd_node *object, const char *wrapped,
                          struct wd_bytes path)
{
    const struct wd_node *list = wd_node_get(object, "examples");
    for (const struct wd_node *x = list && list->kind == WD_NODE_LIST ? list->first : NULL; x; x = x->next)
        take_values(m, wrapped ? wd_node_get(x, wrapped) : x, path);
    if (!wrapped)
        take_values(m, wd_node_get(object, "example"), path);
}

/* Of the schemas at each level from the root to `parent`: `below` is the way from there. */
static void take_all_examples(const struct mentions *m, struct wd_spots *spots,
                              const struct wd_schema_message *message, struct wd_bytes parent)
{
    struct wd_bytes above = wd_bytes_of("."), below = parent, step;
    for (size_t off = 0;; above = wd_bytes_at(parent.at, off)) {
        const struct wd_schema_field *field = wd_schema_field_find(message, above);
        if (field)
            wd_spots_find(spots, field);
        for (size_t i = 0; field && i < spots->count; i++)
            take_examples(m, spots->at[i].object, NULL, below);
        if (!wd_path_next(parent, &off, &step))
            break;
        size_t dot = off < parent.len && parent.at[off] == '.';
        below = wd_bytes_at(parent.at + off + dot, parent.len - off - dot);
    }
    take_examples(m, message->node, "payload", parent);
}

void wd_mentions_find(struct wd_spots *spots, const struct wd_schema_message *message,
                      const struct wd_schema_field *field, wd_mention_fn *take, void *ctx)
{
    const struct wd_schema_field *parent = wd_schema_field_find(message, wd_path_parent(field->path));
    struct mentions m = {field->decls[0].member->key, take, ctx};
    if (!parent || wd_path_is_entry(field->path))
        return;
    wd_spots_find(spots, parent);
    for (size_t i = 0; i < spots->count; i++)
        if (!spots->at[i].is_condition)
            take_required(&m, spots->at[i].object);
    take_all_examples(&m, spots, message, parent->path);
}
