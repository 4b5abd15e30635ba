/* finding/privacy_report.c - from an assessment to a finding: severity, facts, a sentence, a remedy. */
#include "finding/ask.h"
#include "finding/privacy.h"

struct report {
    struct wd_ask *ask;
    const struct wd_rule *rule;
    const struct wd_subject *subject;
    const struct wd_cell *cell;
    const struct wd_assessment *assessment;
    bool is_unread;
};

/* Base by class, a note below 0.7; unread raises one step: P and what is not sure to warning at most. */
static enum wd_severity severity_of(const struct report *r)
{
    char class = r->assessment->category->class;
    bool is_sure = r->assessment->confidence >= WD_PRIVACY_NOTE;
    if (!is_sure || class == 'P')
        return r->is_unread ? WD_WARNING : WD_NOTE;
    return class == 'C' || r->is_unread ? WD_ERROR : WD_WARNING;
}

static const char *class_name(char class)
{
    static const char *const names[] = { "C", "S", "D", "P" };
    for (size_t i = 0; i < WD_COUNT(names); i++)
        if (names[i][0] == class)
            return names[i];
    return "D";
}

static void put_facts(struct wd_draft *d, const struct report *r)
{
    const struct wd_assessment *a = r->assessment;
    struct wd_bytes reasons[WD_REASONS_MAX];
    static const struct wd_bytes unread = { (const uint8_t *)"unread", 6 };
    for (size_t i = 0; i < a->reason_count; i++) {
        struct wd_buf reason = { 0 };
        wd_privacy_put_reason(&reason, &a->reasons[i]);
        reasons[i] = wd_arena_copy(r->ask->arena, wd_buf_bytes(&reason));
        wd_buf_free(&reason);
    }
    struct wd_bytes *kept = wd_arena_array(r->ask->arena, struct wd_bytes, a->reason_count);
    memcpy(kept, reasons, a->reason_count * sizeof *kept);
    wd_draft_text(d, "category", a->key);
    wd_draft_word(d, "class", class_name(a->category->class));
    wd_draft_share(d, "confidence", a->confidence);
    wd_draft_list(d, "reasons", kept, a->reason_count);
    wd_draft_list(d, "exposure", &unread, r->is_unread);
    if (r->cell->row)
        wd_draft_count(d, "sent", r->cell->row->present);
    if (r->cell->field && r->cell->field->purpose.len)
        wd_draft_text(d, "purpose", r->cell->field->purpose);
}

static void put_text(struct wd_buf *out, const struct report *r)
{
    const struct wd_assessment *a = r->assessment;
    wd_buf_printf(out, "%s%s", a->confidence >= WD_PRIVACY_NOTE ? "carries " : "may carry ",
                  a->category->noun);
    if (r->cell->row) {
        wd_buf_puts(out, ", sent ");
        wd_say_plural(out, r->cell->row->present, "time", "times");
    } else {
        wd_buf_puts(out, ", by its name and its schema; no traffic was looked at");
    }
    if (r->is_unread)
        wd_buf_puts(out, ", and no consumer reads it");
    if (a->is_contradicted)
        wd_buf_puts(out, "; the schema declares that it is not personal, and the values prove the opposite");
}

static void put_remedy(struct wd_buf *out, const struct report *r)
{
    bool is_secret = r->assessment->category->class == 'C';
    bool has_purpose = r->cell->field && r->cell->field->purpose.len;
    if (r->is_unread)
        wd_buf_puts(out, is_secret ? "remove it from the message, and revoke what was sent"
                                   : "remove it from the message: nobody reads it");
    else if (is_secret)
        wd_buf_puts(
            out, "send it once, in the header of the request that opens the connection, never in a message");
    else if (has_purpose)
        wd_buf_puts(out, "send it only to those whom its purpose needs, and only when it changes");
    else
        wd_buf_printf(out, "state its purpose in the schema (%s), or send it to those alone who need it",
                      wd_is_in_proto(r->subject, r->cell) ? "option wirediet.purpose, or `purpose:` in its comment"
                                                          : "x-wirediet: {purpose}");
}

static void send(const struct report *r)
{
    struct wd_draft d;
    wd_draft_open(&d, r->ask, r->rule, r->subject, r->cell);
    d.finding.severity = severity_of(r);
    d.finding.confidence = r->assessment->confidence;
    if (r->is_unread && r->cell->row)
        d.finding.saves_bytes = wd_row_bytes(r->cell->row);
    put_facts(&d, r);
    put_text(&d.text, r);
    put_remedy(&d.remedy, r);
    wd_draft_send(&d);
}

static bool is_looked_at(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell)
{
    return !cell->is_special && (audit->profile ? s->type && cell->row : cell->field != NULL);
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, bool is_credential,
                  const struct wd_subject *s, const struct wd_cell *cell)
{
    struct wd_personal_case c = {
        .path = cell->path, .type = s->type, .row = cell->row, .message = s->message, .field = cell->field,
        .config = ask->audit->config,
    };
    struct wd_assessment a;
    if (!is_looked_at(ask->audit, s, cell))
        return;
    wd_privacy_assess(&c, &a);
    if (!a.category || a.confidence < ask->audit->config->thresholds.min_confidence)
        return;
    if ((a.category->class == 'C') != is_credential)
        return;
    bool is_unread = wd_subject_has_use(ask->audit, s) && cell->use == WD_USE_UNUSED;
    send(&(struct report){ ask, rule, s, cell, &a, is_unread });
}

void wd_privacy_report(struct wd_ask *ask, const struct wd_rule *rule, bool is_credential)
{
    const struct wd_subjects *subjects = wd_ask_subjects(ask);
    for (size_t i = 0; i < subjects->count; i++)
        for (size_t k = 0; k < subjects->at[i].cell_count; k++)
            judge(ask, rule, is_credential, &subjects->at[i], &subjects->at[i].cells[k]);
}
