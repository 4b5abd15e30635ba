#include "schema/proto_edit.h"

#include "schema/links.h"
#include "schema/proto_path.h"
#include "schema/proto_reach.h"

typedef Google__Protobuf__FieldDescriptorProto Field;

struct edit {
    const struct wd_proto_targets *targets;
    struct wd_gone *gone;
    struct wd_proto_reach reach;
    struct wd_map *spots;            /* nodes to their declarations */
    struct wd_edit_obstacle *obstacles;
    size_t obstacle_count;
};

bool wd_proto_has_target(const struct wd_edit_target *t)
{
    if (!t->field)
        return t->message->document->is_proto;
    return t->field->decl_count && t->field->decls[0].document->is_proto;
}

/* --- what a node declares --- */

struct declared { const struct wd_proto_file *file; const struct wd_proto_spot *spot; };

static struct wd_bytes key_of(const struct wd_node *const *node)
{
    return wd_bytes_at(node, sizeof *node);
}

/* Of a group the field, which comes first: its number is less than that of the type. */
static void index_spots(struct edit *e)
{
    const struct wd_proto_set *set = e->targets->set;
    e->spots = wd_map_open();
    for (size_t f = 0; f < set->count; f++) {
        for (size_t i = 0; i < set->files[f].spot_count; i++) {
            bool is_new;
            const struct wd_node *node = set->files[f].spots[i].node;
            uint64_t *at = wd_map_put(e->spots, key_of(&node), &is_new);
            if (is_new)
                *at = (uint64_t)f << 32 | i;
        }
    }
}

static bool find_declared(const struct edit *e, const struct wd_node *node, struct declared *out)
{
    const uint64_t *at = wd_map_get(e->spots, key_of(&node));
    if (!at)
        return false;
    out->file = &e->targets->set->files[*at >> 32];
    out->spot = &out->file->spots[*at & UINT32_MAX];
    return true;
}

static const Google__Protobuf__DescriptorProto *message_of(const struct declared *d)
{
    const Google__Protobuf__DescriptorProto *m = NULL;
    for (size_t i = 0; i + 3 < d->spot->depth; i += 2) {
        size_t at = (size_t)d->spot->path[i + 1];
        m = m ? m->nested_type[at] : d->file->descriptor->message_type[at];
    }
    return m;
}

/* --- targets --- */

static void object_to(struct edit *e, size_t target, const char *why, struct wd_place at)
{
    struct wd_edit_obstacle *obstacle = &e->obstacles[target];
    if (obstacle->why)
        return;
    *obstacle = (struct wd_edit_obstacle){ why, at };
    e->obstacle_count++;
}

/* 4, i, 3, k, ..., 2, n: not the value of an enum, whose path ends alike. */
static bool is_field(const struct declared *d)
{
    size_t depth = d->spot->depth;
    return depth >= 4 && d->spot->path[0] == WD_FILE_MESSAGE && d->spot->path[depth - 2] == WD_MESSAGE_FIELD &&
           (depth == 4 || d->spot->path[depth - 4] == WD_MESSAGE_NESTED);
}

/* 4, i, 3, k, ... */
static bool is_type(const struct declared *d)
{
    size_t depth = d->spot->depth;
    return depth >= 2 && d->spot->path[0] == WD_FILE_MESSAGE &&
           (depth == 2 || d->spot->path[depth - 2] == WD_MESSAGE_NESTED);
}

/* Why the declaration cannot go, whatever else there is; NULL when it can. */
static const char *why_not(const struct declared *d)
{
    if (!d->file->document->text.len)
        return "only its descriptor is there; name the .proto file with -s";
    if (!d->file->is_named)
        return "it is in an imported file, which others may read; name that with -s, too";
    if (!is_field(d))
        return is_type(d) ? NULL : "it is an extension";
    const Google__Protobuf__DescriptorProto *m = message_of(d);
    const Field *field = m->field[d->spot->path[d->spot->depth - 1]];
    if (field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED)
        return "it is required: whoever was built with it refuses messages without it";
    return NULL;
}

static void take_node(struct edit *e, size_t target, const struct wd_node *node, struct wd_place at)
{
    struct declared d;
    if (!node)
        return;   /* what protoc made up */
    if (!find_declared(e, node, &d)) {
        object_to(e, target, "it stands in no .proto file of its own", at);
        return;
    }
    const char *why = why_not(&d);
    if (why)
        object_to(e, target, why, wd_node_key_place(d.file->document, node));
    else
        wd_gone_add(e->gone, node, (struct wd_cause){ (uint32_t)target, false });
}

