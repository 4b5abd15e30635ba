/* profile/naming.c - what a message is called: configuration, the transport's event, a discriminator found in
 * the traffic, else `message`. (The schema's names come later, per type: schema/bind.)
 *
 * Discovery, once per channel, directions pooled: candidates are top-level strings (or element 0 of a
 * top-level array) in 95 % of the structured messages with at most 64 distinct values shaped like a name.
 */
#include "base/shape.h"
#include "field/scan.h"
#include "profile/observer.h"

enum { MOST_NAMES = 64, LONGEST_NAME = 64, FEW_TYPES = 16 };
static const char *const usual[] = { "type", "event", "kind", "topic", "op", "action", "method", "evt", "msg", "cmd", "k", "t" };
static const char ELEMENT[] = "[]";  /* stands for element 0 of a top-level array: no member is called so here */

/* [A-Za-z][\w.:/-]{0,63}, and not an identifier: that would be a value. */
static bool is_name(struct wd_bytes value)
{
    if (!value.len || value.len > LONGEST_NAME ||
        !((value.at[0] | 0x20) >= 'a' && (value.at[0] | 0x20) <= 'z'))
        return false;
    for (size_t i = 1; i < value.len; i++) {
        uint8_t c = value.at[i];
        bool is_word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
        if (!is_word && c != '.' && c != ':' && c != '/' && c != '-')
            return false;
    }
    return !wd_shape_is_identifier(value);
}

/* What a string says, when that could be a name: a view of the body or of o->name. Some write
 * "chat\/typing". */
static struct wd_bytes string_of(struct wd_observer *o, const struct wd_field *f, struct wd_bytes body)
{
    if (f->type != WD_TYPE_STRING || f->flags & WD_FIELD_OPAQUE)
        return (struct wd_bytes){ 0 };
    return wd_field_text(f, body, &o->name);
}

static const struct wd_config_message *configured(const struct wd_observer *o, const struct family *family,
                                                  enum wd_direction direction)
{
    for (size_t i = 0; i < o->config->message_count; i++) {
        const struct wd_config_message *m = &o->config->messages[i];
        bool says_what = m->name.len || m->field.len || m->message.len;
        if (says_what && (m->direction < 0 || m->direction == (int)direction) &&
            channel_is_meant(family, m->channel))
            return m;
    }
    return NULL;
}

void naming_begin(const struct wd_observer *o, struct family *family, enum wd_direction direction)
{
    const struct wd_config_message *rule = family->rule[direction] = configured(o, family, direction);
    if (rule && rule->field.len)
        family->rule_node[direction] = wd_paths_parse(family->paths[direction], rule->field);
}

/* A configured field need not be in each message: then a discriminator is asked, which must be known by
 * then. */
bool naming_is_known(const struct held *m, struct wd_bytes event)
{
    const struct family *family = m->lane->family;
    const struct wd_config_message *rule = family->rule[m->lane->direction];
    return family->is_decided || event.at || m->layout || family->transport == WD_TRANSPORT_SSE ||
           (rule && rule->name.len);
}

/* --- discovery --- */

struct candidate {
    struct wd_bytes key;
    uint64_t messages;
    uint64_t last;                 /* message that had it; a duplicate key counts once */
    size_t first_at;               /* smallest position among the members, for ties */
    struct wd_map *values;
    struct wd_map *value_shapes;   /* value, NUL, hash of the key set: how many pairs */
    bool is_bad;
    bool is_tag;                   /* element 0, and what follows it is always a container: ["join", {...}] */
};

struct survey {
    struct candidate *list;
    size_t count, cap;
    struct wd_map *by_key;
    struct wd_map *key_sets;
    struct wd_map *members;        /* top-level key -> messages that have it */
    struct wd_map *last_seen;      /* the same -> the last of them */
    uint64_t structured, objects;
};

