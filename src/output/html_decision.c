/* output/html_decision.c - findings into decisions: group, attach, rank. */
#include "output/html_decision.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"

/* In the order of the rules. The last row takes what has none. */
static const struct wd_html_kind kinds[] = {
    { .rule = "WD101", .verb = "Stop sending", .one = "field", .many = "fields",
      .tail_one = "which nobody reads", .tail_many = "that nobody reads",
      .effort = WD_EFFORT_SMALL, .effort_why = "delete the declaration and the line that fills it",
      .staleness = "none: nobody looks at it", .ask = WD_ASK_SUBSCRIBERS, .is_removal = true },
    { .rule = "WD102", .verb = "Stop sending", .one = "message", .many = "messages",
      .tail_one = "which nobody reads", .tail_many = "that nobody reads",
      .effort = WD_EFFORT_SMALL, .effort_why = "delete the declaration and the call that sends it",
      .staleness = "none: nobody looks at it", .ask = WD_ASK_SUBSCRIBERS, .is_removal = true },
    { .rule = "WD103", .verb = "Remove", .one = "declared field", .many = "declared fields",
      .tail_one = "which is never sent", .tail_many = "that are never sent",
      .effort = WD_EFFORT_SMALL, .effort_why = "delete the declaration",
      .staleness = "none", .ask = WD_ASK_SCHEMA, .is_removal = true },
    { .rule = "WD104", .verb = "Declare", .one = "field", .many = "fields",
      .tail_one = "which is sent but not declared", .tail_many = "that are sent but not declared",
      .effort = WD_EFFORT_SMALL, .effort_why = "add to the schema, or stop sending",
      .staleness = "none", .ask = WD_ASK_SCHEMA },
    { .rule = "WD105", .verb = "Correct the declaration of", .one = "field", .many = "fields",
      .tail_one = "which the traffic contradicts", .tail_many = "that the traffic contradicts",
      .effort = WD_EFFORT_SMALL, .effort_why = "change the schema, or what is sent",
      .staleness = "none", .ask = WD_ASK_SCHEMA },
    { .rule = "WD106", .verb = "Describe", .one = "message", .many = "messages",
      .tail_one = "which the schema does not know", .tail_many = "that the schema does not know",
      .effort = WD_EFFORT_MEDIUM, .effort_why = "write its schema",
      .staleness = "none", .ask = WD_ASK_SCHEMA },
    { .rule = "WD107", .verb = "Find out who reads", .one = "field", .many = "fields",
      .tail_one = "which nothing can be said about", .tail_many = "that nothing can be said about",
      .effort = WD_EFFORT_SMALL, .effort_why = "look at the places named, or trace the consumer",
      .staleness = "none", .ask = WD_ASK_UNSURE },
    { .rule = "WD201", .verb = "Leave out", .one = "field", .many = "fields",
      .tail_one = "which is always empty", .tail_many = "that are always empty",
      .effort = WD_EFFORT_SMALL, .effort_why = "send only what holds something",
      .staleness = "none", .ask = WD_ASK_READERS },
    { .rule = "WD202", .verb = "Send once, not every time,", .one = "field", .many = "fields",
      .tail_one = "which never changes", .tail_many = "that never change",
      .effort = WD_EFFORT_MEDIUM,
      .effort_why = "a place in the first message of a connection; the reader remembers",
      .staleness = "none, if sent again after a change and after a reconnection",
      .ask = WD_ASK_READERS },
    { .rule = "WD203", .verb = "Send less often", .one = "field", .many = "fields",
      .tail_one = "which rarely changes", .tail_many = "that rarely change",
      .effort = WD_EFFORT_MEDIUM,
      .effort_why = "sent on change, or in a slower message; the reader remembers",
      .staleness = "none when sent on change; else at most the cadence chosen", .ask = WD_ASK_READERS },
    { .rule = "WD204", .verb = "Send changes instead of full snapshots of", .one = "message",
      .many = "messages",
      .tail_one = "which mostly repeats itself", .tail_many = "that mostly repeat themselves",
      .effort = WD_EFFORT_LARGE, .effort_why = "a delta format, and a reader that merges it",
      .staleness = "none; a reader that missed a delta needs a snapshot", .ask = WD_ASK_SUBSCRIBERS },
    { .rule = "WD207", .verb = "Send only once", .one = "field", .many = "fields",
      .tail_one = "which equals another field", .tail_many = "that equal other fields",
      .effort = WD_EFFORT_SMALL, .effort_why = "let the reader use the other field",
      .staleness = "none", .ask = WD_ASK_READERS },
    { .rule = "WD301", .verb = "Encode more tightly", .one = "field", .many = "fields",
      .tail_one = "which takes more bytes than it says", .tail_many = "that take more bytes than they say",
      .effort = WD_EFFORT_MEDIUM, .effort_why = "change the type on both sides",
      .staleness = "none", .ask = WD_ASK_READERS },
    { .rule = "WD304", .verb = "Give another wire type or number to", .one = "field", .many = "fields",
      .tail_one = "whose values take more than they need", .tail_many = "whose values take more than they need",
      .effort = WD_EFFORT_MEDIUM, .effort_why = "a new field number, and both sent until every reader knows it",
      .staleness = "none", .ask = WD_ASK_READERS },
    { .rule = "WD401", .verb = "State the purpose of, or stop sending,", .one = "personal field",
      .many = "personal fields",
      .tail_one = "", .tail_many = "",
      .effort = WD_EFFORT_SMALL, .effort_why = "write the purpose beside the declaration",
      .staleness = "none", .ask = WD_ASK_READERS },
    { .rule = "WD402", .verb = "Take out of the messages", .one = "secret", .many = "secrets",
      .tail_one = "", .tail_many = "",
      .effort = WD_EFFORT_MEDIUM,
      .effort_why = "authenticate the connection once; replace the secrets that were sent",
      .staleness = "none", .ask = WD_ASK_READERS },
    { .rule = "WD601", .verb = "Document", .one = "field", .many = "fields",
      .tail_one = "which states no purpose, owner or change rate",
      .tail_many = "that state no purpose, owner or change rate",
      .effort = WD_EFFORT_SMALL, .effort_why = "three words beside the declaration",
      .staleness = "none", .ask = WD_ASK_SCHEMA },
    { .rule = "WD603", .verb = "Renew or remove", .one = "suppression", .many = "suppressions",
      .tail_one = "which has expired or gives no reason", .tail_many = "that have expired or give no reason",
      .effort = WD_EFFORT_SMALL, .effort_why = "edit the configuration",
      .staleness = "none", .ask = WD_ASK_CONFIG, .is_counted = true },
    { .rule = "", .verb = "Look at", .one = "field", .many = "fields",
      .tail_one = "", .tail_many = "",
      .effort = WD_EFFORT_MEDIUM, .effort_why = "as its remedy says",
      .staleness = "as its remedy says", .ask = WD_ASK_READERS },
};