static void take_target(struct edit *e, size_t i)
{
    const struct wd_edit_target *t = &e->targets->at[i];
    if (!t->field)
        take_node(e, i, t->message->node, t->message->at);
    for (size_t d = 0; t->field && d < t->field->decl_count; d++)
        take_node(e, i, t->field->decls[d].member, t->field->decls[d].at);
}

/* --- what follows --- */

static bool is_oneof(const struct wd_node *node, const struct declared *d)
{
    size_t depth = d->spot->depth;
    return node->kind == WD_NODE_MAP && depth >= 4 && d->spot->path[depth - 2] == WD_MESSAGE_ONEOF;
}

static bool is_emptied(const struct wd_gone *gone, const struct wd_node *node)
{
    const struct wd_node *member = node->first;
    while (member && wd_gone_has(gone, member))
        member = member->next;
    return node->first && !member;
}

/* A oneof may not be empty. */
static void take_oneofs(struct edit *e)
{
    const struct wd_proto_set *set = e->targets->set;
    for (size_t f = 0; f < set->count; f++) {
        for (size_t i = 0; i < set->files[f].spot_count; i++) {
            struct declared d = { &set->files[f], &set->files[f].spots[i] };
            const struct wd_node *node = d.spot->node;
            if (is_oneof(node, &d) && is_emptied(e->gone, node))
                wd_gone_add(e->gone, node, wd_gone_cause(e->gone, node->first));
        }
    }
}

static void take_follower(void *ctx, const struct wd_node *node)
{
    struct edit *e = ctx;
    wd_gone_add(e->gone, node, (struct wd_cause){ 0 });
}

static void keep_messages(struct edit *e)
{
    for (size_t i = 0; i < e->targets->kept_count; i++) {
        struct wd_proto_declared *type = wd_proto_reach_type(&e->reach, e->targets->kept[i]);
        if (type)
            type->is_root = true;
    }
}

/* Something that stays has it as its type. */
static void check_references(struct edit *e)
{
    for (size_t i = 0; i < e->reach.reference_count; i++) {
        const struct wd_proto_reference *r = &e->reach.references[i];
        const struct wd_node *to = r->to == WD_PROTO_NOBODY ? NULL : e->reach.types[r->to].node;
        const struct wd_node *gone = to ? wd_gone_cover(e->gone, to) : NULL;
        const struct wd_node *node = r->node;
        bool stays = gone && (!node || !wd_gone_cover(e->gone, node)) &&
                     (r->from == WD_PROTO_NOBODY || e->reach.types[r->from].is_read);
        if (stays)
            object_to(e, wd_gone_cause(e->gone, gone).target,
                      "a field or a method that stays has it as its type",
                      node ? wd_node_key_place(r->file->document, node)
                           : (struct wd_place){ .file = r->file->document->name });
    }
}

size_t wd_proto_edit_find(const struct wd_proto_targets *targets, struct wd_gone *gone,
                          struct wd_arena *arena, struct wd_edit_obstacle *obstacles)
{
    struct edit e = { .targets = targets, .gone = gone, .obstacles = obstacles };
    e.reach = wd_proto_reach_of(targets->set, arena);
    index_spots(&e);
    for (size_t i = 0; i < targets->count; i++)
        take_target(&e, i);
    take_oneofs(&e);
    keep_messages(&e);
    wd_proto_reach_orphans(&e.reach, gone, take_follower, &e);
    check_references(&e);
    wd_proto_reach_imports(&e.reach, gone, take_follower, &e);
    wd_map_close(e.spots);
    wd_proto_reach_free(&e.reach);
    return e.obstacle_count;
}

void wd_proto_edit_marked(const struct wd_proto_targets *targets, struct wd_gone *marked)
{
    struct edit e = { .targets = targets };
    index_spots(&e);
    for (size_t i = 0; i < targets->count; i++) {
        const struct wd_schema_field *field = targets->at[i].field;
        for (size_t d = 0; field && !field->is_deprecated && d < field->decl_count; d++) {
            struct declared declared;
            const struct wd_node *node = field->decls[d].member;
            if (node && find_declared(&e, node, &declared) && is_field(&declared) && declared.file->is_named)
                wd_gone_add(marked, node, (struct wd_cause){ (uint32_t)i, false });
        }
    }
    wd_map_close(e.spots);
}