/* A top-level key: in how many messages, and the last of them. */
static void count_member(struct survey *s, struct wd_bytes key)
{
    uint64_t *n = wd_map_put(s->members, key, NULL), *last = wd_map_put(s->last_seen, key, NULL);
    *n += *last != s->structured;
    *last = s->structured;
}

static struct candidate *candidate_for(struct survey *s, struct wd_bytes key, size_t position)
{
    bool is_new;
    uint64_t *at = wd_map_put(s->by_key, key, &is_new);
    if (is_new) {
        WD_GROW(s->list, s->count, s->cap);
        s->list[s->count] = (struct candidate){ .key = wd_map_key(s->by_key, s->count), .first_at = position,
                                                .values = wd_map_open(), .value_shapes = wd_map_open() };
        *at = ++s->count;
    }
    struct candidate *c = &s->list[*at - 1];
    if (position < c->first_at)
        c->first_at = position;
    return c;
}

static void survey_value(struct candidate *c, struct wd_bytes value, uint64_t key_set, uint64_t message)
{
    if (c->last == message)
        return;
    c->last = message;
    c->messages++;
    if (!is_name(value)) {
        c->is_bad = true;
        return;
    }
    (*wd_map_put(c->values, value, NULL))++;
    struct wd_buf pair = { 0 };
    wd_buf_put(&pair, value);
    wd_buf_byte(&pair, 0);
    wd_buf_put(&pair, wd_bytes_at(&key_set, sizeof key_set));
    (*wd_map_put(c->value_shapes, wd_buf_bytes(&pair), NULL))++;
    wd_buf_free(&pair);
    if (wd_map_count(c->values) > MOST_NAMES)
        c->is_bad = true;
}

/* The set of top-level keys, whatever their order. */
static uint64_t key_set_of(const struct wd_tape *tape)
{
    uint64_t sum = 0;
    for (uint32_t i = 1; i < tape->count; i++)
        if (tape->fields[i].depth == 1)
            sum += (tape->fields[i].path + 1) * 0x9e3779b97f4a7c15u ^ (uint64_t)tape->fields[i].path << 40;
    return sum;
}

static bool is_container_next(const struct wd_tape *tape, uint32_t i)
{
    return i + 1 < tape->count &&
           (tape->fields[i + 1].type == WD_TYPE_OBJECT || tape->fields[i + 1].type == WD_TYPE_ARRAY);
}

static void survey_message(struct wd_observer *o, struct survey *s, struct wd_paths *paths,
                           struct wd_bytes body)
{
    const struct wd_tape *tape = &o->tape;
    if (tape->fault || !tape->count ||
        (tape->fields[0].type != WD_TYPE_OBJECT && tape->fields[0].type != WD_TYPE_ARRAY))
        return;
    s->structured++;
    s->objects += tape->fields[0].type == WD_TYPE_OBJECT;
    uint64_t key_set = key_set_of(tape);
    (*wd_map_put(s->key_sets, wd_bytes_at(&key_set, sizeof key_set), NULL))++;
    bool is_array = tape->fields[0].type == WD_TYPE_ARRAY;
    size_t position = 0;
    for (uint32_t i = 1; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        if (f->depth != 1)
            continue;
        struct wd_bytes key = is_array ? wd_bytes_of(ELEMENT) : wd_paths_key(paths, f->path);
        if (!is_array)
            count_member(s, key);
        struct wd_bytes value = string_of(o, f, body);
        if (value.at && key.len) {
            struct candidate *c = candidate_for(s, key, position);
            c->is_tag = is_array && is_container_next(tape, i) && (c->is_tag || !c->messages);
            survey_value(c, value, key_set, s->structured);
        }
        position++;
        if (is_array)
            break;
    }
}

static bool is_eligible(const struct survey *s, const struct candidate *c)
{
    return !c->is_bad && c->messages * 100 >= s->structured * 95;
}

/* A candidate that is not one of the usual words, nor a tag, must tell shapes apart, or any label would name
 * messages. */
