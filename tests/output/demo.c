#include "demo.h"

#include <stdlib.h>

#define SHAPE(name) (WD_SHAPE_##name + 1)

/* present, occurrences, key, value and syntax bytes, compared, changed, repeated bytes, distinct values */
struct demo_row {
    const char *path;
    enum wd_type type;
    uint64_t present, occurrences, key, value, syntax, compared, changed, repeated, distinct;
    int shape;
};

static const struct demo_row ack_rows[] = {
    { ".", WD_TYPE_OBJECT, 32, 32, 0, 0, 64, 0, 0, 0, 0, 0 },
    { "clientId", WD_TYPE_STRING, 32, 32, 320, 224, 64, 28, 0, 532, 4, 0 },
    { "type", WD_TYPE_STRING, 32, 32, 192, 160, 32, 28, 0, 336, 1, 0 },
    { "upTo", WD_TYPE_INTEGER, 32, 32, 192, 84, 64, 28, 28, 0, 8, 0 },
    { "userAgent", WD_TYPE_STRING, 32, 32, 352, 1088, 64, 28, 0, 1316, 1, SHAPE(USER_AGENT) },
};

static const struct demo_row subscribe_rows[] = {
    { ".", WD_TYPE_OBJECT, 4, 4, 0, 0, 8, 0, 0, 0, 0, 0 },
    { "channels", WD_TYPE_ARRAY, 4, 4, 40, 0, 16, 0, 0, 0, 0, 0 },
    { "channels[]", WD_TYPE_STRING, 4, 12, 0, 92, 8, 0, 0, 0, 3, 0 },
    { "intervalMs", WD_TYPE_INTEGER, 4, 4, 48, 16, 8, 0, 0, 0, 1, 0 },
    { "type", WD_TYPE_STRING, 4, 4, 24, 44, 4, 0, 0, 0, 1, 0 },
};

static const struct demo_row alert_rows[] = {
    { ".", WD_TYPE_OBJECT, 8, 8, 0, 0, 16, 0, 0, 0, 0, 0 },
    { "code", WD_TYPE_STRING, 8, 8, 48, 80, 16, 4, 4, 0, 2, 0 },
    { "level", WD_TYPE_STRING, 8, 8, 56, 64, 16, 4, 4, 0, 2, 0 },
    { "message", WD_TYPE_STRING, 8, 8, 72, 284, 16, 4, 4, 0, 2, 0 },
    { "metric", WD_TYPE_STRING, 8, 8, 64, 120, 16, 4, 4, 0, 2, 0 },
    { "notify", WD_TYPE_OBJECT, 8, 8, 64, 0, 32, 0, 0, 0, 0, 0 },
    { "notify.email", WD_TYPE_STRING, 8, 8, 56, 160, 8, 4, 0, 112, 1, SHAPE(EMAIL) },
    { "notify.sms", WD_TYPE_STRING, 8, 8, 40, 144, 16, 4, 0, 100, 1, SHAPE(PHONE) },
    { "ts", WD_TYPE_INTEGER, 8, 8, 32, 104, 16, 4, 4, 0, 2, SHAPE(EPOCH_MS) },
    { "type", WD_TYPE_STRING, 8, 8, 48, 56, 8, 4, 0, 56, 1, 0 },
};

