/* finding/undocumented_field.c - WD601. What the schema says about why a field is sent, for whom, and how
 * often it changes; and whether traffic agrees. */
#include "finding/rules.h"
#include "finding/waste.h"

enum { PURPOSE = 1, OWNER = 2, CHANGES = 4, EVERYTHING = 7 };

static unsigned stated_by(const struct wd_schema_field *f)
{
    return f ? (f->purpose.len ? PURPOSE : 0u) | (f->owner.len ? OWNER : 0u) | (f->changes.len ? CHANGES : 0u)
             : 0u;
}

/* What is stated for a cell: by itself, by what holds it, by the message. */
static unsigned stated_for(const struct wd_subject *s, const struct wd_cell *cell)
{
    unsigned stated = (s->message->purpose.len ? PURPOSE : 0u) | (s->message->owner.len ? OWNER : 0u) |
                      stated_by(cell->field);
    for (size_t parent = cell->parent; parent != WD_NO_CELL; parent = s->cells[parent].parent)
        stated |= stated_by(s->cells[parent].field);
    return stated;
}

static bool is_asked(const struct wd_cell *cell)
{
    return cell->is_leaf && cell->field && !cell->is_discriminator && !cell->is_special;
}

/* ---- nothing stated ---- */

/* By cell: what the fields below it state, taken together, and how many they are. A tree in which nothing
 * is stated is one finding. */
struct below { unsigned stated; uint64_t fields; };

static struct below *look_below(struct wd_ask *ask, const struct wd_subject *s)
{
    struct below *below = wd_arena_array(ask->arena, struct below, s->cell_count);
    for (size_t i = s->cell_count; i-- > 0;) {
        if (is_asked(&s->cells[i])) {
            below[i].stated |= stated_for(s, &s->cells[i]);
            below[i].fields++;
        }
        if (s->cells[i].parent == WD_NO_CELL)
            continue;
        below[s->cells[i].parent].stated |= below[i].stated;
        below[s->cells[i].parent].fields += below[i].fields;
    }
    return below;
}

static void say_missing(struct wd_buf *out, unsigned missing)
{
    static const char *const words[] = { "purpose", "owner", "change rate" };
    int count = __builtin_popcount(missing), said = 0;
    for (int i = 0; i < 3; i++) {
        if (!(missing & 1u << i))
            continue;
        wd_buf_printf(out, "%s%s", said == 0 ? "" : said == count - 1 ? " and " : ", ", words[i]);
        said++;
    }
}

static void report_missing(struct wd_ask *ask, const struct wd_subject *s, const struct wd_cell *cell,
                           unsigned missing, uint64_t fields)
{
    static const char *const keys[] = { "purpose", "owner", "changes" };
    struct wd_bytes list[3];
    size_t count = 0;
    for (int i = 0; i < 3; i++)
        if (missing & 1u << i)
            list[count++] = wd_bytes_of(keys[i]);
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_undocumented_field, s, cell);
    wd_draft_list(&d, "missing", list, count);
    if (fields > 1)
        wd_draft_count(&d, "fields", fields);
    wd_buf_puts(&d.text, "The schema states no ");
    say_missing(&d.text, missing);
    if (fields > 1) {
        wd_buf_puts(&d.text, " for any of its ");
        wd_say_plural(&d.text, fields, "field", "fields");
    }
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy,
                wd_is_in_proto(s, cell)
                    ? "State it beside the declaration: [(wirediet.purpose) = \"...\"], or in its comment on a line "
                      "like `purpose: ...`; so too owner and changes."
                    : "State it beside the declaration: x-wirediet: {purpose: ..., owner: ..., changes: ...}.");
    wd_draft_send(&d);
}

static void ask_missing(struct wd_ask *ask, const struct wd_subject *s)
{
    const struct below *below = look_below(ask, s);
    for (size_t i = 0; i < s->cell_count; i++) {
        const struct wd_cell *cell = &s->cells[i];
        bool is_silent = below[i].fields && below[i].stated == 0;
        bool is_covered = cell->parent != WD_NO_CELL && below[cell->parent].stated == 0;
        bool is_message = cell->parent == WD_NO_CELL && !cell->is_leaf;
        if (is_silent && !is_covered)
            report_missing(ask, s, is_message ? NULL : cell, EVERYTHING, below[i].fields);
        else if (is_asked(cell) && below[i].stated && below[i].stated != EVERYTHING)
            report_missing(ask, s, cell, EVERYTHING & ~below[i].stated, 1);
    }
}

/* ---- stated and measured ---- */