static bool tells_apart(const struct survey *s, const struct candidate *c)
{
    if (c->is_tag)
        return true;
    return wd_map_count(s->key_sets) > 1 && wd_map_count(c->values) > 1 &&
           wd_map_count(c->value_shapes) < wd_map_count(c->values) * wd_map_count(s->key_sets);
}

static const struct candidate *best_candidate(const struct survey *s)
{
    for (size_t u = 0; u < WD_COUNT(usual); u++)
        for (size_t i = 0; i < s->count; i++)
            if (wd_bytes_is(s->list[i].key, usual[u]) && is_eligible(s, &s->list[i]))
                return &s->list[i];
    const struct candidate *best = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct candidate *c = &s->list[i];
        if (!is_eligible(s, c) || !tells_apart(s, c))
            continue;
        double sets = (double)wd_map_count(c->value_shapes) / (double)wd_map_count(c->values);
        double best_sets =
            best ? (double)wd_map_count(best->value_shapes) / (double)wd_map_count(best->values) : 0;
        if (!best || sets < best_sets || (sets <= best_sets && c->first_at < best->first_at))
            best = c;
    }
    return best;
}

/* An envelope has the same keys in every message but one, and that one varies. */
static bool can_be_envelope(const struct survey *s)
{
    uint64_t varying = 0, kinds = 0;
    for (size_t i = 0; i < wd_map_count(s->members); i++) {
        uint64_t n = *wd_map_value(s->members, i);
        if (n < s->objects) {
            varying += n;
            kinds++;
        }
    }
    return s->objects > 1 && s->objects == s->structured && kinds > 1 && kinds <= MOST_NAMES &&
           varying == s->objects;
}

static void close_survey(struct survey *s)
{
    for (size_t i = 0; i < s->count; i++) {
        wd_map_close(s->list[i].values);
        wd_map_close(s->list[i].value_shapes);
    }
    wd_free(s->list);
    wd_map_close(s->by_key);
    wd_map_close(s->key_sets);
    wd_map_close(s->members);
    wd_map_close(s->last_seen);
}

static void keep_stable(struct family *family, const struct survey *s)
{
    family->stable = wd_map_open();
    for (size_t i = 0; i < wd_map_count(s->members); i++)
        if (*wd_map_value(s->members, i) == s->objects)
            wd_map_put(family->stable, wd_map_key(s->members, i), NULL);
}

/* How many keys of the message on the tape are not in every message; those without a name count twice. */
static unsigned varying_keys(const struct family *family, const struct wd_paths *paths,
                             const struct wd_tape *tape)
{
    unsigned count = 0;
    for (uint32_t i = 1; i < tape->count; i++) {
        struct wd_bytes key = tape->fields[i].depth == 1 ? wd_paths_key(paths, tape->fields[i].path) : (struct wd_bytes){ 0 };
        if (tape->fields[i].depth == 1 && !wd_map_get(family->stable, key))
            count += is_name(key) ? 1 : 2;
    }
    return count;
}

/* The sums allow it; now each message must have exactly one key that varies. */
static bool is_envelope(struct wd_observer *o, const struct family *family, struct wd_paths *paths)
{
    for (size_t i = 0; i < family->held_count; i++) {
        const struct held *held = &family->held[i];
        if (held->is_too_long || held->layout)
            continue;
        held->codec->walk(held->body, held->layout, paths, &o->limits, &o->tape);
        bool is_object = !o->tape.fault && o->tape.count && o->tape.fields[0].type == WD_TYPE_OBJECT;
        if (is_object && varying_keys(family, paths, &o->tape) != 1)
            return false;
    }
    return true;
}

