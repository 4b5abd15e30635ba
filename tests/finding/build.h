/* tests/finding/build.h - evidence by hand: profiles, schemas, usages and configurations in a few words.
 *
 * Shape   a world holds one audit's inputs. Rows are added to the last type, fields to the last message.
 *         wd_audit_run is asked by world_run; what it found is looked up by rule, message and path.
 */
#ifndef WD_TESTS_FINDING_BUILD_H
#define WD_TESTS_FINDING_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "finding/audit.h"

enum { WORLD_TYPES = 8, WORLD_ROWS = 48 };

struct world {
    struct wd_arena *arena;
    struct wd_profile profile;
    struct wd_type_profile types[WORLD_TYPES];
    struct wd_row rows[WORLD_TYPES][WORLD_ROWS];
    struct wd_schema schema;
    struct wd_schema_message messages[WORLD_TYPES];
    struct wd_schema_field fields[WORLD_TYPES][WORLD_ROWS];
    struct wd_binding bindings[WORLD_TYPES];
    struct wd_usage usage;
    struct wd_config config;
    struct wd_audit audit;
    bool has_schema;
};

static inline struct wd_bytes text(const char *s)
{
    return wd_bytes_of(s);
}

static inline struct world *world_open(void)
{
    struct world *w = wd_alloc(sizeof *w);
    w->arena = wd_arena_open();
    w->profile.types = w->types;
    w->schema = (struct wd_schema){ .format = "asyncapi-3", .messages = w->messages };
    w->config.thresholds = (struct wd_thresholds){ .changed_beyond = 0.05,
                                                   .slow_ratio = 0.1,
                                                   .snapshot_ratio = 0.8,
                                                   .min_confidence = 0.5,
                                                   .min_messages = 20 };
    return w;
}

static inline void world_close(struct world *w)
{
    for (size_t t = 0; t < w->profile.type_count; t++)
        for (size_t r = 0; r < w->types[t].row_count; r++)
            wd_row_close(&w->rows[t][r]);
    wd_arena_close(w->arena);
    free(w);
}

/* A message type that a server sent `count` times on /live, with a root row of two brackets each. */
static inline struct wd_type_profile *add_type(struct world *w, const char *name, uint64_t count)
{
    struct wd_type_profile *type = &w->types[w->profile.type_count++];
    *type = (struct wd_type_profile){ .name = text(name), .channel = text("/live"), .direction = WD_S2C,
                                      .named_by = WD_NAMED_BY_DISCRIMINATOR, .codec = "json",
                                      .count = count, .compared_messages = count - 1, .connections = 1,
                                      .entity = text(""), .discriminator = text(""), .discovered = text("") };
    w->profile.messages += count;
    type->rows = w->rows[type - w->types];
    struct wd_row *root = &type->rows[type->row_count++];
    *root = (struct wd_row){ .path = text("."), .present = count, .occurrences = count,
                             .syntax_bytes = 2 * count };
    root->types[WD_TYPE_OBJECT] = count;
    return type;
}

/* A row of the last type: present in every message, `bytes` in each (a third of it key), changed in
 * `changed` of the comparisons. */
static inline struct wd_row *add_row(struct world *w, const char *path, enum wd_type kind, uint64_t bytes,
                                     uint64_t changed)
{
    struct wd_type_profile *type = &w->types[w->profile.type_count - 1];
    struct wd_row *row = &type->rows[type->row_count++];
    uint64_t n = type->count;
    bool is_container = kind == WD_TYPE_ARRAY || kind == WD_TYPE_OBJECT;
    *row = (struct wd_row){ .path = text(path), .present = n, .occurrences = n, .key_bytes = bytes / 3 * n,
                            .value_bytes = (bytes - bytes / 3) * n };
    row->types[kind] = n;
    if (is_container)
        return row;
    row->compared = n - 1;
    row->changed = changed;
    row->series = 1;
    row->constant_series = changed == 0;
    row->distinct = changed + 1;
    row->repeated_bytes = bytes * (n - 1 - changed);
    return row;
}

static inline void see_constant(struct wd_row *row, const char *json)
{
    if (!row->sketch)
        row->sketch = wd_sketch_open();
    wd_sketch_add(row->sketch, wd_sketch_hash_json(text(json)));
}