static const struct demo_row metrics_rows[] = {
    { ".", WD_TYPE_OBJECT, 960, 960, 0, 0, 1920, 0, 0, 0, 0, 0 },
    { "cpu", WD_TYPE_OBJECT, 960, 960, 4800, 0, 3840, 0, 0, 0, 0, 0 },
    { "cpu.cores", WD_TYPE_ARRAY, 960, 960, 6720, 0, 3840, 0, 0, 0, 0, 0 },
    { "cpu.cores[]", WD_TYPE_NUMBER, 960, 3840, 0, 14052, 2880, 956, 956, 0, 511, 0 },
    { "cpu.idle", WD_TYPE_NUMBER, 960, 960, 5760, 3536, 1920, 956, 900, 654, 189, 0 },
    { "cpu.iowait", WD_TYPE_NUMBER, 960, 960, 7680, 2712, 1920, 956, 828, 1641, 58, 0 },
    { "cpu.system", WD_TYPE_NUMBER, 960, 960, 7680, 2784, 1920, 956, 872, 1083, 101, 0 },
    { "cpu.user", WD_TYPE_NUMBER, 960, 960, 5760, 3372, 960, 956, 904, 546, 180, 0 },
    { "debug", WD_TYPE_NULL, 960, 960, 6720, 3840, 1920, 956, 0, 12428, 1, 0 },
    { "disks", WD_TYPE_ARRAY, 960, 960, 6720, 0, 3840, 0, 0, 0, 0, 0 },
    { "disks[]", WD_TYPE_OBJECT, 960, 1920, 0, 0, 4800, 0, 0, 0, 0, 0 },
    { "disks[].device", WD_TYPE_STRING, 960, 1920, 15360, 28800, 3840, 956, 0, 47800, 2, 0 },
    { "disks[].mount", WD_TYPE_STRING, 960, 1920, 13440, 17280, 1920, 956, 0, 32504, 2, 0 },
    { "disks[].totalBytes", WD_TYPE_INTEGER, 960, 1920, 23040, 24000, 3840, 956, 0, 50668, 2, 0 },
    { "disks[].usedBytes", WD_TYPE_INTEGER, 960, 1920, 21120, 20160, 3840, 956, 24, 43804, 8, 0 },
    { "flags", WD_TYPE_OBJECT, 960, 960, 6720, 0, 3840, 0, 0, 0, 0, 0 },
    { "flags.betaUi", WD_TYPE_BOOLEAN, 960, 960, 7680, 4800, 1920, 956, 0, 14340, 1, 0 },
    { "flags.canary", WD_TYPE_BOOLEAN, 960, 960, 7680, 3840, 1920, 956, 0, 13384, 1, 0 },
    { "flags.maintenance", WD_TYPE_BOOLEAN, 960, 960, 12480, 4800, 960, 956, 0, 18164, 1, 0 },
    { "host", WD_TYPE_OBJECT, 960, 960, 5760, 0, 3840, 0, 0, 0, 0, 0 },
    { "host.hostname", WD_TYPE_STRING, 960, 960, 9600, 28800, 960, 956, 0, 39196, 1, 0 },
    { "host.ipv4", WD_TYPE_STRING, 960, 960, 5760, 11520, 1920, 956, 0, 19120, 1, SHAPE(IPV4) },
    { "host.kernel", WD_TYPE_STRING, 960, 960, 7680, 15360, 1920, 956, 0, 24856, 1, 0 },
    { "host.mac", WD_TYPE_STRING, 960, 960, 4800, 18240, 1920, 956, 0, 24856, 1, SHAPE(MAC) },
    { "host.os", WD_TYPE_STRING, 960, 960, 3840, 20160, 1920, 956, 0, 25812, 1, 0 },
    { "host.rack", WD_TYPE_STRING, 960, 960, 5760, 8640, 1920, 956, 0, 16252, 1, 0 },
    { "host.region", WD_TYPE_STRING, 960, 960, 7680, 13440, 1920, 956, 0, 22944, 1, 0 },
    { "host.serial", WD_TYPE_STRING, 960, 960, 7680, 11520, 1920, 956, 0, 21032, 1, 0 },
    { "memory", WD_TYPE_OBJECT, 960, 960, 7680, 0, 3840, 0, 0, 0, 0, 0 },
    { "memory.cached", WD_TYPE_INTEGER, 960, 960, 7680, 9600, 1920, 956, 0, 19120, 1, 0 },
    { "memory.free", WD_TYPE_INTEGER, 960, 960, 5760, 9600, 1920, 956, 84, 15696, 22, 0 },
    { "memory.swapTotal", WD_TYPE_INTEGER, 960, 960, 10560, 9600, 1920, 956, 0, 21988, 1, 0 },
    { "memory.swapUsed", WD_TYPE_INTEGER, 960, 960, 9600, 960, 1920, 956, 0, 12428, 1, 0 },
    { "memory.total", WD_TYPE_INTEGER, 960, 960, 6720, 10560, 960, 956, 0, 18164, 1, 0 },
    { "memory.used", WD_TYPE_INTEGER, 960, 960, 5760, 9600, 1920, 956, 84, 15696, 22, 0 },
    { "owner", WD_TYPE_OBJECT, 960, 960, 6720, 0, 3840, 0, 0, 0, 0, 0 },
    { "owner.email", WD_TYPE_STRING, 960, 960, 6720, 28800, 1920, 956, 0, 37284, 1, SHAPE(EMAIL) },
    { "owner.name", WD_TYPE_STRING, 960, 960, 5760, 17280, 960, 956, 0, 23900, 1, 0 },
    { "owner.phone", WD_TYPE_STRING, 960, 960, 6720, 17280, 1920, 956, 0, 25812, 1, SHAPE(PHONE) },
    { "owner.team", WD_TYPE_STRING, 960, 960, 5760, 9600, 1920, 956, 0, 17208, 1, 0 },
    { "requests", WD_TYPE_OBJECT, 960, 960, 9600, 0, 3840, 0, 0, 0, 0, 0 },
    { "requests.errors", WD_TYPE_INTEGER, 960, 960, 7680, 960, 1920, 956, 24, 10252, 7, 0 },
    { "requests.latency", WD_TYPE_OBJECT, 960, 960, 8640, 0, 3840, 0, 0, 0, 0, 0 },
    { "requests.latency.p50", WD_TYPE_INTEGER, 960, 960, 4800, 3028, 960, 956, 920, 329, 31, 0 },
    { "requests.latency.p95", WD_TYPE_INTEGER, 960, 960, 4800, 3616, 1920, 956, 952, 43, 104, 0 },
    { "requests.latency.p99", WD_TYPE_INTEGER, 960, 960, 4800, 4304, 1920, 956, 952, 45, 206, 0 },
    { "requests.perSecond", WD_TYPE_INTEGER, 960, 960, 10560, 2880, 960, 956, 928, 420, 178, 0 },
    { "requests.total", WD_TYPE_INTEGER, 960, 960, 6720, 6212, 1920, 956, 956, 0, 240, 0 },
    { "schemaVersion", WD_TYPE_STRING, 960, 960, 14400, 6720, 1920, 956, 0, 22944, 1, 0 },
    { "seq", WD_TYPE_INTEGER, 960, 960, 4800, 2448, 1920, 956, 956, 0, 240, 0 },
    { "session", WD_TYPE_OBJECT, 960, 960, 8640, 0, 3840, 0, 0, 0, 0, 0 },
    { "session.locale", WD_TYPE_STRING, 960, 960, 7680, 6720, 1920, 956, 0, 16252, 1, 0 },
    { "session.token", WD_TYPE_STRING, 960, 960, 6720, 136320, 960, 956, 0, 143400, 1, SHAPE(JWT) },
    { "session.userId", WD_TYPE_INTEGER, 960, 960, 7680, 3840, 1920, 956, 0, 13384, 1, 0 },
    { "ts", WD_TYPE_INTEGER, 960, 960, 3840, 12480, 1920, 956, 956, 0, 240, SHAPE(EPOCH_MS) },
    { "type", WD_TYPE_STRING, 960, 960, 5760, 8640, 960, 956, 0, 15296, 1, 0 },
};

