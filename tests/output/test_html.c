/* The report is well-formed, breaks out of nothing, tells no value, and speaks in whole sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "demo.h"
#include "output/html.h"
#include "output/html_decision.h"
#include "output/html_part.h"

#define HOSTILE                                                                                              \
    "</title></style></svg></table><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;<!--]]>"    \
    "\xe2\x80\xae\x01\xff"

static char *render(const struct wd_report *report)
{
    struct wd_buf out = { 0 };
    wd_html_report(&out, report);
    char *text = strndup((const char *)out.at, out.len);
    assert_int_equal(strlen(text), out.len);  /* no NUL in it */
    wd_buf_free(&out);
    return text;
}

static char *render_audit(const struct wd_audit *audit)
{
    return render(&(struct wd_report){ .audit = audit });
}

/* ---- a small checker: elements nest, attributes are quoted and known, ids are unique ---- */

static const char *const elements[] = {
    "a", "b", "body", "caption", "circle", "code", "dd", "defs", "del", "details", "div", "dl", "dt", "em",
    "figure", "g", "h1", "h2", "h3", "head", "header", "html", "li", "line", "main", "meta", "nav", "ol",
    "p", "path", "pattern", "pre", "rect", "section", "span", "style", "summary", "svg", "table", "tbody",
    "td", "text", "th", "thead", "title", "tr", "ul", "wbr", NULL,
};
static const char *const voids[] = { "meta", "wbr", NULL };
static const char *const attributes[] = {
    "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "colspan", "content", "cx", "cy",
    "d", "fill", "focusable", "height", "href", "http-equiv", "id", "lang", "name", "open",
    "patternTransform", "patternUnits", "r", "role", "scope", "tabindex", "title", "transform", "viewBox",
    "width", "x", "x1", "x2", "y", "y1", "y2", NULL,
};

static bool is_among(const char *const *list, const char *word, size_t len)
{
    for (; *list; list++)
        if (strlen(*list) == len && memcmp(*list, word, len) == 0)
            return true;
    return false;
}

struct checker {
    struct wd_bytes open[64];
    size_t depth, tags;
    struct wd_bytes ids[32];
    size_t id_count;
};

static const char *check_attribute(struct checker *c, const char *at)
{
    size_t len = strcspn(at, "= />");
    if (!is_among(attributes, at, len))
        fail_msg("unknown attribute at %.60s", at);
    const char *name = at;
    at += len;
    if (*at != '=')
        return at;
    assert_int_equal(at[1], '"');
    size_t value = strcspn(at + 2, "\"<");
    assert_int_equal(at[2 + value], '"');
    if (len == 4 && memcmp(name, "href", 4) == 0)
        assert_int_equal(at[2], '#');
    if (len == 4 && memcmp(name, "fill", 4) == 0)
        assert_memory_equal(at + 2, "url(#p-", 7);
    if (len == 2 && memcmp(name, "id", 2) == 0) {
        for (size_t i = 0; i < c->id_count; i++)
            assert_false(wd_bytes_eq(c->ids[i], wd_bytes_at(at + 2, value)));
        assert_true(c->id_count < WD_COUNT(c->ids));
        c->ids[c->id_count++] = wd_bytes_at(at + 2, value);
    }
    return at + 2 + value + 1;
}

static const char *check_tag(struct checker *c, const char *at)
{
    bool is_end = at[1] == '/';
    at += is_end ? 2 : 1;
    size_t len = strcspn(at, " />");
    if (!is_among(elements, at, len))
        fail_msg("unknown element at %.60s", at);
    struct wd_bytes name = wd_bytes_at(at, len);
    at += len;
    c->tags++;
    if (is_end) {
        assert_true(c->depth > 0);
        if (!wd_bytes_eq(c->open[c->depth - 1], name))
            fail_msg("</%.*s> closes <%.*s>", (int)len, (const char *)name.at, (int)c->open[c->depth - 1].len,
                     (const char *)c->open[c->depth - 1].at);
        c->depth--;
        assert_int_equal(*at, '>');
        return at + 1;
    }
    while (*at == ' ')
        at = check_attribute(c, at + 1);
    bool is_closed = *at == '/';
    at += is_closed;
    assert_int_equal(*at, '>');
    if (is_closed || is_among(voids, (const char *)name.at, name.len))
        return at + 1;
    assert_true(c->depth < WD_COUNT(c->open));
    c->open[c->depth++] = name;
    return at + 1;
}