/* A schema message on /live, sent by the server. Bound to the type of the same name by world_run. */
static inline struct wd_schema_message *add_message(struct world *w, const char *name)
{
    struct wd_schema_message *m = &w->messages[w->schema.message_count++];
    w->has_schema = true;
    *m = (struct wd_schema_message){
        .name = text(name),
        .key = text(name),
        .channel = text("/live"),
        .directions = 1u << WD_S2C,
        .at = { .file = "s.yaml", .line = 10 * (uint32_t)w->schema.message_count, .column = 1 }
    };
    m->fields = w->fields[m - w->messages];
    w->fields[m - w->messages][m->field_count++] =
        (struct wd_schema_field){ .path = text("."), .types = 1u << WD_TYPE_OBJECT, .is_open = true };
    return m;
}

static inline struct wd_schema_field *add_field(struct world *w, const char *path, uint32_t types)
{
    struct wd_schema_message *m = &w->messages[w->schema.message_count - 1];
    struct wd_schema_field *field = &w->fields[m - w->messages][m->field_count++];
    struct wd_decl *decl = wd_arena_new(w->arena, struct wd_decl);
    decl->at =
        (struct wd_place){ .file = "s.yaml", .line = m->at.line + (uint32_t)m->field_count, .column = 5 };
    *field = (struct wd_schema_field){ .path = text(path), .types = types, .decls = decl, .decl_count = 1 };
    return field;
}

static inline struct wd_constant *constants(struct world *w, const char *const *json, size_t count)
{
    struct wd_constant *list = wd_arena_array(w->arena, struct wd_constant, count);
    for (size_t i = 0; i < count; i++)
        list[i].json = text(json[i]);
    return list;
}

/* A consumer that takes `message` and reads `reads` (paths with blanks between); "~path" is an escape at
 * `x.js:1`. A leading "..." says that the list is not complete. */
static inline struct wd_consumer *add_consumer(struct world *w, const char *name, const char *message,
                                               const char *reads)
{
    struct wd_consumer *consumers = wd_arena_array(w->arena, struct wd_consumer, w->usage.consumer_count + 1);
    for (size_t i = 0; i < w->usage.consumer_count; i++)
        consumers[i] = w->usage.consumers[i];
    struct wd_consumer_message *entry = wd_arena_new(w->arena, struct wd_consumer_message);
    struct wd_read *read = wd_arena_array(w->arena, struct wd_read, strlen(reads) + 1);
    struct wd_escape *escape = wd_arena_array(w->arena, struct wd_escape, strlen(reads) + 1);
    *entry = (struct wd_consumer_message){ .message = text(message), .channel = text(""), .direction = -1,
                                           .reads = read, .escapes = escape, .is_complete = strncmp(reads, "...", 3) != 0 };
    char *words = wd_arena_string(w->arena, text(reads + (entry->is_complete ? 0 : 3))), *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (word[0] == '~')
            escape[entry->escape_count++] = (struct wd_escape){ .path = text(word + 1), .where = text("x.js:1") };
        else
            read[entry->read_count++] = (struct wd_read){ .path = text(word) };
    }
    struct wd_consumer *consumer = &consumers[w->usage.consumer_count++];
    *consumer = (struct wd_consumer){ .name = text(name), .source = WD_USAGE_MANIFEST, .messages = entry,
                                      .message_count = 1 };
    w->usage.consumers = consumers;
    return consumer;
}

static inline void suppress(struct world *w, const char *rule, const char *message, const char *path,
                            const char *reason, const char *expires)
{
    struct wd_suppression *list =
        wd_arena_array(w->arena, struct wd_suppression, w->config.suppression_count + 1);
    for (size_t i = 0; i < w->config.suppression_count; i++)
        list[i] = w->config.suppressions[i];
    list[w->config.suppression_count++] =
        (struct wd_suppression){ text(rule),   text(message), text(path),
                                 text(reason), text(expires), { .file = "c.yaml", .line = 3, .column = 3 } };
    w->config.suppressions = list;
}

static inline int by_path_order(const void *a, const void *b)
{
    struct wd_bytes x = ((const struct wd_row *)a)->path, y = ((const struct wd_row *)b)->path;
    return wd_bytes_cmp(x, y);
}