static const struct demo_type {
    const char *name;
    enum wd_direction direction;
    uint64_t count, connections;
    const struct demo_row *rows;
    size_t row_count;
} types[] = {
    { "ack", WD_C2S, 32, 4, ack_rows, WD_COUNT(ack_rows) },
    { "subscribe", WD_C2S, 4, 4, subscribe_rows, WD_COUNT(subscribe_rows) },
    { "alert", WD_S2C, 8, 4, alert_rows, WD_COUNT(alert_rows) },
    { "metrics", WD_S2C, 960, 4, metrics_rows, WD_COUNT(metrics_rows) },
};

#define NS(seconds) ((int64_t)((seconds) * 1e9))
#define START NS(1790000000)

static void fill_row(struct wd_row *row, const struct demo_row *from)
{
    *row = (struct wd_row){
        .path = wd_bytes_of(from->path), .present = from->present, .occurrences = from->occurrences,
        .key_bytes = from->key, .value_bytes = from->value, .syntax_bytes = from->syntax,
        .compared = from->compared, .changed = from->changed, .repeated_bytes = from->repeated,
        .distinct = from->distinct, .series = 4, .constant_series = from->compared && !from->changed ? 4 : 0,
    };
    row->types[from->type] = from->occurrences;
    row->empty = from->type == WD_TYPE_NULL ? from->occurrences : 0;
    row->is_discriminator = strcmp(from->path, "type") == 0;
    if (from->shape) {
        row->shapes[from->shape - 1] = from->distinct;
        row->shape_values = from->distinct;
    }
    if (from->changed) {   /* a value lasts as many seconds as it takes for the next change */
        row->hold[63 - __builtin_clzll(1000 * from->compared / from->changed)] = from->changed;
        row->hold_ms = 1000 * from->compared;
    }
}

