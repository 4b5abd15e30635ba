/* JSON, CSV, SARIF and Markdown: golden files, readers other than our own, and hostile names in every place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/escape.h"
#include "demo.h"
#include "golden.h"
#include "hostile.h"
#include "output/facts.h"

static const struct wd_style style = { .columns = 80, .is_unicode = true };

static struct wd_report report_of(struct demo *d)
{
    return (struct wd_report){
        .audit = &d->audit, .title = wd_bytes_of("Live dashboard"), .period = wd_bytes_of("2026-Q3")};
}

static void formats_look_as_they_did(void **state)
{
    (void)state;
    static const struct { const char *name; enum wd_format format; bool is_profile;
    } files[] = {
        { "profile.json", WD_FORMAT_JSON, true },  { "profile.md", WD_FORMAT_MARKDOWN, true },
        { "profile.csv", WD_FORMAT_CSV, true },    { "audit.json", WD_FORMAT_JSON, false },
        { "audit.md", WD_FORMAT_MARKDOWN, false }, { "audit.csv", WD_FORMAT_CSV, false },
        { "audit.sarif", WD_FORMAT_SARIF, false },
    };
    struct demo *d = demo_open();
    struct wd_buf out = { 0 };
    for (size_t i = 0; i < WD_COUNT(files); i++) {
        wd_buf_reset(&out);
        if (files[i].is_profile)
            wd_print_profile(&out, &d->profile, files[i].format, &style);
        else
            wd_print_audit(&out, &d->audit, files[i].format, &style);
        golden_check(files[i].name, &out);
    }
    wd_buf_free(&out);
    demo_close(d);
}

/* The same dashboard on a diet: fields that nobody reads are gone. */
static void cut_unread(struct demo *d)
{
    struct wd_type_profile *metrics = &d->profile.types[3];
    size_t kept = 0;
    for (size_t r = 0; r < metrics->row_count; r++)
        if (!wd_bytes_starts(metrics->rows[r].path, "host") &&
            !wd_bytes_starts(metrics->rows[r].path, "owner"))
            metrics->rows[kept++] = metrics->rows[r];
        else
            metrics->payload_bytes -= wd_row_bytes(&metrics->rows[r]);
    metrics->row_count = kept;
    d->profile.payload_bytes = 0;
    for (size_t t = 0; t < d->profile.type_count; t++)
        d->profile.payload_bytes += d->profile.types[t].payload_bytes;
}

static void reports_tell_what_changed(void **state)
{
    (void)state;
    struct demo *d = demo_open(), *before = demo_open();
    struct wd_report report = report_of(d);
    struct wd_buf out = { 0 };
    wd_print_report(&out, &report, WD_FORMAT_MARKDOWN, &style);
    golden_check("report.md", &out);
    wd_buf_reset(&out);
    const struct wd_usage *usage = d->audit.usage;
    struct wd_summary summary = d->audit.summary, *s = &d->audit.summary;
    d->audit.usage = NULL;   /* without consumers nothing is unread */
    s->verdict_bytes[WD_VERDICT_UNKNOWN] += s->verdict_bytes[WD_VERDICT_UNREAD] + s->verdict_bytes[WD_VERDICT_PERSONAL_UNREAD];
    s->verdict_bytes[WD_VERDICT_UNREAD] = s->verdict_bytes[WD_VERDICT_PERSONAL_UNREAD] = 0;
    wd_print_report(&out, &report, WD_FORMAT_MARKDOWN, &style);
    golden_check("report-no-consumers.md", &out);
    d->audit.usage = usage;
    d->audit.summary = summary;
    cut_unread(d);
    d->audit.finding_count = 0;   /* its findings point at rows that moved */
    d->audit.verdicts = NULL;
    d->audit.personal = NULL;
    report.before = &before->profile;
    report.before_name = wd_bytes_of("2026-Q2.json");
    wd_buf_reset(&out);
    wd_print_report(&out, &report, WD_FORMAT_MARKDOWN, &style);
    golden_check("report-since.md", &out);
    wd_buf_reset(&out);
    wd_print_report(&out, &report, WD_FORMAT_JSON, &style);
    golden_check("report-since.json", &out);
    wd_buf_free(&out);
    demo_close(before);
    demo_close(d);
}

