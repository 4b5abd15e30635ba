/* usage/check.c - a name that leads nowhere is a mistake in the usage file: taken at its word it would make
 * what was meant look unread, and prune would remove it. */
#include <stdio.h>

#include "base/escape.h"
#include "base/nearest.h"
#include "model/path.h"
#include "usage/usage.h"

struct check {
    const struct wd_schema *schema;
    const struct wd_profile *profile;
    const struct wd_consumer *consumer;
    bool is_strict;
    struct wd_buf *diagnostics;
    struct wd_err *err;
};

static size_t messages_of(const struct check *c)
{
    return c->schema ? c->schema->message_count : 0;
}

static size_t types_of(const struct check *c)
{
    return c->profile ? c->profile->type_count : 0;
}

static const char *nowhere(const struct check *c)
{
    return c->schema && c->profile ? "neither schema nor traffic has"
           : c->schema             ? "the schema has no"
                                   : "the traffic has no";
}

/* ---- which messages an entry is about ---- */

static bool takes(const struct wd_consumer_message *entry, struct wd_bytes name, struct wd_bytes channel,
                  int direction)
{
    const struct wd_consumer one = {.messages = entry, .message_count = 1};
    return wd_usage_subscribes(&one, name, channel, (enum wd_direction)direction);
}

static bool takes_type(const struct wd_consumer_message *entry, const struct wd_type_profile *type)
{
    return takes(entry, type->name, type->channel, (int)type->direction);
}

/* What the schema does not state meets every entry. */
static bool takes_declared(const struct wd_consumer_message *entry, const struct wd_schema_message *m)
{
    for (int d = 0; m->directions && d < WD_DIRECTION_COUNT; d++)
        if (m->directions & 1u << d && takes(entry, m->name, m->channel, d))
            return true;
    return !m->directions && takes(entry, m->name, m->channel, WD_DIRECTION_COUNT);
}

static bool is_seen(const struct check *c, struct wd_bytes name)
{
    for (size_t i = 0; i < types_of(c); i++)
        if (wd_bytes_eq(c->profile->types[i].name, name))
            return true;
    return false;
}

/* Whether the entry is about anything. Where the schema leaves open what the entry narrows, traffic of that
 * name decides. */
static bool has_any(const struct check *c, const struct wd_consumer_message *entry)
{
    for (size_t i = 0; i < types_of(c); i++)
        if (takes_type(entry, &c->profile->types[i]))
            return true;
    for (size_t i = 0; i < messages_of(c); i++) {
        const struct wd_schema_message *m = &c->schema->messages[i];
        bool is_vague = (entry->channel.len && !m->channel.len) || (entry->direction >= 0 && !m->directions);
        if (takes_declared(entry, m) && !(is_vague && is_seen(c, m->name)))
            return true;
    }
    return false;
}

/* ---- message, channel, direction ---- */

static struct wd_bytes near_message(const struct check *c, struct wd_bytes name)
{
    struct wd_nearest nearest = {.name = name};
    for (size_t i = 0; i < messages_of(c); i++) {
        const struct wd_schema_message *m = &c->schema->messages[i];
        wd_nearest_try(&nearest, m->name);
        if (wd_bytes_eq(m->key, name)) /* its component key: messages go by their name */
            nearest = (struct wd_nearest){name, m->name, 0};
    }
    for (size_t i = 0; i < types_of(c); i++)
        wd_nearest_try(&nearest, c->profile->types[i].name);
    return nearest.best;
}

static struct wd_bytes near_channel(const struct check *c, const struct wd_consumer_message *anywhere,
                                    struct wd_bytes channel)
{
    struct wd_nearest nearest = {.name = channel};
    for (size_t i = 0; i < messages_of(c); i++)
        if (takes_declared(anywhere, &c->schema->messages[i]))
            wd_nearest_try(&nearest, c->schema->messages[i].channel);
    for (size_t i = 0; i < types_of(c); i++)
        if (takes_type(anywhere, &c->profile->types[i]))
            wd_nearest_try(&nearest, c->profile->types[i].channel);
    return nearest.best;
}