void naming_decide(struct wd_observer *o, struct family *family)
{
    struct survey s = { .by_key = wd_map_open(), .key_sets = wd_map_open(), .members = wd_map_open(),
                        .last_seen = wd_map_open() };
    struct wd_limits unfolded = o->limits;   /* the name would fold with the rest; what is held is bounded anyway */
    unfolded.map_keys = UINT64_MAX;
    struct wd_paths *pooled = wd_paths_open(&unfolded, NULL);  /* one tree for both directions, so that key sets compare */
    for (size_t i = 0; i < family->held_count; i++) {
        struct held *held = &family->held[i];
        if (held->is_too_long || held->layout)
            continue;
        held->codec->walk(held->body, held->layout, pooled, &o->limits, &o->tape);
        survey_message(o, &s, pooled, held->body);
    }
    const struct candidate *best = best_candidate(&s);
    if (best) {
        family->key = wd_arena_copy(o->run, best->key);
    } else if (can_be_envelope(&s)) {
        keep_stable(family, &s);
        family->is_envelope = is_envelope(o, family, pooled);
    }
    family->is_decided = true;
    wd_paths_close(pooled);
    close_survey(&s);
}

/* --- naming --- */

static const struct wd_field *field_at(const struct wd_tape *tape, uint32_t node)
{
    for (uint32_t i = 0; i < tape->count; i++)
        if (tape->fields[i].path == node)
            return &tape->fields[i];
    return NULL;
}

static struct wd_bytes name_in(struct wd_observer *o, const struct wd_field *f, struct wd_bytes body)
{
    struct wd_bytes value = f ? string_of(o, f, body) : (struct wd_bytes){ 0 };
    return is_name(value) ? value : (struct wd_bytes){ 0 };
}

/* A key ends with its text, but for the quote that JSON puts behind it. */
static bool is_key_of(const struct wd_field *f, struct wd_bytes body, struct wd_bytes key)
{
    size_t quote = !(f->flags & WD_FIELD_BINARY);
    return f->key_len > key.len + quote &&
           memcmp(body.at + f->key_off + f->key_len - quote - key.len, key.at, key.len) == 0;
}

/* The top-level member written "key": when the root's keys have been folded, they are still told apart
 * here. */
static const struct wd_field *member_named(const struct wd_tape *tape, struct wd_bytes body,
                                           struct wd_bytes key)
{
    for (uint32_t i = 1; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        if (f->depth == 1 && (f->flags & WD_FIELD_BINARY || f->key_len == key.len + 2) && is_key_of(f, body, key))
            return f;
    }
    return NULL;
}

static struct wd_bytes discriminator_value(struct wd_observer *o, struct family *family,
                                           enum wd_direction direction, struct wd_bytes body)
{
    const struct wd_tape *tape = &o->tape;
    const struct wd_paths *paths = family->paths[direction];
    uint32_t *node = &family->node[direction];
    bool is_element = wd_bytes_is(family->key, ELEMENT);
    if (*node == WD_PATH_NONE)  /* until a message has shown it */
        *node = is_element ? wd_paths_nodes(paths)[WD_PATH_ROOT].element
                           : wd_paths_find(paths, WD_PATH_ROOT, family->key);
    if (!is_element && wd_paths_nodes(paths)[WD_PATH_ROOT].is_folded)
        return name_in(o, member_named(tape, body, family->key), body);
    return *node == WD_PATH_NONE ? (struct wd_bytes){ 0 } : name_in(o, field_at(tape, *node), body);
}

static struct wd_bytes envelope_name(const struct family *family, enum wd_direction direction,
                                     const struct wd_tape *tape)
{
    for (uint32_t i = 1; i < tape->count; i++) {
        if (tape->fields[i].depth != 1)
            continue;
        struct wd_bytes key = wd_paths_key(family->paths[direction], tape->fields[i].path);
        if (key.len && is_name(key) && !wd_map_get(family->stable, key))
            return key;
    }
    return (struct wd_bytes){ 0 };
}

bool naming_path(const struct lane *lane, uint32_t *path)
{
    const struct family *family = lane->family;
    const struct wd_config_message *rule = family->rule[lane->direction];
    const struct wd_path *root = &wd_paths_nodes(family->paths[lane->direction])[WD_PATH_ROOT];
    *path = family->key.len ? family->node[lane->direction] : WD_PATH_NONE;
    return (!rule || !rule->field.len) && !(family->key.len && root->is_folded);
}