/* Text holds no bare `&`: everything escaped is a decimal entity, &lt; or &gt;. */
static const char *check_entity(const char *at)
{
    if (strncmp(at, "&lt;", 4) == 0 || strncmp(at, "&gt;", 4) == 0)
        return at + 4;
    assert_int_equal(at[1], '#');
    size_t digits = strspn(at + 2, "0123456789");
    assert_true(digits > 0 && at[2 + digits] == ';');
    return at + 3 + digits;
}

static void check(const char *html)
{
    struct checker c = { 0 };
    assert_memory_equal(html, "<!DOCTYPE html>\n", 16);
    const char *style = strstr(html, "<style>") + 7, *style_end = strstr(style, "</style>");
    assert_memory_equal(style, wd_html_style, strlen(wd_html_style));
    assert_int_equal(style_end - style, strlen(wd_html_style));
    for (const char *at = html + 16; *at;) {
        if (at == style)
            at = style_end;
        at = *at == '<' ? check_tag(&c, at) : *at == '&' ? check_entity(at) : at + 1;
    }
    assert_int_equal(c.depth, 0);
    assert_true(c.tags > 50);
    assert_null(strstr(html, "style="));
    assert_null(strstr(html, "://"));
    static const char *const gone_wrong[] = { ">nan", "\"nan", ">-nan", ">inf", "\"inf", "9223372036854" };
    for (size_t i = 0; i < WD_COUNT(gone_wrong); i++)
        assert_null(strstr(html, gone_wrong[i]));
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void assert_has(const char *html, const char *what)
{
    if (!strstr(html, what))
        fail_msg("the report lacks: %s", what);
}

static void assert_lacks(const char *html, const char *what)
{
    if (strstr(html, what))
        fail_msg("the report has: %s", what);
}

/* "1 fields" and "2 field" are no sentences. */
static void check_grammar(const char *html)
{
    static const char *const bad[] = {
        ">1&#160;fields",
        " 1&#160;fields",
        " 1&#160;messages",
        ">1&#160;messages",
        ">1&#160;findings make",
        " 1&#160;decisions",
        ">1&#160;connections",
        " 1&#160;connections",
        " 1 fields",
        "(null)",
        " a  ",
        " .</p>",
        "..</p>",
    };
    for (size_t i = 0; i < WD_COUNT(bad); i++)
        assert_lacks(html, bad[i]);
}

/* ---- tests ---- */

/* sha256sum says the hash; the policy and the constant beside the style must agree with it. */
static void test_style_hash(void **state)
{
    (void)state;
    char name[] = "/tmp/test_html.XXXXXX", command[64], hex[65] = "", base64[45] = "";
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs(wd_html_style, file);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "sha256sum < %s", name);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fread(hex, 1, 64, pipe), 64);
    pclose(pipe);
    remove(name);
    uint8_t raw[33] = { 0 };
    for (int i = 0; i < 32; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        raw[i] = (uint8_t)byte;
    }
    for (int i = 0; i < 11; i++) {
        unsigned three = (unsigned)raw[3 * i] << 16 | (unsigned)raw[3 * i + 1] << 8 | raw[3 * i + 2];
        for (int k = 0; k < 4; k++)
            base64[4 * i + k] = digits[three >> (18 - 6 * k) & 63];
    }
    base64[43] = '=';
    assert_string_equal(wd_html_style_hash, base64);
}

static void test_whole(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    d->audit.command = "wirediet report dashboard.pcapng";
    char *html = render_audit(&d->audit);
    check(html);
    check_grammar(html);
    assert_has(html, "default-src 'none'; style-src 'sha256-");
    assert_has(html, "</em> of what you send is read by nobody.");
    static const char *const ids[] = {
        "bytes", "decide", "change", "readers", "personal", "ledger", "connections", "unseen",
    };
    for (size_t i = 0; i < WD_COUNT(ids); i++) {
        char href[32], id[32];
        snprintf(href, sizeof href, "<a href=\"#%s\">", ids[i]);
        snprintf(id, sizeof id, "<h2 id=\"%s\">", ids[i]);
        assert_has(html, href);
        assert_has(html, id);
    }
    assert_lacks(html, "id=\"before\"");
    assert_int_equal(count_of(html, "<table"), count_of(html, "<caption>"));
    assert_int_equal(count_of(html, "class=\"map "), 2);
    assert_int_equal(count_of(html, "class=\"plot "), 2);
    assert_has(html, "wirediet report dashboard.pcapng");
    assert_has(html,
               "<title>metrics \u203a session.token\n144,000 B, 12.7&#160;% of the payload, 150 B a message\n"
               "changes: never\npersonal and unread, user.authorization.credentials</title>");
    assert_has(html, "encrypted, no keys");
    free(html);
    demo_close(d);
}