static const struct wd_html_kind *kind_of(const struct wd_finding *f)
{
    size_t i = 0;
    while (i + 1 < WD_COUNT(kinds) && strcmp(kinds[i].rule, f->rule->id) != 0)
        i++;
    return &kinds[i];
}

static bool is_privacy(const struct wd_finding *f)
{
    return strncmp(f->rule->id, "WD4", 3) == 0;
}

static bool is_unread(const struct wd_finding *f)
{
    return strcmp(f->rule->id, "WD101") == 0 || strcmp(f->rule->id, "WD102") == 0;
}

/* Message, channel, direction and a path, apart by NUL: names of inputs may hold one too, which at worst
 * joins two groups. */
static void put_key(struct wd_buf *key, const struct wd_finding *f, const char *prefix, struct wd_bytes path)
{
    wd_buf_reset(key);
    wd_buf_printf(key, "%s %d", prefix, f->direction);
    wd_buf_byte(key, 0);
    wd_buf_put(key, f->channel);
    wd_buf_byte(key, 0);
    wd_buf_put(key, f->message);
    wd_buf_byte(key, 0);
    wd_buf_put(key, path);
}

/* The container of a path: "a.b[]" of "a.b[].c", "a.b" of "a.b[]", "" at the top. */
static struct wd_bytes parent_of(struct wd_bytes path)
{
    if (path.len >= 2 && (path.at[path.len - 1] == ']' || path.at[path.len - 1] == '}'))
        return wd_bytes_at(path.at, path.len - 2);
    size_t i = path.len;
    while (i > 0 && path.at[i - 1] != '.')
        i--;
    return wd_bytes_at(path.at, i ? i - 1 : 0);
}

struct gather {
    const struct wd_audit *audit;
    struct wd_map *unread;      /* path -> index + 1 of the finding that calls it unread */
    struct wd_map *groups;      /* kind and message -> index + 1 of the decision */
    const size_t
        *covered_by; /* per finding: index + 1 of the unread finding that a privacy finding belongs to */
    const bool *is_personal;    /* per finding */
    struct wd_html_decision *list;
    size_t count, cap;
    struct wd_buf key;
};

static void note_unread(struct gather *g)
{
    for (size_t i = 0; i < g->audit->finding_count; i++) {
        const struct wd_finding *f = &g->audit->findings[i];
        if (!is_unread(f))
            continue;
        put_key(&g->key, f, "", f->path);
        *wd_map_put(g->unread, wd_buf_bytes(&g->key), NULL) = i + 1;
    }
}

/* The unread finding at the path or at a container above it; 0 none. */
static size_t cover_of(struct gather *g, const struct wd_finding *f)
{
    for (struct wd_bytes path = f->path;; path = parent_of(path)) {
        put_key(&g->key, f, "", path);
        const uint64_t *found = wd_map_get(g->unread, wd_buf_bytes(&g->key));
        if (found)
            return (size_t)*found;
        if (path.len == 0)
            return 0;
    }
}

