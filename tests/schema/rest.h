/* tests/schema/rest.h - what has to be left of a schema when some of its fields are removed, told apart from how the code under
 * test does it: by what declares a field, and by reading the new texts.
 *
 * Shape   rest_check() says in words what is wrong, or gives NULL.
 */
#ifndef WD_TESTS_SCHEMA_REST_H
#define WD_TESTS_SCHEMA_REST_H

#include <stdio.h>

#include "base/escape.h"
#include "model/path.h"
#include "schema/edit.h"
#include "schema/schema.h"

struct rest {
    const struct wd_schema *old;
    const struct wd_edit_target *targets;
    size_t count;
    char text[1024];
};

static inline bool rest_is_inside(const struct wd_node *node, const struct wd_node *around)
{
    while (node && node != around)
        node = node->parent;
    return node != NULL;
}

/* Some target takes the text of the node away. */
static inline bool rest_is_cut(const struct rest *r, const struct wd_node *node)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct wd_edit_target *t = &r->targets[i];
        if (!t->field && rest_is_inside(node, t->message->node))
            return true;
        for (size_t d = 0; t->field && d < t->field->decl_count; d++)
            if (t->field->decls[d].container && rest_is_inside(node, t->field->decls[d].member))
                return true;
    }
    return false;
}

static inline bool rest_has_message(const struct rest *r, const struct wd_schema_message *m)
{
    for (size_t i = 0; i < r->count; i++)
        if (!r->targets[i].field && r->targets[i].message->node == m->node)
            return false;
    return true;
}

/* How many of the declarations that can be read stay; a member is gone with what it is in. */
static inline size_t rest_decls(const struct rest *r, const struct wd_schema_message *m,
                                const struct wd_schema_field *f)
{
    size_t stay = 0;
    const struct wd_schema_field *parent = wd_schema_field_find(m, wd_path_parent(f->path));
    if (parent && !wd_bytes_eq(parent->path, f->path) && !rest_decls(r, m, parent))
        return 0;
    for (size_t d = 0; d < f->decl_count; d++)
        stay += !rest_is_cut(r, f->decls[d].member);
    return stay;
}

static inline bool rest_is_same(const struct wd_schema_field *a, const struct wd_schema_field *b)
{
    bool is_same = a->types == b->types && a->is_required == b->is_required && a->is_conditional == b->is_conditional &&
                   a->is_closed == b->is_closed && a->is_map == b->is_map && a->has_const == b->has_const &&
                   a->has_enum == b->has_enum && a->constant_count == b->constant_count &&
                   wd_bytes_eq(a->format, b->format) && wd_bytes_eq(a->description, b->description);
    for (size_t i = 0; is_same && i < a->constant_count; i++)
        is_same = wd_bytes_eq(a->constants[i].json, b->constants[i].json);
    return is_same;
}

static inline const char *rest_say(struct rest *r, const char *what, const struct wd_schema_message *m, struct wd_bytes path)
{
    struct wd_shown a, b;
    snprintf(r->text, sizeof r->text, "%s: %s %s", what, m ? wd_show(&a, m->name) : "", wd_show(&b, path));
    return r->text;
}

static inline const char *rest_compare(struct rest *r, const struct wd_schema_message *old,
                                       const struct wd_schema_message *new)
{
    size_t left = 0;
    for (size_t f = 0; f < old->field_count; f++) {
        const struct wd_schema_field *field = &old->fields[f], *now = wd_schema_field_find(new, field->path);
        size_t stay = rest_decls(r, old, field);
        left += stay > 0;
        if (!stay != !now)
            return rest_say(r, stay ? "lost" : "still there", old, field->path);
        if (now && stay == field->decl_count && !rest_is_same(field, now))
            return rest_say(r, "changed", old, field->path);
    }
    return left == new->field_count ? NULL : rest_say(r, "something new", old, wd_bytes_of(""));
}

/* The new texts are read; messages come in the same order. */
static inline const char *rest_check(struct rest *r, const struct wd_edit_result *results, const struct wd_limits *limits)
{
    struct wd_err err = { 0 };
    struct wd_schema *new = NULL;
    struct wd_bytes *texts = wd_realloc(NULL, r->old->document_count + 1, sizeof *texts);
    const char *wrong = NULL;
    size_t at = 0;
    for (size_t d = 0; d < r->old->document_count; d++)
        texts[d] = results[d].text;
    if (wd_schema_reparse(r->old, texts, limits, &new, &err) < 0)
        wrong = rest_say(r, "cannot be read", NULL, wd_bytes_of(err.text));
    for (size_t m = 0; !wrong && m < r->old->message_count; m++) {
        const struct wd_schema_message *old = &r->old->messages[m];
        if (!rest_has_message(r, old))
            continue;
        if (at == new->message_count || !wd_bytes_eq(new->messages[at].name, old->name) ||
            !wd_bytes_eq(new->messages[at].channel, old->channel) || new->messages[at].directions != old->directions)
            wrong = rest_say(r, "another message", old, old->channel);
        else
            wrong = rest_compare(r, old, &new->messages[at++]);
    }
    /* Where none is left a library among the components shows, of which no channel made use; no plan goes so far. */
    if (!wrong && at && at != new->message_count)
        wrong = rest_say(r, "a new message", &new->messages[at], wd_bytes_of(""));
    wd_schema_free(new);
    wd_free(texts);
    return wrong;
}

#endif
