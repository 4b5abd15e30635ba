#include "finding/draft.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static struct wd_place place_of(const struct wd_subject *s, const struct wd_cell *cell)
{
    if (cell && cell->field && cell->field->decl_count)
        return cell->field->decls[0].at;
    if (!cell && s && s->message)
        return s->message->at;
    return (struct wd_place){ 0 };
}

void wd_draft_open(struct wd_draft *d, struct wd_ask *ask, const struct wd_rule *rule,
                   const struct wd_subject *s, const struct wd_cell *cell)
{
    struct wd_bytes none = wd_bytes_of("");
    *d = (struct wd_draft){ .ask = ask };
    d->finding = (struct wd_finding){
        .rule = rule, .severity = rule->severity, .confidence = 1.0,
        .message = s ? s->name : none, .channel = s ? s->channel : none, .path = cell ? cell->path : none,
        .direction = s ? s->direction : -1, .at = place_of(s, cell),
        .type = s ? s->type : NULL, .row = cell ? cell->row : NULL, .field = cell ? cell->field : NULL,
    };
}

static struct wd_fact *add_fact(struct wd_draft *d, const char *key, enum wd_fact_kind kind)
{
    assert(d->finding.fact_count < WD_DRAFT_FACTS);
    struct wd_fact *fact = &d->facts[d->finding.fact_count++];
    *fact = (struct wd_fact){ .key = key, .kind = kind };
    return fact;
}

void wd_draft_count(struct wd_draft *d, const char *key, uint64_t count)
{
    add_fact(d, key, WD_FACT_COUNT)->count = count;
}

void wd_draft_share(struct wd_draft *d, const char *key, double share)
{
    add_fact(d, key, WD_FACT_SHARE)->share = share;
}

void wd_draft_word(struct wd_draft *d, const char *key, const char *word)
{
    add_fact(d, key, WD_FACT_WORD)->word = word;
}

void wd_draft_text(struct wd_draft *d, const char *key, struct wd_bytes text)
{
    add_fact(d, key, WD_FACT_BYTES_TEXT)->text = text;
}

void wd_draft_list(struct wd_draft *d, const char *key, const struct wd_bytes *list, size_t count)
{
    struct wd_fact *fact = add_fact(d, key, WD_FACT_LIST);
    fact->list = list;
    fact->list_count = count;
}

bool wd_is_in_proto(const struct wd_subject *s, const struct wd_cell *cell)
{
    const struct wd_document *document = s->message ? s->message->document : NULL;
    if (cell && cell->field && cell->field->decl_count)
        document = cell->field->decls[0].document;
    return document && document->is_proto;
}

void wd_draft_send(struct wd_draft *d)
{
    d->finding.facts = d->facts;
    d->finding.text = wd_buf_bytes(&d->text);
    d->finding.remedy = wd_buf_bytes(&d->remedy);
    d->ask->emit(d->ask, &d->finding);
    wd_buf_free(&d->text);
    wd_buf_free(&d->remedy);
}

/* ---- parts of a sentence ---- */

void wd_say_count(struct wd_buf *out, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            wd_buf_byte(out, ',');
        wd_buf_byte(out, (uint8_t)digits[i]);
    }
}

void wd_say_plural(struct wd_buf *out, uint64_t n, const char *one, const char *many)
{
    wd_say_count(out, n);
    wd_buf_printf(out, " %s", n == 1 ? one : many);
}

void wd_say_share(struct wd_buf *out, double share)
{
    if (share > 0 && share < 0.001)
        wd_buf_puts(out, "less than 0.1 %");
    else
        wd_buf_printf(out, "%.1f %%", share * 100);
}

void wd_say_ms(struct wd_buf *out, uint64_t ms)
{
    static const struct { uint64_t from, unit; const char *name; } units[] = {
        { 2 * 86400000, 86400000, "days" },
        { 2 * 3600000, 3600000, "h" },
        { 2 * 60000, 60000, "min" },
        { 1000, 1000, "s" },
        { 0, 1, "ms" },
    };
    for (size_t i = 0; i < WD_COUNT(units); i++) {
        if (ms < units[i].from)
            continue;
        wd_say_count(out, (ms + units[i].unit / 2) / units[i].unit);
        wd_buf_printf(out, " %s", units[i].name);
        return;
    }
}

void wd_say_names(struct wd_buf *out, const struct wd_bytes *names, size_t count, const char *last)
{
    enum { MOST = 4 };
    size_t shown = count > MOST ? MOST - 1 : count;
    for (size_t i = 0; i < shown; i++) {
        if (i)
            wd_buf_puts(out, i == count - 1 ? last : ", ");
        wd_buf_put(out, names[i]);
    }
    if (shown < count)
        wd_buf_printf(out, "%s%zu more", last, count - shown);
}

void wd_say_cost(struct wd_buf *out, const struct wd_audit *audit, uint64_t bytes)
{
    wd_say_plural(out, bytes, "byte", "bytes");
    wd_buf_puts(out, ", ");
    wd_say_share(out, wd_share(bytes, audit->profile ? audit->profile->payload_bytes : 0));
    wd_buf_puts(out, " of the payload");
}

double wd_share(uint64_t n, uint64_t total)
{
    return total ? (double)n / (double)total : 0;
}

double wd_sureness(uint64_t n)
{
    return (double)n / ((double)n + 3);
}