static void fill_type(struct demo *d, struct wd_type_profile *type, const struct demo_type *from)
{
    *type = (struct wd_type_profile){
        .name = wd_bytes_of(from->name),
        .channel = wd_bytes_of("/live"),
        .direction = from->direction,
        .named_by = WD_NAMED_BY_SCHEMA,
        .transport = WD_TRANSPORT_WEBSOCKET,
        .codec = "json",
        .count = from->count,
        .compared_messages = from->count - 4,
        .discriminator = wd_bytes_of("type"),
        .connections = from->connections,
        .first_ns = START,
        .last_ns = START + NS(239),
        .row_count = from->row_count,
    };
    type->rows = wd_arena_array(d->arena, struct wd_row, from->row_count);
    for (size_t r = 0; r < from->row_count; r++) {
        fill_row(&type->rows[r], &from->rows[r]);
        type->payload_bytes += wd_row_bytes(&type->rows[r]);
    }
    type->wire_payload_bytes = type->payload_bytes;
}

static void fill_ledger(struct wd_profile *p)
{
    struct wd_ledger *l = &p->ledger;
    l->packets = 1641;
    l->layer[WD_LAYER_LINK] = 22974;
    l->layer[WD_LAYER_IP] = 32820;
    l->layer[WD_LAYER_TRANSPORT] = 52516;
    l->layer[WD_LAYER_HTTP] = 2438;
    l->layer[WD_LAYER_FRAMING] = 4216;
    l->layer[WD_LAYER_CONTROL] = 410;
    l->layer[WD_LAYER_PAYLOAD] = p->payload_bytes;
    wd_ledger_undecoded(l, WD_REASON_TLS_NO_KEYS, 1204);
    l->reason_streams[WD_REASON_TLS_NO_KEYS] = 2;
    l->captured_bytes = wd_ledger_sum(l);
    p->counts = (struct wd_connection_counts){ .opened = 5, .pings = 40, .pongs = 40, .closes = 5 };
}

static void fill_profile(struct demo *d)
{
    struct wd_profile *p = &d->profile;
    p->arena = d->arena;
    p->inputs = wd_arena_new(d->arena, struct wd_input);
    p->input_count = 1;
    p->types = wd_arena_array(d->arena, struct wd_type_profile, WD_COUNT(types));
    p->type_count = WD_COUNT(types);
    for (size_t t = 0; t < WD_COUNT(types); t++) {
        fill_type(d, &p->types[t], &types[t]);
        p->messages += p->types[t].count;
        p->payload_bytes += p->types[t].payload_bytes;
    }
    p->wire_payload_bytes = p->payload_bytes;
    p->connections = 5;
    fill_ledger(p);
    p->inputs[0] = (struct wd_input){ .name = wd_bytes_of("dashboard.pcapng"), .bytes = p->ledger.captured_bytes + 52512,
                                      .packets = 1641, .first_ns = START, .last_ns = START + NS(239.2) };
}

/* ---- rules: as much of each as an output shows ---- */

static void unasked(struct wd_ask *ask) { (void)ask; }

#define RULE(id, name, title, severity, needs)                                                               \
    static const struct wd_rule rule_##id = {                                                                \
        #id,                                                                                                 \
        name,                                                                                                \
        title,                                                                                               \
        severity,                                                                                            \
        needs,                                                                                               \
        unasked,                                                                                             \
        "What " name " means, told in a paragraph that is long enough to be wrapped at the width of a "      \
                     "terminal, with the "                                                                   \
        "field that it is about and the evidence that it asks for.",                                         \
        "Every byte is paid for three times: on the wire, in the battery, and in the eyes of the law.",      \
        "Counted in the captured traffic and held against what the consumers say that they read.",           \
        "Remove it from the schema, then from the sender."};