/* A quarter of the bytes in a quarter of the time is no saving, in whatever format. */
static void captures_of_different_length_are_compared_per_hour(void **state)
{
    (void)state;
    struct demo *d = demo_open(), *before = demo_open();
    struct wd_report report = report_of(d);
    struct wd_buf out = { 0 };
    struct wd_input *now = &d->profile.inputs[0], *then = &before->profile.inputs[0];
    then->last_ns = then->first_ns + (now->last_ns - now->first_ns) * 4;
    before->profile.payload_bytes = d->profile.payload_bytes * 4;
    report.before = &before->profile;
    wd_print_report(&out, &report, WD_FORMAT_MARKDOWN, &style);
    assert_null(strstr(wd_buf_cstr(&out), "pushed than before"));
    wd_buf_reset(&out);
    before->profile.payload_bytes = d->profile.payload_bytes * 8;
    wd_print_report(&out, &report, WD_FORMAT_MARKDOWN, &style);
    assert_non_null(strstr(wd_buf_cstr(&out), "**50.0 % less per hour is pushed than before.**"));
    wd_buf_reset(&out);
    wd_print_report(&out, &report, WD_FORMAT_HTML, &style);
    assert_non_null(strstr(wd_buf_cstr(&out), "You send <em>50&#160;% less</em> per hour than before."));
    wd_buf_free(&out);
    demo_close(before);
    demo_close(d);
}

/* ---- JSON ---- */

static json_t *load(struct wd_buf *out)
{
    json_error_t why;
    json_t *root = json_loadb((const char *)out->at, out->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (!root)
        fail_msg("line %d: %s", why.line, why.text);
    return root;
}

static void check_keys(const json_t *object, const char *const *keys, size_t count)
{
    size_t at = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        assert_true(at < count);
        assert_string_equal(key, keys[at++]);
    }
    assert_int_equal(at, count);
}

