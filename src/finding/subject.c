#include "finding/subject.h"

#include <stdlib.h>

#include "base/map.h"
#include "model/path.h"

struct gatherer {
    struct wd_audit *audit;
    struct wd_subjects *out;
    bool (*keeps)(void *ctx, const struct wd_subject *s, struct wd_bytes path);
    void *ctx;
    bool *has_spoken;       /* by schema message: a subject speaks for its declarations */
};

/* ---- subjects ---- */

/* The one direction of a schema message, or -1. */
static int direction_of(const struct wd_schema_message *m)
{
    for (int d = 0; d < WD_DIRECTION_COUNT; d++)
        if (m->directions == 1u << d)
            return d;
    return -1;
}

static void add_type(struct gatherer *g, size_t t)
{
    const struct wd_type_profile *type = &g->audit->profile->types[t];
    const struct wd_schema_message *m = g->audit->bindings ? g->audit->bindings[t].message : NULL;
    size_t index = m ? (size_t)(m - g->audit->schema->messages) : 0;
    g->out->at[g->out->count++] = (struct wd_subject){
        .type = type, .type_index = t, .message = m, .name = type->name, .channel = type->channel,
        .direction = (int)type->direction, .is_first = m && !g->has_spoken[index],
    };
    if (m)
        g->has_spoken[index] = true;
}

static void add_message(struct gatherer *g, const struct wd_schema_message *m)
{
    g->out->at[g->out->count++] = (struct wd_subject){
        .message = m, .name = m->name, .channel = m->channel, .direction = direction_of(m), .is_first = true,
    };
}

static void add_subjects(struct gatherer *g)
{
    const struct wd_profile *profile = g->audit->profile;
    const struct wd_schema *schema = g->audit->schema;
    size_t types = profile ? profile->type_count : 0, messages = schema ? schema->message_count : 0;
    g->out->at = wd_arena_array(g->audit->arena, struct wd_subject, types + messages);
    g->has_spoken = wd_arena_array(g->audit->arena, bool, messages);
    for (size_t t = 0; t < types; t++)
        add_type(g, t);
    for (size_t m = 0; m < messages; m++)
        if (!g->has_spoken[m])
            add_message(g, &schema->messages[m]);
}

/* ---- who receives which way ---- */

static enum wd_direction direction_or_any(const struct wd_subject *s)
{
    return s->direction < 0 ? WD_DIRECTION_COUNT : (enum wd_direction)s->direction;
}

static bool takes(const struct wd_consumer *consumer, const struct wd_subject *s)
{
    return wd_usage_subscribes(consumer, s->name, s->channel, direction_or_any(s));
}

static bool is_listed(const struct wd_consumer_message *entry, const struct wd_subject *s)
{
    const struct wd_consumer one = { .messages = entry, .message_count = 1 };
    return takes(&one, s);
}

/* The only direction of the subjects that an entry lists; -1 when there are none, or several. */
static int listed_direction(const struct wd_subjects *subjects, const struct wd_consumer_message *entry)
{
    int direction = -1;
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        if (!is_listed(entry, s))
            continue;
        if (s->direction < 0 || (direction >= 0 && direction != s->direction))
            return -1;
        direction = s->direction;
    }
    return direction;
}

/* Bits of the directions in which a consumer receives. One that lists what servers send says nothing
 * about what servers read: an entry must state a direction, be `*`, or name messages that go only one
 * way. */
static unsigned receives(const struct wd_subjects *subjects, const struct wd_consumer *consumer)
{
    unsigned ways = 0;
    for (size_t i = 0; i < consumer->message_count; i++) {
        const struct wd_consumer_message *entry = &consumer->messages[i];
        int direction = entry->direction >= 0 ? entry->direction : listed_direction(subjects, entry);
        if (direction >= 0)
            ways |= 1u << direction;
        else if (wd_bytes_is(entry->message, "*"))
            ways = ~0u;
    }
    return ways;
}

/* Usage files speak in the names of the schema. A type that the schema does not describe, or whose name
 * says nothing, may be taken under another name: that no consumer lists it proves nothing. */
static bool has_known_name(const struct wd_audit *audit, const struct wd_subject *s)
{
    if (s->message || (!audit->schema && s->type->named_by != WD_NAMED_BY_DEFAULT))
        return true;
    for (size_t i = 0; audit->usage && i < audit->usage->consumer_count; i++)
        if (takes(&audit->usage->consumers[i], s))
            return true;
    return false;
}

static void note_receivers(struct gatherer *g)
{
    const struct wd_usage *usage = g->audit->usage;
    unsigned ways = 0;
    for (size_t i = 0; usage && i < usage->consumer_count; i++)
        ways |= receives(g->out, &usage->consumers[i]);
    for (size_t i = 0; i < g->out->count; i++) {
        struct wd_subject *s = &g->out->at[i];
        s->is_received = s->direction < 0 || ways & 1u << s->direction;
        s->is_known = has_known_name(g->audit, s);
    }
}