/* The string where the last message had its name. */
static struct wd_bytes name_at(struct wd_bytes body, uint32_t off)
{
    if (off >= body.len || body.at[off] != '"')
        return (struct wd_bytes){ 0 };
    struct wd_bytes rest = wd_bytes_at(body.at + off + 1, body.len - off - 1);
    const uint8_t *quote = memchr(rest.at, '"', rest.len < LONGEST_NAME + 1 ? rest.len : LONGEST_NAME + 1);
    return wd_bytes_at(rest.at, quote ? (size_t)(quote - rest.at) : 0);
}

struct type *naming_guess(const struct lane *lane, struct wd_bytes event, struct wd_bytes body)
{
    const struct family *family = lane->family;
    const struct wd_config_message *rule = family->rule[lane->direction];
    bool is_by_transport = event.at || family->transport == WD_TRANSPORT_SSE,
         is_by_key = !is_by_transport && family->key.len;
    struct wd_bytes name = { 0 };
    if (rule && (rule->name.len || rule->field.len))
        name = rule->name;
    else if (is_by_transport)
        name = event.len ? event : wd_bytes_of("message");
    else if (is_by_key)
        name = name_at(body, lane->name_off);
    for (size_t i = 0; name.len && i < family->count && i < FEW_TYPES; i++)
        if (family->list[i]->profile.direction == lane->direction &&
            wd_bytes_eq(family->list[i]->profile.name, name))
            return family->list[i];
    bool is_one_of_many = rule || is_by_transport || is_by_key || !lane->last_type;
    return is_one_of_many || lane->last_type->profile.named_by == WD_NAMED_BY_TRANSPORT ? NULL
                                                                                        : lane->last_type;
}

/* The member that is set in an envelope's oneof; of a gRPC message the unqualified type. */
static struct wd_bytes layout_name(const struct wd_observer *o, const struct lane *lane)
{
    const struct wd_tape *tape = &o->tape;
    if (tape->variant != WD_PATH_NONE)
        return wd_paths_key(lane->family->paths[lane->direction], tape->variant);
    return tape->schema_name;
}

static struct wd_bytes configured_name(struct wd_observer *o, const struct family *family,
                                       enum wd_direction direction, struct wd_bytes body)
{
    const struct wd_config_message *rule = family->rule[direction];
    uint32_t node = family->rule_node[direction];
    if (rule->name.len)
        return rule->name;
    if (node == WD_PATH_NONE || node == WD_PATH_OTHER)
        return (struct wd_bytes){ 0 };
    return name_in(o, field_at(&o->tape, wd_paths_nodes(family->paths[direction])[node].target), body);
}

struct wd_bytes naming_of(struct wd_observer *o, struct lane *lane, struct wd_bytes event,
                          struct wd_bytes body, enum wd_named_by *by)
{
    struct family *family = lane->family;
    struct wd_bytes name = { 0 };
    *by = WD_NAMED_BY_CONFIG;
    if (family->rule[lane->direction])
        name = configured_name(o, family, lane->direction, body);
    if (!name.len) {
        *by = WD_NAMED_BY_SCHEMA;
        name = layout_name(o, lane);
    }
    if (!name.len && (event.at || family->transport == WD_TRANSPORT_SSE)) {
        *by = WD_NAMED_BY_TRANSPORT;
        name = event.len ? event : wd_bytes_of("message");
    }
    if (!name.len && (family->key.len || family->is_envelope)) {
        *by = WD_NAMED_BY_DISCRIMINATOR;
        name = family->key.len ? discriminator_value(o, family, lane->direction, body)
                               : envelope_name(family, lane->direction, &o->tape);
    }
    if (!name.len) {
        *by = WD_NAMED_BY_DEFAULT;
        name = wd_bytes_of("message");
    }
    return name;
}
