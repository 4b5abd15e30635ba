#include "pipeline/annotate.h"

#include "base/escape.h"
#include "base/map.h"
#include "finding/subject.h"
#include "output/figure.h"
#include "output/json.h"
#include "schema/schema.h"

/* What is known of one declaration, from all places that it stands for. */
struct entry {
    const struct wd_document *document;
    const struct wd_node *node;
    bool is_message, has_purpose, is_seen;
    uint64_t messages;               /* captured ones of the types that it belongs to */
    uint64_t bytes, present;
    uint64_t compared, changed, hold_ms, holds;
    uint8_t *uses;                   /* enum wd_use by consumer */
};

struct annotator {
    const struct wd_audit *audit;
    struct wd_arena *arena;
    struct wd_map *places;           /* node to entry */
    struct entry *entries;
    size_t count, cap;
};

static size_t consumers_of(const struct annotator *a)
{
    return a->audit->usage ? a->audit->usage->consumer_count : 0;
}

static struct entry *entry_of(struct annotator *a, const struct wd_document *document,
                              const struct wd_node *node)
{
    bool is_new;
    uint64_t *at = wd_map_put(a->places, wd_bytes_at(&node, sizeof node), &is_new);
    if (is_new) {
        WD_GROW(a->entries, a->count, a->cap);
        a->entries[a->count] = (struct entry){ .document = document, .node = node,
                                               .uses = wd_arena_calloc(a->arena, consumers_of(a) + 1, 1) };
        *at = a->count++;
    }
    return &a->entries[*at];
}

/* --- gathering --- */

static void add_uses(const struct annotator *a, struct entry *e, const struct wd_subject *s,
                     struct wd_bytes path)
{
    struct wd_bytes where;
    enum wd_direction direction = s->direction < 0 ? WD_DIRECTION_COUNT : (enum wd_direction)s->direction;
    for (size_t i = 0; i < consumers_of(a); i++) {
        enum wd_use use = wd_usage_of(&a->audit->usage->consumers[i], s->name, s->channel, direction, path, &where);
        if (use > e->uses[i])
            e->uses[i] = (uint8_t)use;
    }
}

static void add_row(struct entry *e, const struct wd_subject *s, const struct wd_cell *cell)
{
    uint64_t compared, changed;
    wd_row_change(s->type, cell->row, &compared, &changed);
    e->is_seen = true;
    e->bytes += cell->tree_bytes;
    e->present += cell->row->present;
    if (wd_row_is_container(cell->row))
        return;
    e->compared += compared;
    e->changed += changed;
    for (size_t i = 0; i < WD_HOLD_BUCKETS && !wd_row_is_per_entity(s->type, cell->row); i++)
        e->holds += cell->row->hold[i];
    e->hold_ms += cell->row->hold_ms;
}

static void add_cell(struct annotator *a, const struct wd_subject *s, const struct wd_cell *cell)
{
    const struct wd_schema_field *field = cell->field;
    for (size_t d = 0; field && d < field->decl_count && !wd_bytes_is(field->path, "."); d++) {
        struct entry *e = entry_of(a, field->decls[d].document, field->decls[d].member);
        e->has_purpose |= field->purpose.len > 0;
        e->messages += s->type ? s->type->count : 0;
        add_uses(a, e, s, cell->path);
        if (cell->row)
            add_row(e, s, cell);
    }
}

static void add_message(struct annotator *a, const struct wd_subject *s)
{
    struct entry *e = entry_of(a, s->message->document, s->message->node);
    e->is_message = true;
    e->has_purpose |= s->message->purpose.len > 0;
    add_uses(a, e, s, wd_bytes_of("."));
    if (!s->type)
        return;
    e->is_seen = true;
    e->messages += s->type->count;
    e->present = e->messages;
    e->bytes += s->type->payload_bytes;
}

static void gather(struct annotator *a, const struct wd_subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        if (!s->message)
            continue;
        if (!s->message->variant.len)   /* of an envelope's member its field speaks */
            add_message(a, s);
        for (size_t c = 0; c < s->cell_count; c++)
            add_cell(a, s, &s->cells[c]);
    }
}