static bool is_unread_as_a_whole(const struct gatherer *g, const struct wd_subject *s)
{
    const struct wd_usage *usage = g->audit->usage;
    if (!wd_subject_has_use(g->audit, s))
        return false;
    for (size_t i = 0; i < usage->consumer_count; i++) {
        const struct wd_consumer *c = &usage->consumers[i];
        bool is_silent = c->message_count == 0 && !c->is_assumed_unused;
        if (is_silent || takes(c, s))
            return false;
    }
    return true;
}

/* ---- cells ---- */

static bool is_root(struct wd_bytes path)
{
    return wd_bytes_is(path, ".");
}

static int by_path(const void *a, const void *b)
{
    const struct wd_cell *x = a, *y = b;
    if (is_root(x->path) != is_root(y->path))
        return is_root(x->path) ? -1 : 1;
    return wd_bytes_cmp(x->path, y->path);
}

static bool is_special(struct wd_bytes path)
{
    return path.len == 0 || path.at[0] == '(';
}

/* The declaration of a path that was seen: its own, or that of the map it is a key of. */
static const struct wd_schema_field *declaration_of(const struct wd_schema_message *m, struct wd_bytes path)
{
    if (!m || m->is_opaque)
        return NULL;
    const struct wd_schema_field *field = wd_schema_field_find(m, path);
    if (field || is_special(path))
        return field;
    field = wd_schema_field_cover(m, path);
    return field && wd_path_meets(field->path, path) ? field : NULL;
}

static void add_rows(struct wd_subject *s)
{
    for (size_t r = 0; s->type && r < s->type->row_count; r++) {
        const struct wd_row *row = &s->type->rows[r];
        s->cells[s->cell_count++] = (struct wd_cell){
            .path = row->path, .row = row, .row_index = r, .field = declaration_of(s->message, row->path),
            .is_special = is_special(row->path),
        };
    }
}

/* Rows of folded keys stand for any declared key of their map. */
struct folded { const struct wd_bytes **paths; size_t count; };

static struct folded folded_rows(const struct wd_subject *s, struct wd_arena *arena)
{
    size_t rows = s->type ? s->type->row_count : 0;
    struct folded folded = { wd_arena_array(arena, const struct wd_bytes *, rows), 0 };
    for (size_t r = 0; r < rows; r++)
        if (wd_path_has_map(s->type->rows[r].path))
            folded.paths[folded.count++] = &s->type->rows[r].path;
    return folded;
}

static bool is_folded_away(const struct folded *folded, struct wd_bytes path)
{
    for (size_t i = 0; i < folded->count; i++)
        if (wd_path_meets(*folded->paths[i], path))
            return true;
    return false;
}

/* Declared fields that none of the rows stands for. */
static void add_declared(struct wd_subject *s, struct wd_arena *arena)
{
    if (!s->is_first || s->message->is_opaque)
        return;
    bool *is_seen = wd_arena_array(arena, bool, s->message->field_count);
    for (size_t i = 0; i < s->cell_count; i++)
        if (s->cells[i].field)
            is_seen[s->cells[i].field - s->message->fields] = true;
    struct folded folded = folded_rows(s, arena);
    for (size_t f = 0; f < s->message->field_count; f++) {
        const struct wd_schema_field *field = &s->message->fields[f];
        if (!is_seen[f] && !is_folded_away(&folded, field->path))
            s->cells[s->cell_count++] = (struct wd_cell){ .path = field->path, .field = field };
    }
}

/* The nearest cell above; climbs over levels that have none. */
static size_t find_parent(const struct wd_map *index, struct wd_bytes path, bool is_special_row)
{
    struct wd_bytes parent = is_special_row ? wd_bytes_of(".") : wd_path_parent(path);
    for (; parent.len; parent = wd_path_parent(parent)) {
        const uint64_t *at = wd_map_get(index, parent);
        if (at)
            return (size_t)*at;
    }
    return WD_NO_CELL;
}

static void link_parents(struct wd_subject *s)
{
    struct wd_map *index = wd_map_open();
    for (size_t i = 0; i < s->cell_count; i++)
        *wd_map_put(index, s->cells[i].path, NULL) = i;
    for (size_t i = 0; i < s->cell_count; i++) {
        struct wd_cell *cell = &s->cells[i];
        cell->parent = find_parent(index, cell->path, cell->is_special);
        cell->is_leaf = true;
    }
    for (size_t i = 0; i < s->cell_count; i++)
        if (s->cells[i].parent != WD_NO_CELL && !s->cells[i].is_special)
            s->cells[s->cells[i].parent].is_leaf = false;
    wd_map_close(index);
}