static void test_twice(void **state)
{
    (void)state;
    struct demo *d = demo_open(), *e = demo_open();
    char *one = render_audit(&d->audit), *two = render_audit(&e->audit);
    assert_string_equal(one, two);
    free(one);
    free(two);
    demo_close(d);
    demo_close(e);
}

static void test_hostile(void **state)
{
    (void)state;
    struct demo *d = demo_open_hostile(HOSTILE);
    struct wd_report report = {
        .audit = &d->audit, .before = &d->profile, .before_name = wd_bytes_of(HOSTILE),
        .title = wd_bytes_of(HOSTILE), .period = wd_bytes_of(HOSTILE),
    };
    d->audit.command = HOSTILE;
    d->audit.suppressed = d->audit.findings;
    d->audit.suppressed_count = d->audit.finding_count;
    char *html = render(&report);
    check(html);
    assert_lacks(html, "<script");
    assert_lacks(html, "<img");
    assert_lacks(html, "\xe2\x80\xae");
    assert_has(html, "&#60;script&#62;alert(1)&#60;/script&#62;");
    free(html);
    demo_close(d);
}

/* Constants, defaults and descriptions of a schema may come from traffic: they are no part of a report. */
static void test_no_value(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_bytes canary = wd_bytes_of("cAnArY-7f3a");
    struct wd_constant constant = { canary };
    struct wd_schema_field fields[2] = {
        { .path = wd_bytes_of("owner.email"), .constants = &constant, .constant_count = 1, .has_const = true,
          .default_value = constant, .has_default = true, .description = canary,
          .purpose = wd_bytes_of("paging the owner") },
        { .path = wd_bytes_of("session.token"), .constants = &constant, .constant_count = 1,
          .has_enum = true },
    };
    struct wd_schema_message message = { .name = wd_bytes_of("metrics"), .fields = fields, .field_count = 2 };
    struct wd_binding *bindings = wd_arena_array(d->arena, struct wd_binding, d->profile.type_count);
    bindings[3].message = &message;
    d->schema.messages = &message;
    d->schema.message_count = 1;
    d->audit.bindings = bindings;
    struct wd_finding *findings = (struct wd_finding *)d->audit.findings;
    findings[0].field = &fields[0];
    findings[3].at.file = "/home/someone/dashboard.yaml";
    char *html = render_audit(&d->audit);
    check(html);
    assert_lacks(html, "cAnArY");
    assert_lacks(html, "/home/someone");
    assert_has(html, "paging the owner");
    assert_has(html, "not even declared");
    assert_has(html, "3&#160;kinds of messages are described by no message of the schema");
    free(html);
    demo_close(d);
}

static void test_empty(void **state)
{
    (void)state;
    struct wd_audit nothing = { 0 };
    char *html = render_audit(&nothing);
    check(html);
    check_grammar(html);
    assert_true(count_of(html, "class=\"empty\"") >= 8);
    free(html);

    struct wd_profile profile;
    struct wd_input input;
    demo_empty(&profile, &input);
    struct wd_audit empty = { .profile = &profile };
    html = render(&(struct wd_report){ .audit = &empty, .before = &profile });
    check(html);
    check_grammar(html);
    assert_has(html, "No message was found in the traffic");
    free(html);
}