RULE(WD101, "unused-field", "no consumer reads it", WD_WARNING, WD_NEEDS_USAGE)
RULE(WD102, "unused-message", "no consumer reads any of it", WD_WARNING, WD_NEEDS_USAGE)
RULE(WD103, "never-sent", "declared, not in the traffic", WD_NOTE, WD_NEEDS_PROFILE | WD_NEEDS_SCHEMA)
RULE(WD104, "undeclared-field", "in the traffic, not declared", WD_WARNING,
     WD_NEEDS_PROFILE | WD_NEEDS_SCHEMA)
RULE(WD107, "unknown-use", "nothing can be said, and why", WD_NOTE, WD_NEEDS_USAGE)
RULE(WD201, "always-empty", "null, empty or the default in every message", WD_WARNING, WD_NEEDS_PROFILE)
RULE(WD202, "constant", "one value ever", WD_NOTE, WD_NEEDS_PROFILE)
RULE(WD203, "slow-field", "sent far more often than it changes", WD_NOTE, WD_NEEDS_PROFILE)
RULE(WD204, "full-snapshot", "mostly repeats the one before", WD_NOTE, WD_NEEDS_PROFILE)
RULE(WD401, "personal-data", "carries personal data", WD_ERROR, 0)
RULE(WD402, "credential-in-message", "token, key or password sent in messages", WD_ERROR, 0)
RULE(WD601, "undocumented-field", "no purpose, owner or change rate stated", WD_NOTE, WD_NEEDS_SCHEMA)
RULE(WD603, "stale-suppression", "a suppression without a reason, or expired", WD_WARNING, 0)
const struct wd_rule *const demo_rules[] = { &rule_WD101, &rule_WD102, &rule_WD103, &rule_WD104, &rule_WD107,
                                             &rule_WD201, &rule_WD202, &rule_WD203, &rule_WD204, &rule_WD401,
                                             &rule_WD402, &rule_WD601, &rule_WD603, NULL };

/* ---- the findings: which rule, on which field of which message, and where the schema says so ---- */

static const struct demo_finding {
    const struct wd_rule *rule;
    enum wd_severity severity;
    const char *message, *path, *category;
    double confidence;
    uint32_t line;
    const char *text;
    bool has_also;
} wanted[] = {
    { &rule_WD401, WD_ERROR, "metrics", "owner.email", "user.contact.email", 0.99, 61,
      "owner.email of metrics is an email address", false },
    { &rule_WD401, WD_ERROR, "metrics", "owner.phone", "user.contact.phone_number", 0.97, 62,
      "owner.phone of metrics is a telephone number", false },
    { &rule_WD402, WD_ERROR, "metrics", "session.token", "user.authorization.credentials", 0.99, 38,
      "session.token of metrics is a credential", false },
    { &rule_WD101, WD_WARNING, "metrics", "host", NULL, 0.97, 44, "no consumer reads host of metrics", true },
    { &rule_WD101, WD_WARNING, "metrics", "session", NULL, 0.97, 37, "no consumer reads session of metrics",
      true },
    { &rule_WD101, WD_WARNING, "metrics", "owner", NULL, 0.97, 59, "no consumer reads owner of metrics",
      true },
    { &rule_WD101, WD_WARNING, "metrics", "disks[].totalBytes", NULL, 0.97, 118,
      "no consumer reads disks[].totalBytes of metrics", true },
    { &rule_WD101, WD_WARNING, "metrics", "disks[].device", NULL, 0.97, 114,
      "no consumer reads disks[].device of metrics", true },
    { &rule_WD101, WD_WARNING, "metrics", "memory.swapTotal", NULL, 0.97, 95,
      "no consumer reads memory.swapTotal of metrics", true },
    { &rule_WD101, WD_WARNING, "metrics", "cpu.idle", NULL, 0.97, 79, "no consumer reads cpu.idle of metrics",
      false },
    { &rule_WD101, WD_WARNING, "metrics", "debug", NULL, 0.97, 131, "no consumer reads debug of metrics",
      true },
    { &rule_WD401, WD_WARNING, "alert", "notify.email", "user.contact.email", 0.93, 0,
      "notify.email of alert is an email address", false },
    { &rule_WD203, WD_NOTE, "metrics", "disks[].usedBytes", NULL, 0.9, 116,
      "disks[].usedBytes changes in 3 % of metrics", false },
    { &rule_WD203, WD_NOTE, "metrics", "memory.used", NULL, 0.9, 91, "memory.used changes in 9 % of metrics",
      false },
    { &rule_WD204, WD_NOTE, "metrics", "", NULL, 0.9, 20, "metrics mostly repeats the message before",
      false },
    { &rule_WD202, WD_NOTE, "metrics", "disks[].mount", NULL, 0.9, 112, "disks[].mount never changes",
      false },
    { &rule_WD202, WD_NOTE, "metrics", "memory.total", NULL, 0.9, 90, "memory.total never changes", false },
    { &rule_WD107, WD_NOTE, "metrics", "flags", NULL, 1, 122,
      "wall hands flags to JSON.stringify (wall.js:31), so every field below it counts as read", false },
    { &rule_WD103, WD_NOTE, "maintenance", "", NULL, 1, 140,
      "maintenance is declared for /live and was not sent in 1,004 messages", false },
    { &rule_WD104, WD_WARNING, "ack", "userAgent", NULL, 1, 30,
      "userAgent is in 32 of 32 messages of ack and the schema does not declare it", false },
    { &rule_WD603, WD_WARNING, "", "", NULL, 1, 7, "the suppression of WD202 for metrics seq has expired",
      false },
};

