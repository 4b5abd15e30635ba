/* schema/edit_kinds.c - each kind of text has an editor of its own: targets are dealt out, what comes back is
 * put together. */
#include "schema/edit.h"
#include "schema/proto_cut.h"
#include "schema/proto_edit.h"
#include "schema/proto_index.h"
#include "schema/tree_edit.h"

struct dealt {
    const struct wd_schema *schema;
    struct wd_arena *arena;
    struct wd_schema trees;              /* the schema without what is in .proto files */
    struct wd_edit_target *at[2];        /* by is_proto */
    size_t *place[2];                    /* of each in the list that was given */
    size_t count[2];
    const struct wd_node **kept;         /* of messages that no target takes whole */
    size_t kept_count;
};

static void deal_targets(struct dealt *d, const struct wd_edit_target *targets, size_t count)
{
    for (int k = 0; k < 2; k++) {
        d->at[k] = wd_arena_array(d->arena, struct wd_edit_target, count);
        d->place[k] = wd_arena_array(d->arena, size_t, count);
    }
    for (size_t i = 0; i < count; i++) {
        bool is_proto = wd_proto_has_target(&targets[i]);
        d->place[is_proto][d->count[is_proto]] = i;
        d->at[is_proto][d->count[is_proto]++] = targets[i];
    }
}

static void deal_documents(struct dealt *d)
{
    const struct wd_schema *s = d->schema;
    d->trees.documents = wd_arena_array(d->arena, struct wd_document *, s->document_count);
    d->trees.document_count = d->trees.named_count = 0;
    for (size_t i = 0; i < s->document_count; i++) {
        if (s->documents[i]->is_proto)
            continue;
        d->trees.documents[d->trees.document_count++] = s->documents[i];
        d->trees.named_count += i < s->named_count;
    }
}

static void deal_messages(struct dealt *d)
{
    const struct wd_schema *s = d->schema;
    d->trees.messages = wd_arena_array(d->arena, struct wd_schema_message, s->message_count);
    d->trees.message_count = 0;
    for (size_t i = 0; i < s->message_count; i++)
        if (!s->messages[i].document->is_proto)
            d->trees.messages[d->trees.message_count++] = s->messages[i];
}

static void keep_messages(struct dealt *d)
{
    const struct wd_schema *s = d->schema;
    bool *goes = wd_arena_array(d->arena, bool, s->message_count);
    for (size_t i = 0; i < d->count[true]; i++)
        if (!d->at[true][i].field)
            goes[d->at[true][i].message - s->messages] = true;
    d->kept = wd_arena_array(d->arena, const struct wd_node *, s->message_count);
    for (size_t i = 0; i < s->message_count; i++)
        if (!goes[i] && s->messages[i].payload)
            d->kept[d->kept_count++] = s->messages[i].payload;
}

static struct dealt deal(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                         struct wd_arena *arena)
{
    struct dealt d = { .schema = schema, .arena = arena, .trees = *schema };
    deal_targets(&d, targets, count);
    deal_documents(&d);
    deal_messages(&d);
    keep_messages(&d);
    return d;
}

/* All files; what is written inside another document is none. */
static const struct wd_proto_set *files_of(const struct wd_schema *schema, struct wd_arena *arena)
{
    struct wd_proto_set *all = wd_arena_new(arena, struct wd_proto_set);
    size_t count = 0;
    for (const struct wd_proto_index *index = schema->protos; index; index = index->next)
        count += index->host.at.file ? 0 : index->set->count;
    all->files = wd_arena_array(arena, struct wd_proto_file, count);
    for (const struct wd_proto_index *index = schema->protos; index; index = index->next)
        for (size_t i = 0; !index->host.at.file && i < index->set->count; i++)
            all->files[all->count++] = index->set->files[i];
    return all;
}

static struct wd_proto_targets protos_of(const struct dealt *d)
{
    return (struct wd_proto_targets){ .set = files_of(d->schema, d->arena),
                                      .at = d->at[true],
                                      .count = d->count[true],
                                      .kept = d->kept,
                                      .kept_count = d->kept_count };
}