/* A way that such a message does go. */
static struct wd_bytes other_direction(const struct check *c, struct wd_consumer_message entry)
{
    for (entry.direction = 0; entry.direction < WD_DIRECTION_COUNT; entry.direction++)
        if (has_any(c, &entry))
            return wd_bytes_of(wd_direction_names[entry.direction]);
    return wd_bytes_of("");
}

/* "web reads 'm' on '/x', but the traffic has no such message; ...": `part` is " on '/x'" or nothing, `what`
 * what is to be corrected. */
static int no_message(const struct check *c, const struct wd_consumer_message *entry, struct wd_place at,
                      const char *part, const char *what, struct wd_bytes near)
{
    struct wd_shown who, name, other;
    wd_show(&who, c->consumer->name);
    wd_show(&name, entry->message);
    if (near.len)
        return wd_fail(c->err, WD_EPARSE, at, "%s reads '%s'%s, but %s such message; did you mean '%s'?",
                       who.text, name.text, part, nowhere(c), wd_show(&other, near));
    return wd_fail(c->err, WD_EPARSE, at,
                   "%s reads '%s'%s, but %s such message; correct the %s or remove the entry", who.text,
                   name.text, part, nowhere(c), what);
}

static int check_message(const struct check *c, const struct wd_consumer_message *entry)
{
    struct wd_consumer_message wider = *entry;
    struct wd_shown shown;
    char part[sizeof shown.text + 8];
    wider.channel = wd_bytes_of("");
    wider.direction = -1;
    if (!wd_bytes_is(entry->message, "*") && !has_any(c, &wider))
        return no_message(c, entry, entry->at, "", "name", near_message(c, entry->message));
    struct wd_consumer_message anywhere = wider;
    wider.channel = entry->channel;
    if (entry->channel.len && !has_any(c, &wider)) {
        snprintf(part, sizeof part, " on '%s'", wd_show(&shown, entry->channel));
        return no_message(c, entry, entry->channel_at, part, "channel",
                          near_channel(c, &anywhere, entry->channel));
    }
    if (entry->direction < 0 || has_any(c, entry))
        return WD_OK;
    snprintf(part, sizeof part, " sent %s", wd_direction_names[entry->direction]);
    return no_message(c, entry, entry->direction_at, part, "direction", other_direction(c, *entry));
}

/* ---- paths ---- */

/* UNSEEN: nothing says that it is not there. */
enum presence { NOWHERE, UNSEEN, THERE };

static bool is_special(const struct wd_row *row)
{
    return row->path.len == 0 || row->path.at[0] == '(';
}

/* Traffic that was read whole has all that was sent; that is not all that can be. */
static enum presence find_in_traffic(const struct check *c, const struct wd_consumer_message *entry,
                                     struct wd_bytes path, struct wd_nearest *nearest)
{
    enum presence found = NOWHERE;
    for (size_t i = 0; i < types_of(c); i++) {
        const struct wd_type_profile *type = &c->profile->types[i];
        if (!takes_type(entry, type))
            continue;
        if (type->codec && strcmp(type->codec, "json") != 0)
            found = UNSEEN;
        for (size_t r = 0; r < type->row_count; r++) {
            if (wd_bytes_is(type->rows[r].path, "(other)"))
                found = UNSEEN;
            if (is_special(&type->rows[r]))
                continue;
            if (wd_path_meets(type->rows[r].path, path))
                return THERE;
            wd_nearest_try(nearest, type->rows[r].path);
        }
    }
    return found;
}

static enum presence find_in_schema(const struct check *c, const struct wd_consumer_message *entry,
                                    struct wd_bytes path, struct wd_nearest *nearest)
{
    enum presence found = UNSEEN;
    for (size_t i = 0; i < messages_of(c); i++) {
        const struct wd_schema_message *m = &c->schema->messages[i];
        if (!takes_declared(entry, m))
            continue;
        if (m->is_opaque || wd_schema_field_cover(m, path))
            return THERE;
        found = NOWHERE;
        for (size_t f = 0; f < m->field_count; f++)
            wd_nearest_try(nearest, m->fields[f].path);
    }
    return found;
}

static enum presence find_path(const struct check *c, const struct wd_consumer_message *entry,
                               struct wd_bytes path, struct wd_nearest *nearest)
{
    enum presence declared = find_in_schema(c, entry, path, nearest);
    if (wd_bytes_is(path, ".") || declared == THERE)
        return THERE;
    enum presence sent = find_in_traffic(c, entry, path, nearest);
    return sent > declared ? sent : declared;
}