/* --- in words --- */

static void put_names(struct wd_buf *out, const struct annotator *a, const struct entry *e, enum wd_use use,
                      const char *lead)
{
    bool has_any = false;
    for (size_t i = 0; i < consumers_of(a); i++) {
        if (e->uses[i] != use)
            continue;
        wd_buf_puts(out, has_any ? ", " : lead);
        wd_put_terminal(out, a->audit->usage->consumers[i].name);
        has_any = true;
    }
}

static bool has_use(const struct annotator *a, const struct entry *e, enum wd_use use)
{
    return consumers_of(a) && memchr(e->uses, use, consumers_of(a));
}

static void put_readers(struct wd_buf *out, const struct annotator *a, const struct entry *e)
{
    put_names(out, a, e, WD_USE_USED, "; read by ");
    put_names(out, a, e, WD_USE_UNKNOWN, "; not known whether by ");
    if (consumers_of(a) && !has_use(a, e, WD_USE_USED) && !has_use(a, e, WD_USE_UNKNOWN))
        wd_buf_puts(out, "; read by nobody");
}

static void put_rate(struct wd_buf *out, const struct entry *e)
{
    if (!e->changed) {
        wd_buf_puts(out, "never");
    } else if (e->holds) {
        wd_buf_puts(out, "every ");
        wd_put_about(out, (int64_t)(e->hold_ms / e->holds + 1) * 1000000);
    } else if (e->changed >= e->compared) {
        wd_buf_puts(out, "always");
    } else {
        wd_put_percent(out, wd_share_of(e->changed, e->compared));
        wd_buf_puts(out, " of messages");
    }
}

static void put_change(struct wd_buf *out, const struct entry *e)
{
    if (!e->compared)
        return;
    bool is_always = !e->holds && e->changed >= e->compared;
    wd_buf_puts(out, !e->changed ? "; never changes" : is_always ? "; changes in every message" : "; changes ");
    if (!e->changed || is_always)
        return;
    wd_buf_puts(out, e->holds ? "" : "in ");
    put_rate(out, e);
}

static void put_line(struct wd_buf *out, const struct annotator *a, const struct entry *e)
{
    if (!e->is_seen) {
        wd_buf_puts(out, "not in the traffic");
    } else {
        if (e->is_message) {
            wd_put_plural(out, e->messages, "message", "messages");
            wd_buf_puts(out, ", ");
        }
        wd_put_bits(out, 8 * e->bytes, e->messages);
        wd_buf_puts(out, " B/msg, ");
        wd_put_share(out, wd_share_of(e->bytes, a->audit->profile->payload_bytes));
        put_change(out, e);
    }
    put_readers(out, a, e);
}

/* --- as facts --- */

static void put_list(struct wd_json *in, const char *key, const struct annotator *a, const struct entry *e,
                     enum wd_use use)
{
    if (!has_use(a, e, use))
        return;
    struct wd_json list = wd_json_list(in, key, false);
    for (size_t i = 0; i < consumers_of(a); i++)
        if (e->uses[i] == use)
            wd_json_text(&list, NULL, a->audit->usage->consumers[i].name);
    wd_json_close(&list);
}

static void put_facts(struct wd_buf *out, const struct annotator *a, const struct entry *e)
{
    struct wd_buf rate = { 0 };
    struct wd_json facts = { .out = out, .depth = 2, .close = '}' };  /* inside a text: no line of its own */
    wd_buf_byte(out, '{');
    wd_json_count(&facts, "messages", e->messages);
    if (e->is_seen) {
        double each = e->messages ? (double)e->bytes / (double)e->messages : 0;
        wd_json_number(&facts, "bytes_per_message", (double)(int64_t)(each * 10 + 0.5) / 10);
        wd_json_number(&facts, "share", wd_share_of(e->bytes, a->audit->profile->payload_bytes));
    }
    if (e->compared) {
        put_rate(&rate, e);
        wd_json_text(&facts, "changes", wd_buf_bytes(&rate));
    }
    put_list(&facts, "read_by", a, e, WD_USE_USED);
    put_list(&facts, "perhaps_read_by", a, e, WD_USE_UNKNOWN);
    wd_json_close(&facts);
    wd_buf_free(&rate);
}

