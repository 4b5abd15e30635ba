/* finding/unknown_use.c - WD107. Says for each thing that stands in the way what it hides: an escape, a
 * list of reads that is not complete, a direction in which no declared consumer receives. */
#include "finding/rules.h"
#include "model/path.h"

/* What one obstacle leaves unknown. */
struct hidden { uint64_t fields, bytes; const struct wd_cell *cell; };

/* Fields, and the containers whose brackets and keys come and go with them. An object without members holds
 * nothing to be read. */
static bool is_unknown(const struct wd_cell *cell)
{
    bool is_bare =
        cell->parent == WD_NO_CELL && cell->row && cell->row->types[WD_TYPE_OBJECT] == cell->row->occurrences;
    return !is_bare && cell->use == WD_USE_UNKNOWN && !cell->is_special && !cell->is_discriminator;
}

static enum wd_direction direction_of(const struct wd_subject *s)
{
    return s->direction < 0 ? WD_DIRECTION_COUNT : (enum wd_direction)s->direction;
}

/* By cell: what nobody is known to read, and this consumer (NULL: nobody) may. Asked once for all
 * its escapes. */
static bool *find_doubts(struct wd_ask *ask, const struct wd_subject *s, const struct wd_consumer *consumer)
{
    bool *doubts = wd_arena_array(ask->arena, bool, s->cell_count);
    for (size_t i = 0; i < s->cell_count; i++)
        doubts[i] = is_unknown(&s->cells[i]) &&
                    (!consumer || wd_usage_of(consumer, s->name, s->channel, direction_of(s),
                                              s->cells[i].path, NULL) == WD_USE_UNKNOWN);
    return doubts;
}

/* The doubts at or below `top`. */
static struct hidden find_hidden(const struct wd_subject *s, const bool *doubts, struct wd_bytes top)
{
    struct hidden hidden = { 0 };
    for (size_t i = 0; i < s->cell_count; i++) {
        const struct wd_cell *cell = &s->cells[i];
        if (!cell->is_special && !hidden.cell && wd_path_meets(cell->path, top))
            hidden.cell = cell;
        if (!doubts[i] || !wd_path_is_under(cell->path, top))
            continue;
        hidden.fields += cell->is_leaf;
        hidden.bytes += cell->row ? wd_row_bytes(cell->row) : 0;
    }
    return hidden;
}

static void say_hidden(struct wd_draft *d, const struct hidden *hidden)
{
    wd_draft_count(d, "fields", hidden->fields);
    wd_draft_count(d, "bytes", hidden->bytes);
    wd_buf_puts(&d->text, "so nothing can be said about ");
    wd_say_plural(&d->text, hidden->fields, "field", "fields");
    if (d->ask->audit->profile) {
        wd_buf_puts(&d->text, " (");
        if (hidden->bytes)
            wd_say_cost(&d->text, d->ask->audit, hidden->bytes);
        else
            wd_buf_puts(&d->text, "never sent");
        wd_buf_puts(&d->text, ")");
    }
    wd_buf_puts(&d->text, ".");
}

static void report_escape(struct wd_ask *ask, const struct wd_subject *s, const struct wd_consumer *consumer,
                          const bool *doubts, const struct wd_escape *escape)
{
    struct hidden hidden = find_hidden(s, doubts, escape->path);
    bool is_whole = wd_bytes_is(escape->path, ".");
    if (hidden.fields == 0)
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_unknown_use, s, is_whole ? NULL : hidden.cell);
    if (!is_whole)
        d.finding.path = escape->path;
    wd_draft_text(&d, "consumer", consumer->name);
    wd_draft_word(&d, "reason", "escape");
    if (escape->where.len)
        wd_draft_text(&d, "where", escape->where);
    wd_buf_put(&d.text, consumer->name);
    wd_buf_puts(&d.text, is_whole ? " hands the whole message to code that cannot be followed"
                                  : " hands it to code that cannot be followed");
    if (escape->where.len) {
        wd_buf_puts(&d.text, " (");
        wd_buf_put(&d.text, escape->where);
        wd_buf_puts(&d.text, ")");
    }
    wd_buf_puts(&d.text, ", ");
    say_hidden(&d, &hidden);
    wd_buf_puts(
        &d.remedy,
        "Pick the fields that are needed at that place by name, or list them as reads in the usage file.");
    wd_draft_send(&d);
}