static inline int by_field_order(const void *a, const void *b)
{
    struct wd_bytes x = ((const struct wd_schema_field *)a)->path,
                    y = ((const struct wd_schema_field *)b)->path;
    return wd_bytes_is(x, ".") || wd_bytes_is(y, ".") ? (int)wd_bytes_is(y, ".") - (int)wd_bytes_is(x, ".")
                                                      : wd_bytes_cmp(x, y);
}

static inline void world_settle(struct world *w)
{
    w->profile.payload_bytes = w->profile.messages = 0;
    for (size_t t = 0; t < w->profile.type_count; t++) {
        struct wd_type_profile *type = &w->types[t];
        qsort(type->rows, type->row_count, sizeof *type->rows, by_path_order);
        type->payload_bytes = 0;
        for (size_t r = 0; r < type->row_count; r++)
            type->payload_bytes += wd_row_bytes(&type->rows[r]);
        w->profile.payload_bytes += type->payload_bytes;
        w->profile.messages += type->count;
        w->bindings[t] = (struct wd_binding){ .why_not = "no message has its name", .nearest = text("") };
        for (size_t m = 0; m < w->schema.message_count; m++)
            if (wd_bytes_eq(w->messages[m].name, type->name))
                w->bindings[t] = (struct wd_binding){ .message = &w->messages[m], .fit = 1 };
    }
    for (size_t m = 0; m < w->schema.message_count; m++)
        qsort(w->fields[m], w->messages[m].field_count, sizeof w->fields[m][0], by_field_order);
}

static inline const struct wd_audit *world_run(struct world *w)
{
    struct wd_err err = { 0 };
    world_settle(w);
    w->audit = (struct wd_audit){ .arena = w->arena,
                                  .config = &w->config,
                                  .profile = w->profile.type_count || w->profile.ledger.captured_bytes ? &w->profile : NULL,
                                  .schema = w->has_schema ? &w->schema : NULL,
                                  .usage = &w->usage,
                                  .bindings = w->has_schema && w->profile.type_count ? w->bindings : NULL };
    if (wd_audit_run(&w->audit, &err) < 0)
        fail_msg("%s", err.text);
    return &w->audit;
}

/* ---- what was found ---- */

static inline const struct wd_finding *find(const struct wd_audit *a, const char *rule, const char *path)
{
    for (size_t i = 0; i < a->finding_count; i++)
        if (strcmp(a->findings[i].rule->id, rule) == 0 && wd_bytes_is(a->findings[i].path, path))
            return &a->findings[i];
    return NULL;
}

static inline size_t count_of(const struct wd_audit *a, const char *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < a->finding_count; i++)
        count += strcmp(a->findings[i].rule->id, rule) == 0;
    return count;
}

static inline bool has_also(const struct wd_finding *f, const char *rule)
{
    for (size_t i = 0; i < f->also_count; i++)
        if (strcmp(f->also[i], rule) == 0)
            return true;
    return false;
}

static inline const struct wd_fact *fact(const struct wd_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++)
        if (strcmp(f->facts[i].key, key) == 0)
            return &f->facts[i];
    fail_msg("%s has no fact %s", f->rule->id, key);
    return NULL;
}

static inline bool is_unasked(const struct wd_audit *a, const char *rule)
{
    for (size_t i = 0; i < a->unasked_count; i++)
        if (strcmp(a->unasked[i].rule->id, rule) == 0)
            return true;
    return false;
}

/* All findings of `rule` by path, with blanks between, in the order of the audit: "a b.c". */
static inline const char *paths_of(struct world *w, const char *rule)
{
    struct wd_buf buf = { 0 };
    for (size_t i = 0; i < w->audit.finding_count; i++) {
        const struct wd_finding *f = &w->audit.findings[i];
        if (strcmp(f->rule->id, rule) != 0)
            continue;
        if (buf.len)
            wd_buf_byte(&buf, ' ');
        wd_buf_put(&buf, f->path.len ? f->path : f->message);
    }
    const char *all = wd_arena_string(w->arena, wd_buf_bytes(&buf));
    wd_buf_free(&buf);
    return all;
}

#endif
