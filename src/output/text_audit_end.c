/* output/text_audit_end.c - how an audit ends: counts, what could not be asked, what was not seen, what to do
 * next. */
#include "output/escapes.h"
#include "output/facts.h"
#include "output/text_audit.h"

static void put_counts(struct wd_page *page, const struct wd_audit *a)
{
    struct wd_buf *cell = wd_page_cell(page);
    wd_put_plural(cell, a->summary.errors, "error", "errors");
    wd_buf_puts(cell, ", ");
    wd_put_plural(cell, a->summary.warnings, "warning", "warnings");
    wd_buf_puts(cell, ", ");
    wd_put_plural(cell, a->summary.notes, "note", "notes");
    if (a->summary.suppressed) {
        wd_buf_puts(cell, ", ");
        wd_put_count(cell, a->summary.suppressed);
        wd_buf_puts(cell, " suppressed");
    }
    wd_page_to(page, 2);
    wd_page_left(page, WD_TINT_STRONG);
    wd_page_end(page);
}

static void put_unasked(struct wd_page *page, const struct wd_audit *a)
{
    for (size_t i = 0; i < a->unasked_count; i++) {
        bool is_told = false;
        for (size_t j = 0; j < i; j++)
            is_told |= strcmp(a->unasked[j].why, a->unasked[i].why) == 0;
        if (is_told)
            continue;
        struct wd_buf *cell = wd_page_cell(page);
        wd_buf_printf(cell, "Not asked: %s", a->unasked[i].rule->id);
        for (size_t j = i + 1; j < a->unasked_count; j++)
            if (strcmp(a->unasked[j].why, a->unasked[i].why) == 0)
                wd_buf_printf(cell, ", %s", a->unasked[j].rule->id);
        wd_buf_printf(cell, ": %s", a->unasked[i].why);
        wd_page_to(page, 2);
        wd_page_wrap(page, WD_TINT_PLAIN, 13);
        wd_page_end(page);
    }
}

static void put_never_sent(struct wd_buf *out, const struct wd_audit *a)
{
    size_t count = 0;
    for (size_t i = 0; i < a->finding_count; i++)
        count += strcmp(a->findings[i].rule->id, "WD103") == 0 && a->findings[i].path.len == 0;
    if (!count)
        return;
    wd_put_plural(out, count, "declared message (", "declared messages (");
    size_t shown = 0;
    for (size_t i = 0; i < a->finding_count && shown < 3; i++)
        if (strcmp(a->findings[i].rule->id, "WD103") == 0 && a->findings[i].path.len == 0) {
            wd_buf_puts(out, shown++ ? ", " : "");
            wd_put_name_fit(out, a->findings[i].message, 24);
        }
    wd_buf_puts(out, count > shown ? ", ...)" : ")");
}

static void put_unseen(struct wd_page *page, const struct wd_audit *a)
{
    struct wd_buf said = { 0 };
    put_never_sent(&said, a);
    for (int r = 0; a->profile && r < WD_REASON_COUNT; r++) {
        uint64_t bytes = a->profile->ledger.reason_bytes[r];
        if (!bytes)
            continue;
        wd_buf_printf(&said, "%s%s, ", said.len ? "; " : "", wd_reason_words[r].why);
        wd_put_share(&said, wd_share_of(bytes, a->profile->ledger.captured_bytes));
        wd_buf_puts(&said, " of the capture");
    }
    if (said.len) {
        wd_page_to(page, 2);
        wd_page_put(page, WD_TINT_WARNING, "Not seen:");
        wd_page_to(page, page->column + 1);
        wd_buf_put(wd_page_cell(page), wd_buf_bytes(&said));
        wd_page_wrap(page, WD_TINT_PLAIN, 12);
        wd_page_end(page);
    }
    wd_buf_reset(&said);
    if (a->profile)
        wd_put_lacks(&said, a->profile);
    if (said.len)
        wd_page_prose(page, WD_TINT_FAINT, 2, wd_buf_cstr(&said));
    wd_buf_free(&said);
}

/* dashboard.yaml -> dashboard.slim.yaml */
static void put_slim(struct wd_buf *out, struct wd_bytes name)
{
    struct wd_bytes base = wd_base_name(name);
    struct wd_buf slim = { 0 };
    size_t dot = base.len;
    while (dot > 0 && base.at[dot - 1] != '.')
        dot--;
    size_t stem = dot > 1 ? dot - 1 : base.len;
    wd_buf_put(&slim, wd_bytes_at(base.at, stem));
    wd_buf_puts(&slim, ".slim");
    wd_buf_put(&slim, wd_bytes_at(base.at + stem, base.len - stem));
    wd_put_shell(out, wd_buf_bytes(&slim), "slim.yaml");
    wd_buf_free(&slim);
}

/* A verb with the evidence of this audit, and what it lacks. */
static void put_again(struct wd_buf *out, const struct wd_page *page, const struct wd_audit *a,
                      const char *verb)
{
    bool has_usage = a->usage && a->usage->consumer_count;
    wd_buf_puts(out, verb);
    wd_buf_puts(out, page->style->evidence ? page->style->evidence : "");
    if (!a->schema)
        wd_buf_puts(out, " -s SCHEMA");
    if (!a->profile)
        wd_buf_puts(out, " -p CAPTURE");
    if (!has_usage)
        wd_buf_puts(out, " -u USAGE");
}

static void put_next(struct wd_page *page, const struct wd_audit *a)
{
    struct wd_buf command = { 0 };
    if (!a->schema || !a->profile || !a->usage || !a->usage->consumer_count)
        put_again(&command, page, a, "wirediet audit");
    else if (wd_audit_has_rule(a, "WD101") || wd_audit_has_rule(a, "WD102")) {
        put_again(&command, page, a, "wirediet prune");
        wd_buf_puts(&command, " -o ");
        put_slim(&command,
                 wd_bytes_of(a->schema->document_count ? a->schema->documents[0]->name : "schema.yaml"));
    } else if (a->finding_count)
        wd_buf_printf(&command, "wirediet explain %s", a->findings[0].rule->id);
    else {
        put_again(&command, page, a, "wirediet report");
        wd_buf_puts(&command, " -o diet.html");
    }
    wd_page_next(page, wd_buf_bytes(&command), 2);
    wd_buf_free(&command);
}

void wd_text_audit_end(struct wd_page *page, const struct wd_audit *audit)
{
    put_counts(page, audit);
    put_unasked(page, audit);
    put_unseen(page, audit);
    if (page->style->verbosity >= 0)
        put_next(page, audit);
}