static const struct wd_type_profile *find_type(const struct demo *d, const char *name)
{
    for (size_t t = 0; t < d->profile.type_count; t++)
        if (wd_bytes_is(d->profile.types[t].name, name))
            return &d->profile.types[t];
    return NULL;
}

static const struct wd_row *find_row(const struct wd_type_profile *type, const char *path)
{
    for (size_t r = 0; type && r < type->row_count; r++)
        if (wd_bytes_is(type->rows[r].path, path))
            return &type->rows[r];
    return NULL;
}

static bool is_at_or_below(struct wd_bytes path, const char *top)
{
    size_t n = strlen(top);
    return wd_bytes_starts(path, top) && (path.len == n || path.at[n] == '.' || path.at[n] == '[');
}

static uint64_t saving(const struct wd_finding *f, const char *path)
{
    uint64_t bytes = 0;
    if (strcmp(f->rule->id, "WD203") == 0 || strcmp(f->rule->id, "WD202") == 0)
        return f->row->repeated_bytes;
    if (strcmp(f->rule->id, "WD101") == 0)
        for (size_t r = 0; r < f->type->row_count; r++)
            bytes += is_at_or_below(f->type->rows[r].path, path) ? wd_row_bytes(&f->type->rows[r]) : 0;
    return bytes;
}

static void fill_facts(struct demo *d, struct wd_finding *f, const struct demo_finding *from)
{
    if (!from->category)
        return;
    static const struct wd_bytes unread[] = { { (const uint8_t *)"unread", 6 } };
    struct wd_fact *facts = wd_arena_array(d->arena, struct wd_fact, 3);
    facts[0] = (struct wd_fact){ .key = "category", .kind = WD_FACT_WORD, .word = from->category };
    facts[1] = (struct wd_fact){ .key = "sent", .kind = WD_FACT_COUNT, .count = f->row->present };
    facts[2] = (struct wd_fact){ .key = "exposure", .kind = WD_FACT_LIST, .list = unread, .list_count = 1 };
    f->facts = facts;
    f->fact_count = from->line ? 3 : 2;
}

static void fill_finding(struct demo *d, struct wd_finding *f, const struct demo_finding *from)
{
    static const char *const also[] = { "WD202" };
    *f = (struct wd_finding){
        .rule = from->rule,
        .severity = from->severity,
        .confidence = from->confidence,
        .direction = WD_S2C,
        .message = wd_bytes_of(from->message),
        .channel = wd_bytes_of("/live"),
        .path = wd_bytes_of(from->path),
        .text = wd_bytes_of(from->text),
        .remedy = wd_bytes_of("remove it from the schema, then from the sender"),
        .type = find_type(d, from->message),
        .also = also,
        .also_count = from->has_also,
    };
    f->row = find_row(f->type, from->path);
    if (from->line)
        f->at = (struct wd_place){ .file = "dashboard.yaml", .line = from->line, .column = 9 };
    if (strcmp(from->rule->id, "WD603") == 0)
        f->at.file = ".wirediet.yaml";
    f->direction = f->type ? (int)f->type->direction : -1;
    f->saves_bytes = f->row ? saving(f, from->path) : 0;
    f->saves_share = (double)f->saves_bytes / (double)d->profile.payload_bytes;
    fill_facts(d, f, from);
}