/* "every 30 s", "30s", "5 min": milliseconds, 0 when it is no duration. */
static uint64_t read_duration(struct wd_bytes text)
{
    static const struct { const char *unit; uint64_t ms; } units[] = {
        { "ms", 1 },
        { "s", 1000 }, { "sec", 1000 }, { "second", 1000 }, { "seconds", 1000 },
        { "m", 60000 }, { "min", 60000 }, { "minute", 60000 }, { "minutes", 60000 },
        { "h", 3600000 }, { "hour", 3600000 }, { "hours", 3600000 },
        { "d", 86400000 }, { "day", 86400000 }, { "days", 86400000 },
    };
    if (text.len > 6 && wd_bytes_is_nocase(wd_bytes_at(text.at, 6), "every "))
        text = wd_bytes_trim(wd_bytes_at(text.at + 6, text.len - 6));
    size_t digits = 0;
    while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
        digits++;
    uint64_t n, ms;
    struct wd_bytes unit = wd_bytes_trim(wd_bytes_at(text.at + digits, text.len - digits));
    if (!wd_bytes_uint(wd_bytes_at(text.at, digits), &n))
        return 0;
    for (size_t i = 0; i < WD_COUNT(units); i++)
        if (wd_bytes_is_nocase(unit, units[i].unit))
            return __builtin_mul_overflow(n, units[i].ms, &ms) ? 0 : ms;
    return 0;
}

static bool is_one_of(struct wd_bytes text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (wd_bytes_is_nocase(text, words[i]))
            return true;
    return false;
}

/* Whether the measured pace contradicts the stated one; a factor of four, since both are rough. */
static bool contradicts(const struct wd_audit *audit, struct wd_bytes changes, const struct wd_pace *pace)
{
    static const char *const never[] = { "never", "static", "constant", "once", "per connection", NULL };
    static const char *const always[] = { "always", "every message", "each message", "continuously", NULL };
    enum { FACTOR = 4 };
    changes = wd_bytes_trim(changes);
    if (is_one_of(changes, never))
        return pace->changed > 0;
    if (is_one_of(changes, always))
        return wd_share(pace->changed, pace->compared) <= audit->config->thresholds.slow_ratio;
    uint64_t stated = read_duration(changes);
    return stated && pace->hold_ms && (stated / FACTOR > pace->hold_ms || pace->hold_ms / FACTOR > stated);
}

static void ask_contradiction(struct wd_ask *ask, const struct wd_subject *s, const struct wd_cell *cell)
{
    if (!cell->field || !cell->field->changes.len || !wd_is_compared(ask->audit, s, cell))
        return;
    struct wd_pace pace = wd_pace_of(s, cell);
    if (!contradicts(ask->audit, cell->field->changes, &pace))
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_undocumented_field, s, cell);
    d.finding.confidence = wd_sureness(pace.compared);
    wd_draft_text(&d, "stated", cell->field->changes);
    wd_draft_count(&d, "compared", pace.compared);
    wd_draft_count(&d, "changed", pace.changed);
    if (pace.hold_ms)
        wd_draft_count(&d, "cadence_ms", pace.hold_ms);
    wd_buf_puts(&d.text, "Stated to change \"");
    wd_buf_put(&d.text, cell->field->changes);
    wd_buf_puts(&d.text, "\", measured to change in ");
    wd_say_count(&d.text, pace.changed);
    wd_buf_puts(&d.text, " of ");
    wd_say_plural(&d.text, pace.compared, "message", "messages");
    if (pace.hold_ms) {
        wd_buf_puts(&d.text, ", about every ");
        wd_say_ms(&d.text, pace.hold_ms);
    }
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy, "Correct the statement, or the sender.");
    wd_draft_send(&d);
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    const char *format = ask->audit->schema->format;
    bool is_protobuf = format && strcmp(format, "protobuf") == 0;
    if (!ask->audit->schema->states_wirediet) {
        wd_ask_cannot(ask, &wd_rule_undocumented_field,
                      is_protobuf
                          ? "off until the schema states a purpose, an owner or a change rate"
                          : "off until the schema states an x-wirediet");
        return;
    }
    for (size_t i = 0; i < subjects->count; i++) {
        const struct wd_subject *s = &subjects->at[i];
        if (!s->message || s->message->is_opaque || !s->is_first)
            continue;
        ask_missing(ask, s);
        for (size_t c = 0; s->type && c < s->cell_count; c++)
            ask_contradiction(ask, s, &s->cells[c]);
    }
}

const struct wd_rule wd_rule_undocumented_field = {
    .id = "WD601",
    .name = "undocumented-field",
    .title = "no purpose, owner or change rate stated",
    .severity = WD_NOTE,
    .needs = WD_NEEDS_SCHEMA,
    .check = check,
    .asks = "The schema does not say what this field is for, who answers for it, or how often it changes; "
            "or it does say how often, and the traffic says otherwise. Off until the schema states an "
            "x-wirediet somewhere.",
    .why = "A field with no purpose cannot be defended and one with no owner cannot be removed. The stated "
           "rate decides which message a field belongs in.",
    .measured = "purpose and owner may stand at the field, at an object around it, or at the message; "
                "changes at the field or an object around it. A stated rate (never, always, every 30 s) is "
                "held against the changes that were counted; durations contradict when they differ by more "
                "than a factor of four.",
    .remedy = "x-wirediet: {purpose: title of the card, owner: team-dashboard, changes: every 30 s} beside "
              "the declaration.",
};
