/* output/markdown_audit.c - an audit to comment on a change with. */
#include "output/markdown.h"
#include "output/writers.h"

void wd_markdown_held_against(struct wd_buf *out, const struct wd_audit *a)
{
    if (a->profile)
        wd_put_plural(out, a->profile->messages, "message", "messages");
    else
        wd_buf_puts(out, "No traffic");
    if (a->schema && a->schema->document_count) {
        wd_buf_puts(out, " held against ");
        wd_put_markdown_code(out, wd_file_shown(a->schema->documents[0]->name));
    }
    size_t count = a->usage ? a->usage->consumer_count : 0;
    if (!count)
        wd_buf_puts(out, ", without consumers");
    for (size_t i = 0; i < count && i < 8; i++) {
        wd_buf_puts(out, i == 0 ? " and what is read by " : i + 1 == count ? " and " : ", ");
        wd_put_markdown_code(out, a->usage->consumers[i].name);
    }
    if (count > 8)
        wd_buf_printf(out, " and %zu more", count - 8);
    wd_buf_puts(out, ".");
}

void wd_markdown_verdicts(struct wd_buf *out, const struct wd_audit *audit)
{
    static const struct { enum wd_verdict verdict; const char *word, *without_readers; } rows[] = {
        { WD_VERDICT_PERSONAL_UNREAD, "personal and unread", NULL }, { WD_VERDICT_UNREAD, "unread", NULL },
        { WD_VERDICT_UNCHANGED, "read, but unchanged", "the same as before" },
        { WD_VERDICT_UNKNOWN, "unknown", "changes, who reads it is not known" },
        { WD_VERDICT_NEEDED, "needed", "holds messages together" },
    };
    const struct wd_summary *s = &audit->summary;
    bool knows_readers = wd_audit_knows_readers(audit);
    static const char *const titles[] = { "", ">bytes", ">share" };
    if (!s->payload_bytes)
        return;
    wd_buf_byte(out, '\n');
    wd_markdown_head(out, titles, WD_COUNT(titles));
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        if (!s->verdict_bytes[rows[i].verdict])
            continue;
        bool is_other = !knows_readers && rows[i].without_readers;
        wd_markdown_word_cell(out, is_other ? rows[i].without_readers : rows[i].word);
        wd_markdown_count_cell(out, s->verdict_bytes[rows[i].verdict]);
        wd_markdown_share_cell(out, wd_share_of(s->verdict_bytes[rows[i].verdict], s->payload_bytes));
        wd_markdown_end(out);
    }
}

static void put_place(struct wd_buf *out, const struct wd_finding *f)
{
    struct wd_buf place = { 0 };
    if (f->at.file)
        wd_buf_put(&place, wd_file_shown(f->at.file));
    if (f->at.file && f->at.line)
        wd_buf_printf(&place, ":%u", (unsigned)f->at.line);
    wd_markdown_code_cell(out, wd_buf_bytes(&place));
    wd_buf_free(&place);
}

static void put_finding(struct wd_buf *out, const struct wd_audit *a, const struct wd_finding *f)
{
    struct wd_buf phrase = { 0 };
    wd_buf_printf(out, "| %s | %s ", wd_severity_names[f->severity], f->rule->id);
    wd_markdown_code_cell(out, f->path);
    wd_markdown_code_cell(out, f->message);
    wd_markdown_cell(out);
    if (wd_finding_each(f)) {
        wd_put_count(out, wd_finding_each(f));
        wd_buf_byte(out, ' ');
    }
    if (a->summary.has_wire) {
        wd_markdown_cell(out);
        if (wd_finding_wire_bits(f))
            wd_put_bits(&phrase, wd_finding_wire_bits(f), f->type->count);
        wd_put_markdown_figure(out, wd_buf_bytes(&phrase));
        wd_buf_byte(out, ' ');
        wd_buf_reset(&phrase);
    }
    wd_finding_phrase(&phrase, a, f);
    wd_markdown_cell(out);
    wd_put_markdown_text(out, wd_buf_bytes(&phrase));
    wd_buf_byte(out, ' ');
    put_place(out, f);
    wd_markdown_end(out);
    wd_buf_free(&phrase);
}

/* What a group is about to save is not what its fields cost. */
static bool is_of_savings(enum wd_group group)
{
    return group == WD_GROUP_UNREAD || group == WD_GROUP_SNAPSHOT || group == WD_GROUP_SLOW ||
           group == WD_GROUP_CONSTANT || group == WD_GROUP_ADVICE;
}