static struct wd_bytes made(const struct annotator *a, const struct entry *e,
                            void (*put)(struct wd_buf *, const struct annotator *, const struct entry *))
{
    struct wd_buf text = { 0 };
    put(&text, a, e);
    struct wd_bytes kept = wd_arena_copy(a->arena, wd_buf_bytes(&text));
    wd_buf_free(&text);
    return kept;
}

/* --- the texts --- */

static void write_document(const struct annotator *a, const struct wd_document *document,
                           struct wd_annotation *out, struct wd_edit_result *result)
{
    struct wd_note *notes = wd_arena_array(a->arena, struct wd_note, a->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct entry *e = &a->entries[i];
        if (e->document != document)
            continue;
        notes[count++] = (struct wd_note){ e->node, made(a, e, put_line), made(a, e, put_facts), e->has_purpose };
        out->unseen += !e->is_seen;
        out->unstated += !e->has_purpose;
    }
    *result = wd_note_write(document, notes, count, a->arena, &out->lack);
}

/* A text inside of another document is none of its own. */
static bool is_document_of(const struct wd_schema *schema, const struct wd_document *document)
{
    for (size_t d = 0; d < schema->document_count; d++)
        if (schema->documents[d] == document)
            return true;
    return false;
}

/* What was written must say the same as before. */
static int prove(const struct wd_schema *schema, const struct wd_annotation *out, const struct wd_limits *limits,
                 struct wd_arena *arena, struct wd_err *err)
{
    struct wd_bytes *texts = wd_arena_array(arena, struct wd_bytes, schema->document_count);
    struct wd_schema *again = NULL;
    bool is_same = true;
    for (size_t d = 0; d < schema->document_count; d++)
        texts[d] = out->results[d].text;
    TRY(wd_schema_reparse(schema, texts, limits, &again, err));
    is_same = again->message_count == schema->message_count;
    for (size_t m = 0; is_same && m < schema->message_count; m++)
        is_same = again->messages[m].field_count == schema->messages[m].field_count;
    wd_schema_free(again);
    if (is_same)
        return WD_OK;
    return wd_fail(err, WD_ESYSTEM, (struct wd_place){ .file = schema->documents[0]->name },
                   "what was written does not read like what was there, so nothing is written: "
                   "a bug of ours, please report it");
}

/* Nothing is taken away, so nothing need be kept. */
static bool keeps_nothing(void *ctx, const struct wd_subject *s, struct wd_bytes path)
{
    (void)ctx;
    (void)s;
    (void)path;
    return false;
}

static int annotate(struct annotator *a, struct wd_audit *audit, struct wd_annotation *out,
                    struct wd_err *err)
{
    const struct wd_schema *schema = audit->schema;
    struct wd_subjects subjects;
    wd_subjects_gather(audit, keeps_nothing, NULL, &subjects);
    gather(a, &subjects);
    out->noted = a->count;
    out->results = wd_arena_array(a->arena, struct wd_edit_result, schema->document_count);
    for (size_t d = 0; d < schema->document_count; d++)
        write_document(a, schema->documents[d], out, &out->results[d]);
    for (size_t i = 0; i < a->count; i++)
        out->lack.notes += !is_document_of(schema, a->entries[i].document);
    return prove(schema, out, &audit->config->limits, a->arena, err);
}

int wd_annotate(struct wd_audit *audit, struct wd_arena *arena, struct wd_annotation *out, struct wd_err *err)
{
    *out = (struct wd_annotation){ 0 };
    if (!audit->schema)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 }, "annotate needs a schema; give one with -s FILE");
    if (!audit->profile)
        return wd_fail(err, WD_EUSAGE, (struct wd_place){ 0 },
                       "annotate needs traffic; give a profile or a capture with -p FILE");
    struct annotator a = { .audit = audit, .arena = arena, .places = wd_map_open() };
    int rc = annotate(&a, audit, out, err);
    wd_map_close(a.places);
    wd_free(a.entries);
    return rc;
}