static bool says_personal(const struct wd_audit *audit, const struct wd_finding *f)
{
    if (!f->type || !f->row || !audit->verdicts || !audit->profile)
        return false;
    size_t t = (size_t)(f->type - audit->profile->types), r = (size_t)(f->row - f->type->rows);
    return audit->verdicts[t][r] == WD_VERDICT_PERSONAL_UNREAD;
}

static void attach_privacy(struct gather *g, struct wd_arena *arena)
{
    size_t n = g->audit->finding_count;
    size_t *covered_by = wd_arena_array(arena, size_t, n);
    bool *is_personal = wd_arena_array(arena, bool, n);
    for (size_t i = 0; i < n; i++) {
        const struct wd_finding *f = &g->audit->findings[i];
        if (is_unread(f))
            is_personal[i] |= says_personal(g->audit, f);
        covered_by[i] = is_privacy(f) ? cover_of(g, f) : 0;
        if (covered_by[i])
            is_personal[covered_by[i] - 1] = true;
    }
    g->covered_by = covered_by;
    g->is_personal = is_personal;
}

static struct wd_html_decision *decision_for(struct gather *g, size_t index)
{
    const struct wd_finding *f = &g->audit->findings[index];
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%s%s", f->rule->id, g->is_personal[index] ? "+" : "");
    put_key(&g->key, f, prefix, wd_bytes_of(""));
    uint64_t *place = wd_map_put(g->groups, wd_buf_bytes(&g->key), NULL);
    if (!*place) {
        WD_GROW(g->list, g->count, g->cap);
        g->list[g->count] = (struct wd_html_decision){ 
            .kind = kind_of(f), .is_personal = g->is_personal[index], .rank = index };
        *place = ++g->count;
    }
    return &g->list[*place - 1];
}

static void add(struct gather *g, size_t index)
{
    const struct wd_finding *f = &g->audit->findings[index];
    if (g->covered_by[index]) {
        struct wd_html_decision *d = decision_for(g, g->covered_by[index] - 1);
        WD_GROW(d->beside, d->beside_count, d->beside_cap);
        d->beside[d->beside_count++] = f;
        d->severity = f->severity > d->severity ? f->severity : d->severity;
        return;
    }
    struct wd_html_decision *d = decision_for(g, index);
    WD_GROW(d->findings, d->count, d->cap);
    d->findings[d->count++] = f;
    d->saves += f->saves_bytes;
    d->saves_wire += f->saves_wire_bytes;
    d->is_by_wire = g->audit->is_by_wire && g->audit->summary.has_wire;
    d->severity = f->severity > d->severity ? f->severity : d->severity;
}

static double worth(const struct wd_html_decision *d)
{
    static const double weights[] = { [WD_EFFORT_SMALL] = 1, [WD_EFFORT_MEDIUM] = 2, [WD_EFFORT_LARGE] = 4 };
    return (double)(d->is_by_wire ? d->saves_wire : d->saves) / weights[d->kind->effort];
}

static int by_worth(const void *a, const void *b)
{
    const struct wd_html_decision *x = a, *y = b;
    double p = worth(x), q = worth(y);
    if (p < q || p > q)
        return p < q ? 1 : -1;
    if (x->severity != y->severity)
        return (int)y->severity - (int)x->severity;
    if (x->kind->effort != y->kind->effort)
        return (int)x->kind->effort - (int)y->kind->effort;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* From the heap, where lists grow, into the arena, where they stay. */
static void *settle(struct wd_arena *arena, void *list, size_t size)
{
    void *kept = wd_arena_alloc(arena, size);
    if (size)
        memcpy(kept, list, size);
    wd_free(list);
    return kept;
}

struct wd_html_decisions wd_html_decisions_of(const struct wd_audit *audit, struct wd_arena *arena)
{
    struct gather g = { .audit = audit, .unread = wd_map_open(), .groups = wd_map_open() };
    note_unread(&g);
    attach_privacy(&g, arena);
    for (size_t i = 0; i < audit->finding_count; i++)
        add(&g, i);
    if (g.count)
        qsort(g.list, g.count, sizeof *g.list, by_worth);
    for (size_t i = 0; i < g.count; i++) {
        struct wd_html_decision *d = &g.list[i];
        d->findings = settle(arena, d->findings, d->count * sizeof *d->findings);
        d->beside = settle(arena, d->beside, d->beside_count * sizeof *d->beside);
    }
    struct wd_html_decisions all = { settle(arena, g.list, g.count * sizeof *g.list), g.count };
    wd_map_close(g.unread);
    wd_map_close(g.groups);
    wd_buf_free(&g.key);
    return all;
}