/* "web reads 'cpu.usr' of 'metrics', but neither schema nor traffic has such field; did you mean 'cpu.user'?"
 */
static int no_path(const struct check *c, const struct wd_consumer_message *entry, const char *verb,
                   struct wd_bytes path, struct wd_place at, struct wd_bytes near, struct wd_err *err)
{
    struct wd_shown who, what, name, other;
    wd_show(&who, c->consumer->name);
    wd_show(&what, path);
    wd_show(&name, entry->message);
    if (near.len)
        return wd_fail(err, WD_EPARSE, at, "%s %s '%s' of '%s', but %s such field; did you mean '%s'?",
                       who.text, verb, what.text, name.text, nowhere(c), wd_show(&other, near));
    return wd_fail(err, WD_EPARSE, at,
                   "%s %s '%s' of '%s', but %s such field; correct the path or remove the entry", who.text,
                   verb, what.text, name.text, nowhere(c));
}

/* An entry that may mean something else than it says is not complete. */
static int check_path(const struct check *c, struct wd_consumer_message *entry, const char *verb,
                      struct wd_bytes path, struct wd_place at)
{
    struct wd_nearest nearest = {.name = path};
    enum presence found = find_path(c, entry, path, &nearest);
    if (found == THERE)
        return WD_OK;
    if (found == NOWHERE && c->is_strict)
        return no_path(c, entry, verb, path, at, nearest.best, c->err);
    struct wd_err why = {0};
    no_path(c, entry, verb, path, at, nearest.best, &why);
    bool is_question = why.text[0] && why.text[strlen(why.text) - 1] == '?';
    wd_buf_printf(c->diagnostics, "%s%s\n", why.text,
                  !entry->is_complete ? ""
                  : is_question       ? " Until then what it does not list counts as unknown"
                                      : "; until then what it does not list counts as unknown");
    entry->is_complete = false;
    return WD_OK;
}

static int check_paths(const struct check *c, struct wd_consumer_message *entry)
{
    const struct wd_consumer_message stated = *entry;
    for (size_t i = 0; i < stated.read_count; i++)
        TRY(check_path(c, entry, "reads", stated.reads[i].path, stated.reads[i].at));
    for (size_t i = 0; i < stated.escape_count; i++)
        TRY(check_path(c, entry, "hands on", stated.escapes[i].path, stated.escapes[i].at));
    return WD_OK;
}

int wd_usage_check(struct wd_usage *usage, const struct wd_schema *schema, const struct wd_profile *profile,
                   bool is_strict, struct wd_arena *arena, struct wd_buf *diagnostics, struct wd_err *err)
{
    struct check c = {schema, profile, NULL, is_strict, diagnostics, err};
    if (!schema && !profile)
        return WD_OK;
    struct wd_consumer *consumers = wd_arena_array(arena, struct wd_consumer, usage->consumer_count);
    for (size_t i = 0; i < usage->consumer_count; i++) {
        consumers[i] = usage->consumers[i];
        c.consumer = &usage->consumers[i];
        struct wd_consumer_message *entries =
            wd_arena_array(arena, struct wd_consumer_message, consumers[i].message_count);
        for (size_t j = 0; j < consumers[i].message_count; j++) {
            entries[j] = consumers[i].messages[j];
            TRY(check_message(&c, &entries[j]));
            TRY(check_paths(&c, &entries[j]));
        }
        consumers[i].messages = entries;
    }
    usage->consumers = consumers;
    return WD_OK;
}

/* ---- the configuration ---- */

static void tell(const struct check *c, const char *list, struct wd_place at, const char *what,
                 struct wd_bytes name, struct wd_bytes near)
{
    struct wd_err why = {0};
    struct wd_shown shown, other;
    wd_show(&shown, name);
    if (near.len)
        wd_fail(&why, WD_EPARSE, at, "%s: %s such %s as '%s'; did you mean '%s'?", list, nowhere(c), what,
                shown.text, wd_show(&other, near));
    else
        wd_fail(&why, WD_EPARSE, at, "%s: %s such %s as '%s'; correct it or remove the entry", list,
                nowhere(c), what, shown.text);
    wd_buf_printf(c->diagnostics, "%s\n", why.text);
}