static void test_schema_alone(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_schema_field fields[] = {
        { .path = wd_bytes_of("."), .types = 1u << WD_TYPE_OBJECT },
        { .path = wd_bytes_of("ts"), .types = 1u << WD_TYPE_INTEGER },
    };
    struct wd_schema_message message = { .name = wd_bytes_of("metrics"), .fields = fields, .field_count = 2 };
    struct wd_schema schema = { .format = "asyncapi-3", .messages = &message, .message_count = 1 };
    struct wd_audit audit = { .schema = &schema, .usage = &d->usage };
    char *html = render_audit(&audit);
    check(html);
    check_grammar(html);
    assert_has(html, "<td class=\"yes\">reads</td><td class=\"no\">no</td><td>not measured</td>");
    assert_has(html, "1&#160;declared message");
    free(html);
    demo_close(d);
}

static void test_without_usage(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_usage none = { 0 };
    d->audit.usage = &none;
    d->audit.finding_count = 0;
    d->audit.unasked_count = 0;
    memset(d->audit.summary.verdict_bytes, 0, sizeof d->audit.summary.verdict_bytes);
    d->audit.summary.verdict_bytes[WD_VERDICT_UNKNOWN] = d->profile.payload_bytes;
    d->audit.verdicts = NULL;
    d->audit.personal = NULL;
    d->profile.wire_payload_bytes /= 4;
    char *html = render_audit(&d->audit);
    check(html);
    assert_has(html, "Compression took the payload to 284&#160;kB on the wire, 25&#160;% of it;");
    check_grammar(html);
    assert_has(html, "no consumer was named");
    assert_has(html, "There is nothing to decide");
    assert_has(html, "No field looked personal");
    free(html);
    demo_close(d);
}

static void test_one(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    d->profile.types[0] = d->profile.types[3];
    d->profile.types[0].count = d->profile.types[0].connections = 1;
    d->profile.type_count = d->profile.messages = d->profile.connections = 1;
    d->usage.consumer_count = 1;
    d->schema.message_count = 1;
    d->audit.finding_count = 1;
    d->audit.bindings = NULL;
    struct wd_finding *findings = (struct wd_finding *)d->audit.findings;
    findings[0] = findings[6];
    findings[0].type = d->profile.types;
    d->audit.verdicts = d->audit.verdicts + 3;
    d->audit.personal = d->audit.personal + 3;
    char *html = render_audit(&d->audit);
    check(html);
    check_grammar(html);
    assert_has(html, "<p>1&#160;finding makes 1&#160;decision.</p>");
    assert_has(
        html,
        "Stop sending <code>disks[].<wbr>totalBytes</code> of <code>metrics</code>, which nobody reads");
    assert_has(html, "1&#160;consumer");
    assert_has(html, "1&#160;connection carried data");
    free(html);
    demo_close(d);
}

/* What no file of messages contains is not counted as none. */
static void test_told(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    char *html = render_audit(&d->audit);
    assert_has(html, ">Pings<");
    free(html);
    struct wd_input *inputs = (struct wd_input *)d->profile.inputs;
    for (size_t i = 0; i < d->profile.input_count; i++)
        inputs[i].kind = WD_INPUT_HAR;
    html = render_audit(&d->audit);
    assert_null(strstr(html, ">Pings<"));
    assert_has(html, ">Reconnections<");
    free(html);
    demo_close(d);
}

/* The same capture at a third of its messages: what was saved is stated, as captured and an hour. */
static void test_before(void **state)
{
    (void)state;
    struct demo *before = demo_open(), *now = demo_open();
    struct wd_type_profile *metrics = &now->profile.types[3];
    now->profile.payload_bytes -= metrics->payload_bytes;
    metrics->rows[1] = metrics->rows[0];  /* "cpu" goes */
    metrics->rows++;
    metrics->row_count--;
    metrics->count = 96;
    metrics->payload_bytes = 0;
    for (size_t r = 0; r < metrics->row_count; r++) {
        struct wd_row *row = &metrics->rows[r];
        row->key_bytes /= 10, row->value_bytes /= 10, row->syntax_bytes /= 10;
        metrics->payload_bytes += wd_row_bytes(row);
    }
    metrics->rows[5].value_bytes += 9600;
    metrics->payload_bytes += 9600;
    now->profile.payload_bytes += metrics->payload_bytes;
    now->profile.messages = 140;
    now->audit.verdicts = NULL;
    struct wd_report report = {
        .audit = &now->audit, .before = &before->profile, .before_name = wd_bytes_of("2026-Q2")};
    char *html = render(&report);
    check(html);
    assert_has(html, "<h2 id=\"before\">");
    assert_has(html, "Before: 2026-Q2. The payload fell from 1.14&#160;MB to ");
    assert_has(html, "The number of messages fell from 1,004 to 140: 864 fewer, <b>\u221286.1&#160;%</b>.");
    assert_has(html, "<code>cpu</code></th><td><code>metrics</code></td><td>gone</td>");
    assert_has(html, "</td><td>grew</td>");
    assert_lacks(html, "an hour");
    free(html);

    now->profile.inputs[0].last_ns = now->profile.inputs[0].first_ns + (int64_t)60e9;
    html = render(&report);
    check(html);
    assert_has(html, "an hour");
    assert_has(html, "The captures cover different times (4&#160;min before, 60&#160;s now)");
    free(html);
    demo_close(before);
    demo_close(now);
}