size_t wd_edit_obstacles(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                         enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_obstacle **out)
{
    struct dealt d = deal(schema, targets, count, arena);
    struct wd_edit_obstacle *of[2] = { NULL, wd_arena_array(arena, struct wd_edit_obstacle, d.count[true]) };
    size_t found = 0;
    if (d.count[false])
        found += wd_tree_edit_obstacles(&d.trees, d.at[false], d.count[false], stage, arena, &of[false]);
    if (d.count[true]) {
        struct wd_proto_targets protos = protos_of(&d);
        struct wd_gone gone = { wd_map_open() };
        found += wd_proto_edit_find(&protos, &gone, arena, of[true]);
        wd_map_close(gone.set);
    }
    *out = wd_arena_array(arena, struct wd_edit_obstacle, count);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < d.count[k]; i++)
            (*out)[d.place[k][i]] = of[k][i];
    return found;
}

/* --- new texts --- */

static const struct wd_proto_file *file_of(const struct wd_proto_targets *protos,
                                           const struct wd_document *document)
{
    for (size_t i = 0; i < protos->set->count; i++)
        if (protos->set->files[i].document == document)
            return &protos->set->files[i];
    return NULL;
}

static int find_gone(const struct dealt *d, const struct wd_proto_targets *protos, enum wd_edit_stage stage,
                     struct wd_gone *gone, struct wd_err *err)
{
    struct wd_edit_obstacle *obstacles = wd_arena_array(d->arena, struct wd_edit_obstacle, protos->count);
    if (stage == WD_EDIT_DEPRECATE)
        wd_proto_edit_marked(protos, gone);
    else if (wd_proto_edit_find(protos, gone, d->arena, obstacles))
        for (size_t i = 0; i < protos->count; i++)
            if (obstacles[i].why)
                return wd_fail(err, WD_EPARSE, obstacles[i].at,
                               "%s; change that first, or suppress the finding", obstacles[i].why);
    return WD_OK;
}

static int edit_protos(const struct dealt *d, enum wd_edit_stage stage, struct wd_edit_result *results,
                       struct wd_err *err)
{
    struct wd_proto_targets protos = protos_of(d);
    struct wd_gone gone = { wd_map_open() };
    int rc = find_gone(d, &protos, stage, &gone, err);
    for (size_t i = 0; rc >= 0 && i < d->schema->document_count; i++) {
        const struct wd_document *document = d->schema->documents[i];
        const struct wd_proto_file *file = document->is_proto ? file_of(&protos, document) : NULL;
        if (document->is_proto)
            results[i] = (struct wd_edit_result){ .document = document, .text = document->text };
        if (file && wd_map_count(gone.set))
            results[i] = stage == WD_EDIT_REMOVE ? wd_proto_cut(file, &gone, d->arena)
                                                 : wd_proto_mark(file, &gone, d->arena);
    }
    wd_map_close(gone.set);
    return rc;
}

static int edit_trees(const struct dealt *d, enum wd_edit_stage stage, struct wd_edit_result *results,
                      struct wd_err *err)
{
    struct wd_edit_result *made;
    if (!d->trees.document_count)
        return WD_OK;
    TRY(wd_tree_edit_apply(&d->trees, d->at[false], d->count[false], stage, d->arena, &made, err));
    for (size_t i = 0; i < d->schema->document_count; i++)
        if (!d->schema->documents[i]->is_proto)
            results[i] = *made++;
    return WD_OK;
}

int wd_edit_apply(const struct wd_schema *schema, const struct wd_edit_target *targets, size_t count,
                  enum wd_edit_stage stage, struct wd_arena *arena, struct wd_edit_result **out,
                  struct wd_err *err)
{
    struct dealt d = deal(schema, targets, count, arena);
    struct wd_edit_result *results = wd_arena_array(arena, struct wd_edit_result, schema->document_count);
    TRY(edit_trees(&d, stage, results, err));
    TRY(edit_protos(&d, stage, results, err));
    *out = results;
    return WD_OK;
}