/* `why` ends the sentence that begins with the consumer's name. */
static void report_consumer(struct wd_ask *ask, const struct wd_subject *s,
                            const struct wd_consumer *consumer, const bool *doubts, const char *reason,
                            const char *why, const char *remedy)
{
    struct hidden hidden = find_hidden(s, doubts, wd_bytes_of("."));
    if (hidden.fields == 0)
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_unknown_use, s, NULL);
    wd_draft_text(&d, "consumer", consumer->name);
    wd_draft_word(&d, "reason", reason);
    wd_buf_put(&d.text, consumer->name);
    wd_buf_puts(&d.text, why);
    say_hidden(&d, &hidden);
    wd_buf_puts(&d.remedy, remedy);
    wd_draft_send(&d);
}

static void ask_entry(struct wd_ask *ask, const struct wd_subject *s, const struct wd_consumer *consumer,
                      const bool *doubts, const struct wd_consumer_message *entry)
{
    const struct wd_consumer one = { .messages = entry, .message_count = 1 };
    if (!wd_usage_subscribes(&one, s->name, s->channel, direction_of(s)))
        return;
    for (size_t i = 0; i < entry->escape_count; i++)
        report_escape(ask, s, consumer, doubts, &entry->escapes[i]);
    if (!entry->is_complete)
        report_consumer(ask, s, consumer, doubts, "incomplete",
                        " does not say that its list of reads is complete, ",
                        "Complete the list of reads in the usage file and set complete: true.");
}

/* No consumer speaks of it: none receives what goes that way, or none could know it by that name. */
static void report_nobody(struct wd_ask *ask, const struct wd_subject *s)
{
    static const char *const ways[WD_DIRECTION_COUNT] = { "what clients send", "what the server sends",
                                                          "what peers send" };
    struct hidden hidden = find_hidden(s, find_doubts(ask, s, NULL), wd_bytes_of("."));
    if (hidden.fields == 0)
        return;
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_unknown_use, s, NULL);
    wd_draft_word(&d, "reason", s->is_received ? "unnamed" : "no-receiver");
    if (s->is_received)
        wd_buf_puts(&d.text,
                    "No consumer lists it, and none could know it by the name that traffic gives it, ");
    else
        wd_buf_printf(&d.text, "No declared consumer receives %s, ", ways[s->direction]);
    say_hidden(&d, &hidden);
    wd_buf_puts(&d.remedy,
                s->is_received
                    ? "Declare the message in the schema, or list it by this name in the usage file."
                    : "Add a usage file for whoever receives it.");
    wd_draft_send(&d);
}

static void ask_subject(struct wd_ask *ask, const struct wd_subject *s)
{
    const struct wd_usage *usage = ask->audit->usage;
    if (!s->is_received || !s->is_known) {
        report_nobody(ask, s);
        return;
    }
    for (size_t i = 0; i < usage->consumer_count; i++) {
        const struct wd_consumer *consumer = &usage->consumers[i];
        const bool *doubts = find_doubts(ask, s, consumer);
        if (consumer->message_count == 0)
            report_consumer(ask, s, consumer, doubts, "silent", " lists no message at all, ",
                            "List the messages that it takes in its usage file, or leave the consumer out.");
        for (size_t m = 0; m < consumer->message_count; m++)
            ask_entry(ask, s, consumer, doubts, &consumer->messages[m]);
    }
}

static void check(struct wd_ask *ask)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++)
        ask_subject(ask, &subjects->at[i]);
}

const struct wd_rule wd_rule_unknown_use = {
    .id = "WD107", .name = "unknown-use", .title = "nothing can be said about its use", .severity = WD_NOTE,
    .needs = WD_NEEDS_USAGE, .check = check,
    .asks = "Whether these fields are read is not known, and this is what stands in the way: a consumer "
            "hands the value to code that cannot be followed (it serialises it, posts it away, indexes it "
            "by a computed key), does not claim that its list of reads is complete, or is not declared at "
            "all.",
    .why = "Unknown is never taken for unused, so these fields stay, with all that they cost. One place in "
           "one consumer often hides a whole object.",
    .measured = "For each obstacle: the fields of the message that no consumer is known to read and this "
                "one may, and their bytes in the captured messages.",
    .remedy = "At that place pick the needed fields by name, then list them as reads. If the consumer reads "
              "nothing there, --assume-unused CONSUMER says so, explicitly.",
};