static void test_limits(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    char *path = malloc(10001);
    memset(path, 'w', 10000);
    path[10000] = 0;
    d->profile.types[3].rows[52].path = wd_bytes_of(path);
    d->config.limits.rows = 3;
    char *html = render_audit(&d->audit);
    check(html);
    assert_has(html, "<tr class=\"more\"><td colspan=\"8\">... and 53 more</td></tr>");
    char *whole = strdup(path);
    whole[200] = 0;
    assert_lacks(html, whole);
    free(whole);
    free(path);
    free(html);
    demo_close(d);
}

static uint64_t worth(const struct wd_html_decision *d)
{
    return d->saves * (d->kind->effort == WD_EFFORT_SMALL ? 4 : d->kind->effort == WD_EFFORT_MEDIUM ? 2 : 1);
}

/* Personal data that nobody reads is a decision of its own, with the privacy findings beside it. */
static void test_decisions(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_html_decisions all = wd_html_decisions_of(&d->audit, d->arena);
    size_t found = 0, personal = 0;
    for (size_t i = 0; i < all.count; i++) {
        const struct wd_html_decision *one = &all.list[i];
        found += one->count + one->beside_count;
        assert_true(one->count > 0);
        if (i)
            assert_true(worth(&all.list[i - 1]) >= worth(one));
        if (!one->is_personal)
            continue;
        personal++;
        assert_string_equal(one->kind->rule, "WD101");
        assert_int_equal(one->count, 2);
        assert_int_equal(one->beside_count, 3);
        assert_int_equal(one->severity, WD_ERROR);
    }
    assert_int_equal(personal, 1);
    assert_int_equal(found, d->audit.finding_count);
    demo_close(d);
}

/* Whole lines of the declaration, and nothing of a line that others share. */
static void test_diff(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    static const char text[] = "a:\n  idle:\n    type: number\n  user: {type: number}, x: {}\n";
    struct wd_document document = { .name = "/etc/dashboard.yaml", .text = wd_bytes_of(text) };
    struct wd_node idle = { .key_span = { 5, 4, 2, 3 }, .span = { 15, 12, 3, 5 } };
    struct wd_node shared = { .key_span = { 52, 1, 4, 25 }, .span = { 55, 2, 4, 28 } };
    struct wd_decl decls[] = {
        { .document = &document, .member = &idle }, { .document = &document, .member = &shared },
    };
    struct wd_schema_field field = { .path = wd_bytes_of("cpu.idle"), .decls = decls, .decl_count = 2 };
    struct wd_finding *findings = (struct wd_finding *)d->audit.findings;
    for (size_t i = 0; i < d->audit.finding_count; i++)
        if (wd_bytes_is(findings[i].path, "cpu.idle"))
            findings[i].field = &field;
    char *html = render_audit(&d->audit);
    check(html);
    assert_has(
        html,
        "<b>@@ dashboard.yaml, line 2 @@</b>\n<del>-  idle:</del>\n<del>-    type: number</del>\n</pre>");
    free(html);
    demo_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_style_hash), cmocka_unit_test(test_whole), cmocka_unit_test(test_twice),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_no_value), cmocka_unit_test(test_empty),
        cmocka_unit_test(test_schema_alone), cmocka_unit_test(test_without_usage), cmocka_unit_test(test_one), cmocka_unit_test(test_told),
        cmocka_unit_test(test_before), cmocka_unit_test(test_limits), cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_diff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