static uint64_t count_of(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void check_message(const json_t *message, const struct wd_type_profile *type)
{
    uint64_t bytes = 0;
    size_t i;
    json_t *field;
    json_array_foreach(json_object_get(message, "fields"), i, field)
    {
        uint64_t parts = count_of(field, "key_bytes") + count_of(field, "value_bytes") +
                         count_of(field, "syntax_bytes") + count_of(field, "whitespace_bytes");
        assert_int_equal(parts, count_of(field, "bytes"));
        bytes += parts;
    }
    assert_int_equal(i, type->row_count);
    assert_int_equal(bytes, count_of(message, "payload_bytes"));
    assert_int_equal(count_of(message, "count"), type->count);
}

static void profiles_have_the_documented_keys(void **state)
{
    (void)state;
    static const char *const top[] = {
        "wirediet", "inputs", "totals", "undecoded", "connections", "messages"
    };
    static const char *const totals[] = { "captured_bytes", "missing_bytes",      "packets",
                                          "connections",    "messages",           "malformed",
                                          "payload_bytes",  "wire_payload_bytes", "layers" };
    static const char *const message[] = {
        "name",          "named_by",           "channel", "direction", "transport", "codec", "count",
        "payload_bytes", "wire_payload_bytes", "entity",  "first",     "last",      "fields"};
    static const char *const field[] = {
        "path",           "present",      "occurrences",      "bytes",           "key_bytes",
        "value_bytes",    "syntax_bytes", "whitespace_bytes", "types",           "compared",
        "changed",        "toggled",      "changed_beyond",   "entity_compared", "entity_changed",
        "repeated_bytes", "distinct",     "shapes",           "shape_values"};
    struct demo *d = demo_open();
    struct wd_buf out = { 0 };
    wd_print_profile(&out, &d->profile, WD_FORMAT_JSON, &style);
    json_t *root = load(&out);
    check_keys(root, top, WD_COUNT(top));
    check_keys(json_object_get(root, "totals"), totals, WD_COUNT(totals));
    for (size_t t = 0; t < d->profile.type_count; t++)
        check_message(json_array_get(json_object_get(root, "messages"), t), &d->profile.types[t]);
    json_decref(root);
    /* A message and a field of which nothing is known still have every documented key, and no other. */
    struct wd_row bare = { .path = wd_bytes_of("x") };
    struct wd_type_profile type = { .name = wd_bytes_of("m"), .rows = &bare, .row_count = 1 };
    struct wd_profile one = { .types = &type, .type_count = 1 };
    wd_buf_reset(&out);
    wd_print_profile(&out, &one, WD_FORMAT_JSON, &style);
    root = load(&out);
    json_t *first = json_array_get(json_object_get(root, "messages"), 0);
    check_keys(first, message, WD_COUNT(message));
    check_keys(json_array_get(json_object_get(first, "fields"), 0), field, WD_COUNT(field));
    json_decref(root);
    wd_buf_free(&out);
    demo_close(d);
}

static void profiles_say_what_was_added_in_the_agreed_order(void **state)
{
    (void)state;
    static const char *const message[] = { "name",
                                           "named_by",
                                           "channel",
                                           "direction",
                                           "direction_guessed",
                                           "transport",
                                           "codec",
                                           "count",
                                           "malformed",
                                           "payload_bytes",
                                           "wire_payload_bytes",
                                           "entity",
                                           "discriminator",
                                           "discovered",
                                           "connections",
                                           "compared_messages",
                                           "repeated_messages",
                                           "other_fields",
                                           "first",
                                           "last",
                                           "fields" };
    static const char *const field[] = {
        "path",           "present",        "occurrences",      "bytes",           "key_bytes",
        "value_bytes",    "syntax_bytes",   "whitespace_bytes", "types",           "empty",
        "compared",       "changed",        "toggled",          "changed_beyond",  "entity_compared",
        "entity_changed", "repeated_bytes", "series",           "constant_series", "distinct",
        "distinct_max",   "shapes",         "shape_values",     "value_len_max",   "digits",
        "hold",           "hold_ms",        "equals",           "sketch",          "folded",
        "estimated",      "discriminator",  "entity_key"};
    struct wd_bytes equal = wd_bytes_of("y");
    struct wd_row row = { .path = wd_bytes_of("kind"),
                          .present = 1,
                          .occurrences = 9,
                          .empty = 1,
                          .series = 1,
                          .constant_series = 1,
                          .distinct = 1,
                          .distinct_max = 2,
                          .value_len_max = 1,
                          .digits = 1,
                          .equals = &equal,
                          .equals_count = 1,
                          .is_folded = true,
                          .is_estimated = true,
                          .is_discriminator = true,
                          .is_entity_key = true };
    row.hold[3] = 4;
    row.sketch = wd_sketch_open();
    wd_sketch_add(row.sketch, 17);
    struct wd_type_profile type = { .name = wd_bytes_of("m"),
                                    .is_direction_guessed = true,
                                    .malformed = 1,
                                    .connections = 1,
                                    .discriminator = wd_bytes_of("kind"),
                                    .discovered = wd_bytes_of("n"),
                                    .compared_messages = 1,
                                    .repeated_messages = 1,
                                    .other_fields = 1,
                                    .rows = &row,
                                    .row_count = 1 };
    struct wd_profile one = { .types = &type, .type_count = 1, .is_incomplete = true };
    struct wd_buf out = { 0 };
    wd_print_profile(&out, &one, WD_FORMAT_JSON, &style);
    json_t *root = load(&out), *first = json_array_get(json_object_get(root, "messages"), 0);
    json_t *only = json_array_get(json_object_get(first, "fields"), 0);
    check_keys(first, message, WD_COUNT(message));
    check_keys(only, field, WD_COUNT(field));
    assert_true(json_is_true(json_object_get(root, "incomplete")));
    json_t *pair = json_array_get(json_object_get(only, "hold"), 0);
    assert_int_equal(json_integer_value(json_array_get(pair, 0)), 3);
    assert_int_equal(json_integer_value(json_array_get(pair, 1)), 4);
    struct wd_sketch *back = NULL;
    const char *text = json_string_value(json_object_get(only, "sketch"));
    assert_true(wd_sketch_read(wd_bytes_of(text), &back));
    assert_int_equal(wd_sketch_has(back, 17), 1);
    wd_sketch_close(back);
    wd_sketch_close(row.sketch);
    json_decref(root);
    wd_buf_free(&out);
}

/* All of the demo's traffic, compressed to an eighth: a bit a byte, shared by the bytes. */
static void compress(struct demo *d)
{
    d->profile.wire_payload_bytes = 0;
    for (size_t t = 0; t < d->profile.type_count; t++) {
        struct wd_type_profile *type = &d->profile.types[t];
        type->has_wire_bits = type->is_wire_estimated = true;
        for (size_t r = 0; r < type->row_count; r++) {
            type->rows[r].wire_bits = wd_row_bytes(&type->rows[r]);
            type->rows[r].is_estimated = true;
            type->wire_bits += type->rows[r].wire_bits;
        }
        type->wire_payload_bytes = type->wire_bits / 8;
        d->profile.wire_payload_bytes += type->wire_payload_bytes;
    }
    d->audit.summary.has_wire = true;
    d->audit.summary.wire_payload_bytes = d->profile.wire_payload_bytes;
    d->audit.summary.removable_wire_bytes = d->audit.summary.removable_bytes / 8;
    for (size_t i = 0; i < d->audit.finding_count; i++)
        ((struct wd_finding *)d->audit.findings)[i].saves_wire_bytes = d->audit.findings[i].saves_bytes / 8;
}

/* Costs stand side by side in every format, and one that is estimated says so. */
static void compressed_costs_are_told_beside_the_others(void **state)
{
    (void)state;
    static const struct { enum wd_format format; enum { PROFILE, AUDIT, REPORT } noun; const char *words; } views[] = {
        { WD_FORMAT_TEXT, PROFILE, "wire is estimated: fields share it by their bytes" },
        { WD_FORMAT_TEXT, PROFILE, "   wire   share" },
        { WD_FORMAT_JSON, PROFILE, "\"wire_estimated\": true" },
        { WD_FORMAT_JSON, PROFILE, "\"wire_bits\": 48000" },
        { WD_FORMAT_JSON, PROFILE, "\"estimated\": true" },
        { WD_FORMAT_MARKDOWN, PROFILE, "What they took on the wire is estimated: fields share it by their bytes." },
        { WD_FORMAT_MARKDOWN, PROFILE, "| B/msg | wire | share |" },
        { WD_FORMAT_CSV, PROFILE, ",\"true\"\n" },
        { WD_FORMAT_TEXT, AUDIT, " on the wire\n" },
        { WD_FORMAT_TEXT, AUDIT, "B/msg  wire" },
        { WD_FORMAT_JSON, AUDIT, "\"saves_wire_bytes\": 25560" },
        { WD_FORMAT_JSON, AUDIT, "\"removable_wire_bytes\": " },
        { WD_FORMAT_SARIF, AUDIT, "\"savesWireBytes\": 25560" },
        { WD_FORMAT_CSV, AUDIT, ",25560\n" },
        { WD_FORMAT_MARKDOWN, AUDIT, "that crossed the wire." },
        { WD_FORMAT_MARKDOWN, AUDIT, "B/msg | wire |" },
        { WD_FORMAT_MARKDOWN, REPORT, "| on the wire |" },
        { WD_FORMAT_HTML, REPORT, "on the wire; of some, the fields share it by their bytes, an estimate" },
        { WD_FORMAT_HTML, REPORT, "On the wire</th>" },
        { WD_FORMAT_HTML, REPORT, "What could go takes " },
        { WD_FORMAT_HTML, REPORT, "fields have an estimated figure" },
    };
    struct demo *plain = demo_open(), *d = demo_open();
    compress(d);
    for (size_t i = 0; i < 2 * WD_COUNT(views); i++) {
        struct demo *which = i & 1 ? d : plain;
        const struct wd_report report = { .audit = &which->audit };
        struct wd_buf out = { 0 };
        if (views[i / 2].noun == PROFILE)
            wd_print_profile(&out, &which->profile, views[i / 2].format, &style);
        else if (views[i / 2].noun == AUDIT)
            wd_print_audit(&out, &which->audit, views[i / 2].format, &style);
        else
            wd_print_report(&out, &report, views[i / 2].format, &style);
        if (!strstr(wd_buf_cstr(&out), views[i / 2].words) != !(i & 1))
            fail_msg("%s: \"%s\" is %s", wd_format_names[views[i / 2].format], views[i / 2].words, i & 1 ? "not there" : "there");
        wd_buf_free(&out);
    }
    demo_close(plain);
    demo_close(d);
}

static void findings_have_the_documented_keys(void **state)
{
    (void)state;
    static const char *const finding[] = { "rule",    "name",        "severity",    "confidence", "message",
                                           "channel", "direction",   "path",        "at",         "evidence",
                                           "also",    "saves_bytes", "saves_share", "text",       "remedy" };
    struct demo *d = demo_open();
    struct wd_buf out = { 0 };
    wd_print_audit(&out, &d->audit, WD_FORMAT_JSON, &style);
    json_t *root = load(&out), *list = json_object_get(root, "findings"),
           *summary = json_object_get(root, "summary"), *value;
    assert_string_equal(json_string_value(json_object_get(root, "wirediet")), "findings/1");
    size_t i;
    json_array_foreach(list, i, value)
        check_keys(value, finding, WD_COUNT(finding));
    assert_int_equal(i, d->audit.finding_count);
    assert_int_equal(count_of(summary, "payload_bytes"), d->audit.summary.payload_bytes);
    assert_int_equal(count_of(summary, "removable_bytes"), d->audit.summary.removable_bytes);
    assert_true(json_is_number(json_object_get(summary, "removable_share")));
    json_decref(root);
    wd_buf_free(&out);
    demo_close(d);
}

/* ---- sketches that could be guessed back ---- */

static bool is_saved(const char *path, enum wd_type type, int shape, uint64_t values, uint64_t occurrences)
{
    struct wd_row row = {
        .path = wd_bytes_of(path), .occurrences = occurrences, .distinct = values, .value_len_max = 8};
    row.types[type] = occurrences;
    if (shape >= 0)
        row.shapes[shape] = 1;
    row.sketch = wd_sketch_open();
    for (uint64_t v = 0; v < values; v++)
        wd_sketch_add(row.sketch, (v + 1) * 0x9e3779b97f4a7c15u);
    bool saved = !wd_row_is_private(&row);
    wd_sketch_close(row.sketch);
    return saved;
}

static void sketches_that_could_be_guessed_are_not_saved(void **state)
{
    (void)state;
    assert_true(is_saved("cpu.load", WD_TYPE_NUMBER, -1, 500, 1000));
    assert_true(is_saved("level", WD_TYPE_STRING, -1, 3, 100));
    assert_true(is_saved("flags.canary", WD_TYPE_BOOLEAN, -1, 2, 100));
    assert_false(is_saved("level", WD_TYPE_STRING, -1, 30, 100));         /* hardly ever the same again */
    assert_false(is_saved("note", WD_TYPE_STRING, -1, 500, 100000));     /* too many to be an enumeration */
    assert_false(is_saved("x", WD_TYPE_STRING, WD_SHAPE_EMAIL, 1, 100));
    assert_false(is_saved("x", WD_TYPE_INTEGER, WD_SHAPE_PHONE, 1, 100));
    assert_false(is_saved("x", WD_TYPE_STRING, WD_SHAPE_DATE, 1, 100));
    assert_true(is_saved("x", WD_TYPE_NUMBER, WD_SHAPE_LATITUDE, 1, 100));
    assert_false(is_saved("owner.team", WD_TYPE_STRING, -1, 1, 100));
    assert_false(is_saved("userId", WD_TYPE_INTEGER, -1, 1, 100));
    assert_false(is_saved("lastName", WD_TYPE_STRING, -1, 1, 100));
    assert_false(is_saved("PHONE_NO", WD_TYPE_STRING, -1, 1, 100));
    assert_true(is_saved("hostname", WD_TYPE_STRING, -1, 1, 100)); /* whole words only: no name in hostname */
    struct wd_row position = { .path = wd_bytes_of("x") };
    position.shapes[WD_SHAPE_LATITUDE] = position.shapes[WD_SHAPE_PRECISE_DECIMAL] = 1;
    assert_true(wd_row_is_private(&position));
    struct wd_row discriminator = { .path = wd_bytes_of("token"), .is_discriminator = true };
    assert_false(wd_row_is_private(&discriminator));
}

/* ---- SARIF ---- */

static void check_uri(const char *uri)
{
    assert_non_null(uri);
    assert_true(uri[0] != '/');
    for (const char *c = uri; *c; c++)
        assert_true((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                    strchr("-._~/%", *c));
}

static void check_result(const json_t *result, const json_t *rules)
{
    const json_t *location = json_array_get(json_object_get(result, "locations"), 0);
    const json_t *file = json_object_get(json_object_get(location, "physicalLocation"), "artifactLocation");
    size_t index = (size_t)count_of(result, "ruleIndex");
    assert_string_equal(json_string_value(json_object_get(result, "ruleId")),
                        json_string_value(json_object_get(json_array_get(rules, index), "id")));
    assert_non_null(json_string_value(json_object_get(json_object_get(result, "message"), "text")));
    assert_int_equal(strlen(json_string_value(
                         json_object_get(json_object_get(result, "partialFingerprints"), "wirediet/v1"))),
                     32);
    if (file)
        check_uri(json_string_value(json_object_get(file, "uri")));
}

static void check_sarif(struct wd_buf *out, size_t count)
{
    json_t *root = load(out), *run = json_array_get(json_object_get(root, "runs"), 0), *result;
    json_t *rules = json_object_get(json_object_get(json_object_get(run, "tool"), "driver"), "rules");
    size_t i;
    json_array_foreach(json_object_get(run, "results"), i, result)
        check_result(result, rules);
    assert_int_equal(i, count);
    json_decref(root);
}

static void results_are_recognised_when_lines_move(void **state)
{
    (void)state;
    struct demo *d = demo_open();
    struct wd_buf out = { 0 }, moved = { 0 };
    wd_print_audit(&out, &d->audit, WD_FORMAT_SARIF, &style);
    check_sarif(&out, d->audit.finding_count);
    struct wd_finding *findings = (struct wd_finding *)d->audit.findings;
    for (size_t i = 0; i < d->audit.finding_count; i++)
        findings[i].at.line += 100;
    wd_print_audit(&moved, &d->audit, WD_FORMAT_SARIF, &style);
    json_t *a = load(&out), *b = load(&moved);
    json_t *as = json_object_get(json_array_get(json_object_get(a, "runs"), 0), "results");
    json_t *bs = json_object_get(json_array_get(json_object_get(b, "runs"), 0), "results");
    for (size_t i = 0; i < json_array_size(as); i++) {
        json_t *mine = json_object_get(json_array_get(as, i), "partialFingerprints");
        assert_true(json_equal(mine, json_object_get(json_array_get(bs, i), "partialFingerprints")));
        for (size_t j = 0; j < i; j++)
            assert_false(json_equal(mine, json_object_get(json_array_get(as, j), "partialFingerprints")));
    }
    json_decref(a);
    json_decref(b);
    wd_buf_free(&out);
    wd_buf_free(&moved);
    demo_close(d);
}

/* ---- hostile names ---- */

/* Nothing but line feeds of ours below U+0020, and nothing that a terminal would obey. */
static void check_shown(struct wd_buf *out)
{
    struct wd_buf flat = { 0 }, escaped = { 0 };
    for (size_t i = 0; i < out->len; i++)
        wd_buf_byte(&flat, out->at[i] == '\n' ? ' ' : out->at[i]);
    wd_put_terminal(&escaped, wd_buf_bytes(&flat));
    assert_true(wd_bytes_eq(wd_buf_bytes(&flat), wd_buf_bytes(&escaped)));
    wd_buf_free(&flat);
    wd_buf_free(&escaped);
}

static size_t count_bytes(struct wd_bytes s, char byte)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == (uint8_t)byte;
    return n;
}

/* Rows of a table keep their number of cells; there is no tag and no line that a name began. */
static void check_markdown(struct wd_buf *out)
{
    size_t cells = 0;
    check_shown(out);
    for (size_t i = 0; i < out->len;) {
        const uint8_t *end = memchr(out->at + i, '\n', out->len - i);
        assert_non_null(end);
        struct wd_bytes line = wd_bytes_at(out->at + i, (size_t)(end - (out->at + i)));
        bool is_row = wd_bytes_starts(line, "| ");
        if (is_row && cells)
            assert_int_equal(count_bytes(line, '|'), cells);
        cells = is_row ? count_bytes(line, '|') : 0;
        assert_true(line.len == 0 || is_row || (line.at[0] >= 'A' && line.at[0] <= 'Z') ||
                    (line.at[0] >= '0' && line.at[0] <= '9') || wd_bytes_starts(line, "#") ||
                    wd_bytes_starts(line, "**") || wd_bytes_starts(line, "..."));
        assert_int_equal(count_bytes(line, '<'), 0);
        i += line.len + 1;
    }
}

/* A reader that knows nothing but RFC 4180: same number of cells in each record, no cell a formula. */
static void check_csv(struct wd_buf *out)
{
    size_t cells = 1, columns = 0;
    bool is_quoted = false, is_start = true;
    check_shown(out);
    for (size_t i = 0; i < out->len; i++) {
        uint8_t c = out->at[i];
        if (is_start && c == '"' && i + 1 < out->len)
            assert_null(strchr("=+-@\t\r", out->at[i + 1]));
        is_start = false;
        if (c == '"')
            is_quoted = !is_quoted;
        else if (c == ',' && !is_quoted) {
            cells++;
            is_start = true;
        } else if (c == '\n') {
            assert_false(is_quoted);
            columns = columns ? columns : cells;
            assert_int_equal(cells, columns);
            cells = 1;
            is_start = true;
        }
    }
}

static void hostile_names_are_shown_and_not_obeyed(void **state)
{
    (void)state;
    for (size_t n = 0; n < WD_COUNT(hostile_names); n++) {
        struct demo *d = demo_open_hostile(hostile_names[n]), *before = demo_open();
        struct wd_report report = report_of(d);
        struct wd_buf out = { 0 };
        report.title = report.period = report.before_name = wd_bytes_of(hostile_names[n]);
        report.before = &before->profile;
        wd_print_profile(&out, &d->profile, WD_FORMAT_MARKDOWN, &style);
        check_markdown(&out);
        wd_buf_reset(&out);
        wd_print_audit(&out, &d->audit, WD_FORMAT_MARKDOWN, &style);
        check_markdown(&out);
        wd_buf_reset(&out);
        wd_print_report(&out, &report, WD_FORMAT_MARKDOWN, &style);
        check_markdown(&out);
        wd_buf_reset(&out);
        wd_print_profile(&out, &d->profile, WD_FORMAT_CSV, &style);
        check_csv(&out);
        wd_buf_reset(&out);
        wd_print_audit(&out, &d->audit, WD_FORMAT_CSV, &style);
        check_csv(&out);
        wd_buf_reset(&out);
        wd_print_audit(&out, &d->audit, WD_FORMAT_SARIF, &style);
        check_sarif(&out, d->audit.finding_count);
        wd_buf_reset(&out);
        wd_print_report(&out, &report, WD_FORMAT_JSON, &style);
        json_decref(load(&out));
        wd_buf_reset(&out);
        wd_print_profile(&out, &d->profile, WD_FORMAT_JSON, &style);
        json_decref(load(&out));
        wd_buf_free(&out);
        demo_close(before);
        demo_close(d);
    }
}

static void same_input_same_bytes(void **state)
{
    (void)state;
    struct demo *a = demo_open(), *b = demo_open();
    for (int format = 0; format < WD_FORMAT_COUNT; format++) {
        struct wd_buf x = { 0 }, y = { 0 };
        struct wd_report report_a = report_of(a), report_b = report_of(b);
        if (wd_formats_audit & 1u << format) {
            wd_print_audit(&x, &a->audit, (enum wd_format)format, &style);
            wd_print_audit(&y, &b->audit, (enum wd_format)format, &style);
        }
        if (wd_formats_profile & 1u << format) {
            wd_print_profile(&x, &a->profile, (enum wd_format)format, &style);
            wd_print_profile(&y, &b->profile, (enum wd_format)format, &style);
        }
        if (wd_formats_report & 1u << format) {
            wd_print_report(&x, &report_a, (enum wd_format)format, &style);
            wd_print_report(&y, &report_b, (enum wd_format)format, &style);
        }
        assert_true(x.len > 0);
        assert_true(wd_bytes_eq(wd_buf_bytes(&x), wd_buf_bytes(&y)));
        wd_buf_free(&x);
        wd_buf_free(&y);
    }
    demo_close(a);
    demo_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_look_as_they_did),
        cmocka_unit_test(reports_tell_what_changed),
        cmocka_unit_test(captures_of_different_length_are_compared_per_hour),
        cmocka_unit_test(profiles_have_the_documented_keys),
        cmocka_unit_test(profiles_say_what_was_added_in_the_agreed_order),
        cmocka_unit_test(findings_have_the_documented_keys),
        cmocka_unit_test(compressed_costs_are_told_beside_the_others),
        cmocka_unit_test(sketches_that_could_be_guessed_are_not_saved),
        cmocka_unit_test(results_are_recognised_when_lines_move),
        cmocka_unit_test(hostile_names_are_shown_and_not_obeyed),
        cmocka_unit_test(same_input_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