/* The names by which a message says what it is, as discovery knows them. */
static bool is_naming_word(struct wd_bytes path)
{
    static const char *const words[] = { "type",   "event", "kind", "topic", "op", "action",
                                         "method", "evt",   "msg",  "cmd",   "k",  "t" };
    for (size_t i = 0; i < WD_COUNT(words); i++)
        if (wd_bytes_is(path, words[i]))
            return true;
    return false;
}

/* Without traffic that shows it: a text constant at the top that bears such a name. */
static bool declares_discriminator(const struct wd_subject *s, const struct wd_cell *cell)
{
    if ((s->type && s->type->discriminator.len) || !cell->field || !cell->field->has_const ||
        cell->field->constant_count != 1)
        return false;
    struct wd_bytes json = cell->field->constants[0].json;
    return json.len && json.at[0] == '"' && is_naming_word(cell->path);
}

static void note_roles(struct wd_subject *s)
{
    for (size_t i = 0; i < s->cell_count; i++) {
        struct wd_cell *cell = &s->cells[i];
        const struct wd_type_profile *type = s->type;
        cell->is_discriminator =
            (cell->row && cell->row->is_discriminator) ||
            (type && type->discriminator.len && wd_bytes_eq(type->discriminator, cell->path)) ||
            declares_discriminator(s, cell);
        cell->is_entity_key = (cell->row && cell->row->is_entity_key) ||
                              (type && type->entity.len && wd_bytes_eq(type->entity, cell->path));
    }
}

static void ask_use(const struct gatherer *g, struct wd_subject *s)
{
    bool has_use = wd_subject_has_use(g->audit, s);
    for (size_t i = 0; i < s->cell_count; i++)
        s->cells[i].use = !has_use ? WD_USE_UNKNOWN
            : wd_usage_all(g->audit->usage, s->name, s->channel, direction_or_any(s), s->cells[i].path);
}

/* From the leaves up: sums, and whether a whole tree is unread. What has to stay keeps what it stands in. */
static void add_up(const struct gatherer *g, struct wd_subject *s)
{
    for (size_t i = 0; i < s->cell_count; i++) {
        struct wd_cell *cell = &s->cells[i];
        cell->tree_bytes = cell->row ? wd_row_bytes(cell->row) : 0;
        cell->tree_leaves = cell->is_leaf && !cell->is_special;
        cell->is_unread = cell->use == WD_USE_UNUSED && !cell->is_discriminator && !cell->is_special &&
                          !is_root(cell->path);
    }
    for (size_t i = s->cell_count; i-- > 0;) {
        struct wd_cell *cell = &s->cells[i];
        if (cell->parent == WD_NO_CELL)
            continue;
        struct wd_cell *parent = &s->cells[cell->parent];
        parent->tree_bytes += cell->tree_bytes;
        parent->tree_leaves += cell->tree_leaves;
        bool is_kept = !cell->is_unread || cell->is_entity_key ||
                       (g->keeps(g->ctx, s, cell->path) && !g->keeps(g->ctx, s, parent->path));
        if (is_kept)
            parent->is_unread = false;
    }
}

static void add_cells(const struct gatherer *g, struct wd_subject *s)
{
    size_t rows = s->type ? s->type->row_count : 0, fields = s->is_first ? s->message->field_count : 0;
    s->cells = wd_arena_array(g->audit->arena, struct wd_cell, rows + fields);
    add_rows(s);
    add_declared(s, g->audit->arena);
    if (s->cell_count)
        qsort(s->cells, s->cell_count, sizeof *s->cells, by_path);
    link_parents(s);
    note_roles(s);
    ask_use(g, s);
    add_up(g, s);
}

void wd_subjects_gather(struct wd_audit *audit,
                        bool (*keeps)(void *ctx, const struct wd_subject *s, struct wd_bytes path), void *ctx,
                        struct wd_subjects *out)
{
    struct gatherer g = { .audit = audit, .out = out, .keeps = keeps, .ctx = ctx };
    *out = (struct wd_subjects){ 0 };
    add_subjects(&g);
    note_receivers(&g);
    for (size_t i = 0; i < out->count; i++) {
        out->at[i].is_unread = is_unread_as_a_whole(&g, &out->at[i]);
        add_cells(&g, &out->at[i]);
    }
}

const struct wd_bytes *wd_subject_readers(const struct wd_audit *audit, const struct wd_subjects *subjects,
                                          const struct wd_subject *s, size_t *count)
{
    const struct wd_usage *usage = audit->usage;
    struct wd_bytes *names = wd_arena_array(audit->arena, struct wd_bytes, usage->consumer_count);
    *count = 0;
    for (size_t i = 0; i < usage->consumer_count; i++)
        if (takes(&usage->consumers[i], s))
            names[(*count)++] = usage->consumers[i].name;
    bool is_taken = *count > 0;
    for (size_t i = 0; !is_taken && i < usage->consumer_count; i++)
        if (s->direction < 0 || receives(subjects, &usage->consumers[i]) & 1u << s->direction)
            names[(*count)++] = usage->consumers[i].name;
    return names;
}