static void put_group(struct wd_buf *out, const struct wd_audit *a, enum wd_group group, const char *level,
                      const char *how, bool show_all)
{
    const char *titles[] = { "", "rule", "field", "message", is_of_savings(group) ? ">saves B/msg" : ">B/msg", ">wire", "", "where" };
    size_t titles_count = WD_COUNT(titles);
    if (!a->summary.has_wire) {
        memmove(&titles[5], &titles[6], 2 * sizeof *titles);
        titles_count--;
    }
    size_t count = 0, limit = show_all ? SIZE_MAX : WD_MARKDOWN_ROWS;
    for (size_t i = 0; i < a->finding_count; i++) {
        if (wd_finding_group(a, &a->findings[i]) != group)
            continue;
        if (count == 0) {
            const char *title = wd_group_title(a, group);
            wd_buf_printf(out, "\n%s %c%s\n\n", level, title[0] - 'a' + 'A', title + 1);
            wd_markdown_head(out, titles, titles_count);
        }
        if (count++ < limit)
            put_finding(out, a, &a->findings[i]);
    }
    if (count > limit)
        wd_markdown_more(out, count - limit, how);
}

void wd_markdown_groups(struct wd_buf *out, const struct wd_audit *audit, const char *level, const char *how,
                        bool show_all)
{
    for (int g = 0; g < WD_GROUP_COUNT; g++)
        put_group(out, audit, (enum wd_group)g, level, how, show_all);
}

void wd_markdown_lacks(struct wd_buf *out, const struct wd_profile *p)
{
    size_t before = out->len;
    wd_buf_byte(out, '\n');
    wd_put_lacks(out, p);
    if (out->len == before + 1)
        out->len = before;
    else
        wd_buf_byte(out, '\n');
}

void wd_markdown_unseen(struct wd_buf *out, const struct wd_audit *a)
{
    struct wd_buf said = { 0 };
    for (int r = 0; a->profile && r < WD_REASON_COUNT; r++) {
        if (!a->profile->ledger.reason_bytes[r])
            continue;
        wd_buf_puts(&said, said.len ? ", " : "");
        wd_put_size(&said, a->profile->ledger.reason_bytes[r]);
        wd_buf_printf(&said, " %s", wd_reason_words[r].why);
    }
    if (a->profile && a->profile->ledger.missing_bytes) {
        wd_buf_puts(&said, said.len ? ", " : "");
        wd_put_size(&said, a->profile->ledger.missing_bytes);
        wd_buf_puts(&said, " that were never captured");
    }
    if (said.len)
        wd_buf_printf(out, "\nNot seen: %s.\n", wd_buf_cstr(&said));
    if (a->profile)
        wd_markdown_lacks(out, a->profile);
    for (size_t i = 0; i < a->unasked_count; i++)
        wd_buf_printf(out, "%sNot asked: %s, %s.\n", i ? "" : "\n", a->unasked[i].rule->id,
                      a->unasked[i].why);
    wd_buf_free(&said);
}

/* Repetition is cheap once compressed, so the same waste is a smaller share of what crosses the wire. */
void wd_markdown_wire(struct wd_buf *out, const struct wd_summary *s)
{
    struct wd_buf share = { 0 };
    if (!s->has_wire)
        return;
    wd_put_percent(&share, wd_share_of(s->removable_wire_bytes, s->wire_payload_bytes));
    wd_buf_puts(out, "Compressed, it is ");
    wd_put_markdown_figure(out, wd_buf_bytes(&share));
    wd_buf_puts(out, " of the ");
    wd_put_size(out, s->wire_payload_bytes);
    wd_buf_puts(out, " that crossed the wire.\n");
    wd_buf_free(&share);
}

static void put_title(struct wd_buf *out, const struct wd_summary *s)
{
    struct wd_buf share = { 0 };
    wd_buf_puts(out, "### wirediet: ");
    if (!s->payload_bytes) {
        wd_buf_puts(out, "no traffic to measure\n\n");
        return;
    }
    wd_put_percent(&share, wd_share_of(s->removable_bytes, s->payload_bytes));
    wd_put_markdown_figure(out, wd_buf_bytes(&share));
    wd_buf_puts(out, " of ");
    wd_put_size(out, s->payload_bytes);
    wd_buf_puts(out, " is waste\n\n");
    wd_markdown_wire(out, s);
    wd_buf_puts(out, s->has_wire ? "\n" : "");
    wd_buf_free(&share);
}

void wd_markdown_audit(struct wd_buf *out, const struct wd_audit *audit, const struct wd_style *style)
{
    const struct wd_summary *s = &audit->summary;
    put_title(out, s);
    wd_markdown_held_against(out, audit);
    wd_buf_byte(out, ' ');
    wd_put_plural(out, s->errors, "error", "errors");
    wd_buf_puts(out, ", ");
    wd_put_plural(out, s->warnings, "warning", "warnings");
    wd_buf_puts(out, ", ");
    wd_put_plural(out, s->notes, "note", "notes");
    if (s->suppressed) {
        wd_buf_puts(out, ", ");
        wd_put_count(out, s->suppressed);
        wd_buf_puts(out, " suppressed");
    }
    wd_buf_puts(out, ".\n");
    wd_markdown_verdicts(out, audit);
    wd_markdown_groups(out, audit, "####", " (`--all`)", style->show_all);
    if (!audit->finding_count)
        wd_buf_puts(out, audit->unasked_count ? "\nNothing to report from what could be asked.\n"
                                              : "\nNothing to report.\n");
    wd_markdown_unseen(out, audit);
}
