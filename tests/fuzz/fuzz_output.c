/* The emitters, with every name chosen by a stranger. The first byte is the width of the page, the rest is
 * cut into a channel, a message, a path and a sentence. Asserts that text stays on its page and is not obeyed
 * by a terminal or a runner, that JSON and SARIF are read by another reader and give the names back, that
 * Markdown has no tag and CSV no formula and no broken record. */
#include <assert.h>
#include <jansson.h>

#include "base/escape.h"
#include "fuzz.h"
#include "output/output.h"

static void no_check(struct wd_ask *ask) { (void)ask; }

static const struct wd_rule rule = { "WD101", "unused-field", "no consumer reads it", WD_WARNING, 0, no_check,
                                     "asks", "why", "measured", "remedy" };
static const struct wd_rule personal = {
    "WD401",    "personal-data", "carries personal data", WD_ERROR, 0, no_check, "asks", "why",
    "measured", "remedy"};
static const struct wd_rule advice = { "WD601", "undocumented-field", "says no purpose", WD_NOTE, 0, no_check,
                                       "asks", "why", "measured", "remedy" };

struct names { struct wd_bytes channel, message, path, text; };

struct world {
    struct wd_input input;
    struct wd_row rows[3];
    struct wd_type_profile type;
    struct wd_profile profile;
    struct wd_finding findings[3];
    struct wd_usage usage;
    struct wd_consumer consumer;
    struct wd_audit audit;
};

static struct names cut(const uint8_t *data, size_t size)
{
    size_t quarter = size / 4;
    return (struct names){ wd_bytes_at(data, quarter), wd_bytes_at(data + quarter, quarter),
                           wd_bytes_at(data + 2 * quarter, quarter),
                           wd_bytes_at(data + 3 * quarter, size - 3 * quarter) };
}

static void make(struct world *w, const struct names *n)
{
    static const struct wd_rule *const rules[] = { &rule, &personal, &advice };
    w->input = (struct wd_input){
        .name = n->text, .bytes = 1000, .packets = 3, .first_ns = 1, .last_ns = 2000000000
    };
    for (int r = 0; r < 3; r++)
        w->rows[r] = (struct wd_row){ .path = r == 1   ? n->path
                                              : r == 0 ? wd_bytes_of(".")
                                                       : n->text,
                                      .present = 10,
                                      .occurrences = 10,
                                      .key_bytes = 30,
                                      .value_bytes = 60,
                                      .syntax_bytes = 10,
                                      .compared = 9,
                                      .repeated_bytes = 90 };
    w->rows[0].types[WD_TYPE_OBJECT] = w->rows[1].types[WD_TYPE_STRING] = w->rows[2].types[WD_TYPE_STRING] =
        10;
    w->type = (struct wd_type_profile){ .name = n->message,
                                        .channel = n->channel,
                                        .codec = "json",
                                        .count = 10,
                                        .payload_bytes = 300,
                                        .wire_payload_bytes = 300,
                                        .rows = w->rows,
                                        .row_count = 3,
                                        .entity = n->path,
                                        .malformed = 1 };
    w->profile = (struct wd_profile){ .inputs = &w->input,
                                      .input_count = 1,
                                      .connections = 1,
                                      .messages = 10,
                                      .payload_bytes = 300,
                                      .wire_payload_bytes = 300,
                                      .types = &w->type,
                                      .type_count = 1 };
    w->profile.ledger.captured_bytes = w->profile.ledger.layer[WD_LAYER_PAYLOAD] = 300;
    w->consumer = (struct wd_consumer){ .name = n->text };
    w->usage = (struct wd_usage){ &w->consumer, 1 };
    for (int f = 0; f < 3; f++)
        w->findings[f] = (struct wd_finding){ .rule = rules[f],
                                              .severity = rules[f]->severity,
                                              .confidence = 0.9,
                                              .direction = WD_C2S,
                                              .message = n->message,
                                              .channel = n->channel,
                                              .path = n->path,
                                              .text = n->text,
                                              .remedy = n->text,
                                              .type = &w->type,
                                              .row = &w->rows[1],
                                              .saves_bytes = 100 };
    w->audit = (struct wd_audit){
        .profile = &w->profile, .usage = &w->usage, .findings = w->findings, .finding_count = 3};
    w->audit.summary = (struct wd_summary){ .payload_bytes = 300, .removable_bytes = 100 };
    w->audit.summary.verdict_bytes[WD_VERDICT_NEEDED] = 300;
}

