/* output/text_explain.c - a rule in half a screen, and all of them in one. */
#include "output/escapes.h"
#include "output/text.h"

static void put_part(struct wd_page *page, const char *heading, const char *text)
{
    if (!text || !*text)
        return;
    wd_page_put(page, WD_TINT_STRONG, heading);
    wd_page_end(page);
    wd_page_prose(page, WD_TINT_PLAIN, 2, text);
    wd_page_end(page);
}

static const struct { unsigned bit; const char *what;
} evidence[] = {
    { WD_NEEDS_PROFILE, "traffic (-p)" },
    { WD_NEEDS_SCHEMA, "a schema (-s)" },
    { WD_NEEDS_USAGE, "consumers (-u)" },
};

static void put_needs(struct wd_page *page, unsigned needs)
{
    struct wd_buf *cell = wd_page_cell(page);
    for (size_t i = 0; i < WD_COUNT(evidence); i++)
        if (needs & evidence[i].bit)
            wd_buf_printf(cell, "%s%s", cell->len ? ", " : "It needs ", evidence[i].what);
    if (!cell->len)
        wd_buf_puts(cell, "It needs nothing beside what the audit is given");
    wd_buf_puts(cell, ".");
    wd_page_wrap(page, WD_TINT_FAINT, 0);
    wd_page_end(page);
}

static void put_silence(struct wd_page *page, const struct wd_rule *rule)
{
    wd_page_put(page, WD_TINT_STRONG, "How to silence it, with a reason and a date");
    wd_page_end(page);
    static const char *const lines[] = { "  path: PATH", "  message: NAME", "  reason: why it may stay",
                                         "  expires: YYYY-MM-DD" };
    wd_page_to(page, 2);
    wd_page_put(page, WD_TINT_PLAIN, "suppressions:            # in .wirediet.yaml");
    wd_page_end(page);
    wd_page_to(page, 4);
    wd_page_putf(page, WD_TINT_PLAIN, "- rule: %s", rule->id);
    wd_page_end(page);
    for (size_t i = 0; i < WD_COUNT(lines); i++) {
        wd_page_to(page, 4);
        wd_page_put(page, WD_TINT_PLAIN, lines[i]);
        wd_page_end(page);
    }
}

void wd_print_rule(struct wd_buf *out, const struct wd_rule *rule, const struct wd_style *style)
{
    struct wd_page page = wd_page_open(out, style);
    wd_page_putf(&page, WD_TINT_STRONG, "%s  %s", rule->id, rule->name);
    wd_page_to(&page, page.column + 2);
    wd_page_putf(&page, wd_severity_tint(rule->severity), "%s", wd_severity_names[rule->severity]);
    wd_page_end(&page);
    wd_page_prose(&page, WD_TINT_PLAIN, 0, rule->title);
    wd_page_end(&page);
    put_part(&page, "What it means", rule->asks);
    put_part(&page, "Why it matters", rule->why);
    put_part(&page, "How it is measured", rule->measured);
    put_part(&page, "How to fix it", rule->remedy);
    put_silence(&page, rule);
    wd_page_end(&page);
    put_needs(&page, rule->needs);
    wd_page_close(&page);
}

void wd_print_rules(struct wd_buf *out, const struct wd_rule *const *rules, const struct wd_style *style)
{
    struct wd_page page = wd_page_open(out, style);
    size_t widest = 8;
    for (size_t i = 0; rules[i]; i++)
        widest = strlen(rules[i]->name) > widest ? strlen(rules[i]->name) : widest;
    for (size_t i = 0; rules[i]; i++) {
        wd_page_put(&page, WD_TINT_STRONG, rules[i]->id);
        wd_page_to(&page, 7);
        wd_page_put(&page, wd_severity_tint(rules[i]->severity), wd_severity_names[rules[i]->severity]);
        wd_page_to(&page, 16);
        wd_page_put(&page, WD_TINT_PLAIN, rules[i]->name);
        size_t at = 16 + widest + 2;
        wd_page_to(&page, at);
        wd_buf_puts(wd_page_cell(&page), rules[i]->title);
        wd_page_wrap(&page, WD_TINT_PLAIN, at);
        wd_page_end(&page);
    }
    wd_page_end(&page);
    wd_page_prose(&page, WD_TINT_FAINT, 0, "Next: wirediet explain ID");
    wd_page_close(&page);
}