static const char *const unread[] = { "host",
                                      "session",
                                      "owner",
                                      "disks[].totalBytes",
                                      "disks[].device",
                                      "memory.swapTotal",
                                      "cpu.idle",
                                      "debug",
                                      "memory.free",
                                      "memory.cached",
                                      "memory.swapUsed",
                                      "cpu.iowait",
                                      "schemaVersion",
                                      "seq",
                                      "cpu.cores",
                                      "requests.total",
                                      "requests.errors",
                                      "requests.latency.p50",
                                      "requests.latency.p99",
                                      "notify" };

static enum wd_verdict judge(const struct wd_row *row, struct wd_bytes personal)
{
    for (size_t i = 0; i < WD_COUNT(unread); i++)
        if (is_at_or_below(row->path, unread[i]))
            return personal.len ? WD_VERDICT_PERSONAL_UNREAD : WD_VERDICT_UNREAD;
    if (is_at_or_below(row->path, "flags"))
        return WD_VERDICT_UNKNOWN;
    return row->compared && row->changed * 10 <= row->compared ? WD_VERDICT_UNCHANGED : WD_VERDICT_NEEDED;
}

static struct wd_bytes category_of(const char *path)
{
    for (size_t i = 0; i < WD_COUNT(wanted); i++)
        if (wanted[i].category && strcmp(wanted[i].path, path) == 0)
            return wd_bytes_of(wanted[i].category);
    return wd_bytes_of("");
}

static void fill_verdicts(struct demo *d)
{
    struct wd_audit *a = &d->audit;
    uint8_t **verdicts = wd_arena_array(d->arena, uint8_t *, d->profile.type_count);
    struct wd_bytes **personal = wd_arena_array(d->arena, struct wd_bytes *, d->profile.type_count);
    for (size_t t = 0; t < d->profile.type_count; t++) {
        const struct wd_type_profile *type = &d->profile.types[t];
        verdicts[t] = wd_arena_array(d->arena, uint8_t, type->row_count);
        personal[t] = wd_arena_array(d->arena, struct wd_bytes, type->row_count);
        for (size_t r = 0; r < type->row_count; r++) {
            const struct wd_row *row = &type->rows[r];
            personal[t][r] = category_of((const char *)row->path.at);
            verdicts[t][r] = (uint8_t)judge(row, personal[t][r]);
            a->summary.verdict_bytes[verdicts[t][r]] += wd_row_bytes(row);
        }
    }
    a->verdicts = verdicts;
    a->personal = personal;
}

static void fill_audit(struct demo *d)
{
    static const struct wd_unasked never[] = { { &rule_WD601,
                                                 "the schema states no purpose, owner or change rate" } };
    struct wd_audit *a = &d->audit;
    *a = (struct wd_audit){ .arena = d->arena, .config = &d->config, .profile = &d->profile, .schema = &d->schema,
                            .usage = &d->usage, .unasked = never, .unasked_count = WD_COUNT(never) };
    struct wd_finding *findings = wd_arena_array(d->arena, struct wd_finding, WD_COUNT(wanted));
    for (size_t i = 0; i < WD_COUNT(wanted); i++) {
        fill_finding(d, &findings[i], &wanted[i]);
        a->summary.errors += findings[i].severity == WD_ERROR;
        a->summary.warnings += findings[i].severity == WD_WARNING;
        a->summary.notes += findings[i].severity == WD_NOTE;
    }
    a->findings = findings;
    a->finding_count = WD_COUNT(wanted);
    fill_verdicts(d);
    a->summary.payload_bytes = d->profile.payload_bytes;
    const uint64_t *v = a->summary.verdict_bytes;
    a->summary.removable_bytes =
        v[WD_VERDICT_UNREAD] + v[WD_VERDICT_PERSONAL_UNREAD] + v[WD_VERDICT_UNCHANGED];
}