static size_t count(struct wd_bytes s, uint8_t byte)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == byte;
    return n;
}

static void check_shown(struct wd_bytes line)
{
    struct wd_buf again = { 0 };
    wd_put_terminal(&again, line);
    assert(wd_bytes_eq(line, wd_buf_bytes(&again)));
    wd_buf_free(&again);
}

static bool starts_command(struct wd_bytes line)
{
    line = wd_bytes_trim(line);
    return wd_bytes_starts(line, "::") || (line.len >= 3 && memmem(line.at, line.len, "##[", 3));
}

/* Calls `check` for each line. */
static void each_line(struct wd_buf *out, void (*check)(struct wd_bytes line, size_t *state), size_t *state)
{
    for (size_t i = 0; i < out->len;) {
        const uint8_t *end = memchr(out->at + i, '\n', out->len - i);
        assert(end);
        struct wd_bytes line = wd_bytes_at(out->at + i, (size_t)(end - (out->at + i)));
        check_shown(line);
        assert(!starts_command(line));
        check(line, state);
        i += line.len + 1;
    }
}

static void check_text(struct wd_bytes line, size_t *width) { assert(wd_columns(line) <= *width); }

static void check_markdown(struct wd_bytes line, size_t *bars)
{
    bool is_row = wd_bytes_starts(line, "| ");
    assert(count(line, '<') == 0);
    assert(!is_row || !*bars || count(line, '|') == *bars);
    *bars = is_row ? count(line, '|') : 0;
}

static void check_csv(struct wd_bytes line, size_t *cells)
{
    size_t n = 1;
    bool is_quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        bool is_start = !is_quoted && line.at[i] == '"' && (i == 0 || line.at[i - 1] == ',');
        assert(!is_start || i + 1 == line.len || !strchr("=+-@", line.at[i + 1]) || !line.at[i + 1]);
        is_quoted ^= line.at[i] == '"';
        n += line.at[i] == ',' && !is_quoted;
    }
    assert(!is_quoted && (!*cells || *cells == n));
    *cells = n;
}

static json_t *load(struct wd_buf *out)
{
    json_t *root = json_loadb((const char *)out->at, out->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert(root);
    return root;
}

static void check_json(struct wd_buf *out, const struct names *n)
{
    json_t *root = load(out), *type = json_array_get(json_object_get(root, "messages"), 0),
           *name = json_object_get(type, "name");
    if (type && wd_utf8_valid(n->message))
        assert(wd_bytes_eq(n->message, wd_bytes_at(json_string_value(name), json_string_length(name))));
    json_decref(root);
}

static void check(enum wd_format format, struct wd_buf *out, const struct names *n, size_t width)
{
    size_t none = 0;
    if (format == WD_FORMAT_TEXT)
        each_line(out, check_text, &width);
    else if (format == WD_FORMAT_MARKDOWN)
        each_line(out, check_markdown, &none);
    else if (format == WD_FORMAT_CSV)
        each_line(out, check_csv, &none);
    else if (format == WD_FORMAT_JSON || format == WD_FORMAT_SARIF)
        check_json(out, n);
    wd_buf_reset(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct names n = cut(data + 1, size - 1);
    struct world w;
    struct wd_buf out = { 0 };
    struct wd_style style = { .columns = 20u + data[0], .is_unicode = data[0] & 1, .show_all = data[0] & 2 };
    make(&w, &n);
    const struct wd_report report = {
        .audit = &w.audit, .before = &w.profile, .before_name = n.path, .title = n.text, .period = n.channel};
    for (int format = 0; format < WD_FORMAT_COUNT; format++) {
        if (wd_formats_profile & 1u << format) {
            wd_print_profile(&out, &w.profile, (enum wd_format)format, &style);
            check((enum wd_format)format, &out, &n, style.columns);
        }
        if (wd_formats_audit & 1u << format) {
            wd_print_audit(&out, &w.audit, (enum wd_format)format, &style);
            check((enum wd_format)format, &out, &n, style.columns);
        }
        if ((wd_formats_report & 1u << format) && format != WD_FORMAT_HTML) {
            wd_print_report(&out, &report, (enum wd_format)format, &style);
            check((enum wd_format)format, &out, &n, style.columns);
        }
    }
    wd_print_balance(&out, &w.profile, &style);
    check(WD_FORMAT_TEXT, &out, &n, style.columns);
    wd_buf_free(&out);
    return 0;
}