/* `message` and `path` may be empty: any. */
static void check_field(const struct check *c, const char *list, struct wd_place at, struct wd_bytes message,
                        struct wd_bytes path)
{
    struct wd_consumer_message entry = {
        .message = message.len ? message : wd_bytes_of("*"), .channel = wd_bytes_of(""), .direction = -1};
    struct wd_nearest nearest = {.name = path};
    if (message.len && !wd_bytes_is(message, "*") && !has_any(c, &entry))
        tell(c, list, at, "message", message, near_message(c, message));
    else if (path.len && find_path(c, &entry, path, &nearest) != THERE)
        tell(c, list, at, "field", path, nearest.best);
}

static struct wd_bytes next_segment(struct wd_bytes *rest)
{
    const uint8_t *slash = rest->len ? memchr(rest->at, '/', rest->len) : NULL;
    size_t n = slash ? (size_t)(slash - rest->at) : rest->len;
    struct wd_bytes segment = wd_bytes_at(rest->at, n);
    *rest = wd_bytes_at(rest->at + n + (slash != NULL), rest->len - n - (slash != NULL));
    return segment;
}

static struct wd_bytes unslashed(struct wd_bytes channel)
{
    size_t skip = wd_bytes_starts(channel, "/");
    return wd_bytes_at(channel.at + skip, channel.len - skip);
}

static bool has_brace(struct wd_bytes segment)
{
    return segment.len && memchr(segment.at, '{', segment.len);
}

/* Segment by segment; one with braces, on either side, may stand for any. */
static bool is_channel(struct wd_bytes a, struct wd_bytes b)
{
    a = unslashed(a);
    b = unslashed(b);
    while (a.len && b.len) {
        struct wd_bytes x = next_segment(&a), y = next_segment(&b);
        if (!wd_bytes_eq(x, y) && !has_brace(x) && !has_brace(y))
            return false;
    }
    return a.len == b.len;
}

/* A schema that states no channels says nothing of them. */
static bool has_channel(const struct check *c, struct wd_bytes channel, struct wd_nearest *nearest)
{
    bool is_stated = c->profile != NULL;
    for (size_t i = 0; i < types_of(c); i++) {
        if (is_channel(c->profile->types[i].channel, channel))
            return true;
        wd_nearest_try(nearest, c->profile->types[i].channel);
    }
    for (size_t i = 0; i < messages_of(c); i++) {
        is_stated |= c->schema->messages[i].channel.len > 0;
        if (is_channel(c->schema->messages[i].channel, channel))
            return true;
        wd_nearest_try(nearest, c->schema->messages[i].channel);
    }
    return !is_stated;
}

static void check_naming(const struct check *c, const struct wd_config_message *m, struct wd_place at)
{
    struct wd_nearest nearest = {.name = m->channel};
    if (!has_channel(c, m->channel, &nearest))
        tell(c, "messages", at, "channel", m->channel, nearest.best);
    else
        check_field(c, "messages", at, wd_bytes_of(""), m->field);
}

static void check_names(const struct check *c, const struct wd_config *config)
{
    for (size_t i = 0; i < config->message_count; i++)
        check_naming(c, &config->messages[i], config->message_at[i]);
    for (size_t i = 0; i < config->entity_count; i++)
        check_field(c, "entities", config->entity_at[i], config->entities[i].message,
                    config->entities[i].key);
    for (size_t i = 0; i < config->map_count; i++)
        check_field(c, "maps", config->map_at[i], config->maps[i].message, config->maps[i].path);
    for (size_t i = 0; i < config->sensitive_count; i++)
        check_field(c, "sensitive", config->sensitive_at[i], wd_bytes_of(""), config->sensitive[i].path);
    for (size_t i = 0; i < config->suppression_count; i++)
        check_field(c, "suppressions", config->suppression_at[i], config->suppressions[i].message,
                    config->suppressions[i].path);
}

void wd_config_check(const struct wd_config *config, const struct wd_schema *schema,
                     const struct wd_profile *profile, struct wd_buf *diagnostics)
{
    const struct check c = {.schema = schema, .profile = profile, .diagnostics = diagnostics};
    if (schema || profile)
        check_names(&c, config);
}