static void fill_sources(struct demo *d)
{
    static struct wd_document document = { .name = "dashboard.yaml" };
    static struct wd_document *documents[] = { &document };
    d->schema = (struct wd_schema){ .arena = d->arena,
                                    .format = "asyncapi-3",
                                    .title = wd_bytes_of("Live dashboard"),
                                    .documents = documents,
                                    .document_count = 1,
                                    .message_count = 5 };
    static const char *const reads[] = {
        "cpu.system",   "cpu.user",    "disks[].mount",        "disks[].usedBytes",
        "memory.total", "memory.used", "requests.latency.p95", "requests.perSecond",
        "ts",           "type"};
    struct wd_read *read = wd_arena_array(d->arena, struct wd_read, WD_COUNT(reads));
    for (size_t i = 0; i < WD_COUNT(reads); i++)
        read[i].path = wd_bytes_of(reads[i]);
    struct wd_escape *escape = wd_arena_new(d->arena, struct wd_escape);
    *escape = (struct wd_escape){ .path = wd_bytes_of("flags"), .where = wd_bytes_of("wall.js:31") };
    struct wd_consumer_message *said = wd_arena_array(d->arena, struct wd_consumer_message, 2);
    for (int i = 0; i < 2; i++)
        said[i] = (struct wd_consumer_message){ .message = wd_bytes_of("metrics"),
                                                .direction = -1,
                                                .reads = read,
                                                .read_count = i ? 5 : WD_COUNT(reads),
                                                .is_complete = true };
    said[1].escapes = escape;
    said[1].escape_count = 1;
    struct wd_consumer *consumers = wd_arena_array(d->arena, struct wd_consumer, 2);
    consumers[0] =
        (struct wd_consumer){ .name = wd_bytes_of("web"), .messages = &said[0], .message_count = 1 };
    consumers[1] =
        (struct wd_consumer){ .name = wd_bytes_of("wall"), .messages = &said[1], .message_count = 1 };
    d->usage = (struct wd_usage){ consumers, 2 };
}

struct demo *demo_open(void)
{
    struct wd_arena *arena = wd_arena_open();
    struct demo *d = wd_arena_new(arena, struct demo);
    d->arena = arena;
    fill_profile(d);
    fill_sources(d);
    fill_audit(d);
    return d;
}

void demo_close(struct demo *demo)
{
    for (size_t t = 0; t < demo->profile.type_count; t++)
        for (size_t r = 0; r < demo->profile.types[t].row_count; r++)
            wd_sketch_close(demo->profile.types[t].rows[r].sketch);
    wd_arena_close(demo->arena);
}

struct demo *demo_open_hostile(const char *name)
{
    struct demo *d = demo_open();
    struct wd_bytes evil = wd_bytes_of(name);
    d->profile.inputs[0].name = evil;
    for (size_t t = 0; t < d->profile.type_count; t++) {
        struct wd_type_profile *type = &d->profile.types[t];
        type->name = type->channel = type->entity = type->discriminator = type->discovered = evil;
        for (size_t r = 0; r < type->row_count; r++) {
            type->rows[r].path = evil;
            type->rows[r].equals = &d->profile.inputs[0].name;
            type->rows[r].equals_count = 1;
        }
    }
    struct wd_finding *findings = (struct wd_finding *)d->audit.findings;
    for (size_t i = 0; i < d->audit.finding_count; i++) {
        findings[i].message = findings[i].channel = findings[i].path = findings[i].text = findings[i].remedy =
            evil;
        findings[i].at.file = name;
        findings[i].fact_count = 0;
    }
    struct wd_consumer *consumers = (struct wd_consumer *)d->usage.consumers;
    consumers[0].name = consumers[1].name = evil;
    d->schema.title = evil;
    struct wd_document *document = wd_arena_new(d->arena, struct wd_document);
    struct wd_document **documents = wd_arena_new(d->arena, struct wd_document *);
    document->name = name;
    documents[0] = document;
    d->schema.documents = documents;
    return d;
}

void demo_empty(struct wd_profile *profile, struct wd_input *input)
{
    *input = (struct wd_input){ .name = wd_bytes_of("empty.pcapng"), .bytes = 24 };
    *profile = (struct wd_profile){ .inputs = input, .input_count = 1 };
}
