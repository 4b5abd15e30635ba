/* The whole road, from a capture to what is said about it. What begins like a capture file is one; all else is a
 * conversation (converse.h) that is put into a capture first. Whatever it holds: the profile is as sound.h wants it, also
 * under a schema's names; verdicts add up to the payload, what was found can be written in each format, and pruning is
 * proved. */
#include <assert.h>

#include "converse.h"
#include "finding/audit.h"
#include "fuzz.h"
#include "output/output.h"
#include "pipeline/measure.h"
#include "pipeline/prune.h"
#include "schema/schema.h"
#include "sound.h"
#include "usage/config.h"
#include "usage/usage.h"

enum { TURNS = 64 };

static const char config_text[] =
    "entities: [{message: quote, key: symbol}]\n"
    "maps: [{message: quote, path: levels}]\n"
    "sensitive: [{path: user, category: user.name}]\n"
    "suppressions: [{rule: WD202, message: quote, path: venue, reason: r}]\n"
    "thresholds: {min_messages: 2, min_confidence: 0.1}\n"
    "limits: {flows: 4, segments: 8, message: 4k, header-line: 512, header-list: 2k, fields: 16, fields-total: 40,\n"
    "         types: 4, entities: 4, series-fields: 64, map-keys: 4, depth: 16, path: 64, interfaces: 8, packet: 4k,\n"
    "         inflate-total: 1M, rows: 16}\n";

static const char schema_text[] =
    "asyncapi: 3.0.0\n"
    "info: {title: t, version: '1'}\n"
    "channels:\n"
    "  live:\n"
    "    address: /live/{room}\n"
    "    parameters: {room: {}}\n"
    "    messages:\n"
    "      quote:\n"
    "        payload:\n"
    "          type: object\n"
    "          required: [type]\n"
    "          properties:\n"
    "            type: {const: quote}\n"
    "            symbol: {type: string, description: d}\n"
    "            price: {type: number}\n"
    "            venue: {type: string}\n"
    "            levels: {type: object, additionalProperties: {type: object, properties: {bid: {type: number}}}}\n"
    "            user: {$ref: '#/components/schemas/user'}\n"
    "      note:\n"
    "        payload:\n"
    "          type: object\n"
    "          properties:\n"
    "            type: {const: note}\n"
    "            items: {type: array, items: {oneOf: [{type: string}, {required: [kind], properties: {kind: {const: a}, id: {}}}]}}\n"
    "            by: {$ref: '#/components/schemas/user'}\n"
    "      gone: {payload: {properties: {type: {const: gone}}}}\n"
    "components:\n"
    "  schemas:\n"
    "    user: {type: object, required: [email, id], properties: {email: {type: string}, id: {type: integer}}}\n";

static const char usage_text[] =
    "wirediet: usage/1\n"
    "consumers:\n"
    "- name: web\n"
    "  source: static\n"
    "  messages:\n"
    "  - {message: quote, complete: true, reads: [{path: type}, {path: price}, {path: 'levels{}.bid'}]}\n"
    "  - {message: note, complete: true, reads: [{path: type}, {path: by.id}], escapes: [{path: items, where: 'a.js:1'}]}\n";

/* What does not come from the input: read once. */
static struct wd_arena *arena;
static struct wd_config config;
static struct wd_schema *schema;
static struct wd_usage usage;

static void read_world(void)
{
    static const char *const names[] = { "schema.yaml" };
    struct wd_err err = { 0 };
    struct wd_bytes text = wd_bytes_of(schema_text);
    arena = wd_arena_open();
    int rc = wd_config_parse("config.yaml", wd_bytes_of(config_text), arena, &config, &err);
    assert(rc == WD_OK);
    rc = wd_schema_parse(names, &text, 1, "/nowhere-at-all", &config.limits, &schema, &err);
    assert(rc == WD_OK);
    rc = wd_usage_parse("usage.yaml", wd_bytes_of(usage_text), &config.limits, arena, &usage, &err);
    assert(rc == WD_OK);
}

/* ---- a conversation as a capture: raw IPv4, a packet for each turn ---- */

enum { RAW_IP = 101, IP_HEAD = 20, TCP_HEAD = 20, FIN = 1, SYN = 2, ACK = 16 };

struct writer {
    struct wd_buf *out;
    uint32_t next[2];   /* sequence number of each side */
    uint32_t ms;
};

static void put_be(uint8_t *at, uint32_t value, int bytes)
{
    while (bytes--) {
        at[bytes] = (uint8_t)value;
        value >>= 8;
    }
}

static void put_packet(struct writer *w, int side, uint8_t flags, struct wd_bytes payload)
{
    uint32_t len = IP_HEAD + TCP_HEAD + (uint32_t)payload.len;
    const uint32_t record[] = { w->ms / 1000, w->ms % 1000 * 1000, len, len };
    uint8_t head[IP_HEAD + TCP_HEAD] = { 0x45, [8] = 64, 6, [IP_HEAD + 12] = TCP_HEAD << 2 }, *tcp = head + IP_HEAD;
    put_be(head + 2, len, 2);
    put_be(head + 12 + 4 * side, 0x0a000001, 4);
    put_be(head + 16 - 4 * side, 0x0a000002, 4);
    put_be(tcp + 2 * side, 40000, 2);
    put_be(tcp + 2 - 2 * side, 80, 2);
    put_be(tcp + 4, w->next[side], 4);
    put_be(tcp + 8, w->next[!side], 4);
    tcp[13] = flags;
    wd_buf_put(w->out, wd_bytes_at((const uint8_t *)record, sizeof record));
    wd_buf_put(w->out, wd_bytes_at(head, sizeof head));
    wd_buf_put(w->out, payload);
    w->next[side] += (uint32_t)payload.len + !!(flags & (SYN | FIN));
    w->ms += 700;
}

static void put_turn(struct writer *w, const struct turn *turn)
{
    if (turn->kind == WD_CHUNK_GAP)
        w->next[turn->side] += (uint32_t)turn->missing;
    else
        put_packet(w, turn->side, turn->kind == WD_CHUNK_END ? ACK | FIN : ACK, turn->bytes);
}

/* The first byte says whether the opening was captured. */
static void put_capture(struct wd_buf *out, struct wd_bytes script)
{
    static const uint32_t head[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 1 << 16, RAW_IP };
    struct writer w = { .out = out, .next = { 0xfffffff0, 1000 }, .ms = 1000 };
    struct turn turns[TURNS];
    size_t count = converse_script(wd_bytes_at(script.at + 1, script.len - 1), turns, TURNS);
    wd_buf_put(out, wd_bytes_at((const uint8_t *)head, sizeof head));
    if (script.at[0] & 1) {
        put_packet(&w, 0, SYN, (struct wd_bytes){ 0 });
        put_packet(&w, 1, SYN | ACK, (struct wd_bytes){ 0 });
    }
    for (size_t i = 0; i < count; i++)
        put_turn(&w, &turns[i]);
}

static bool is_capture(struct wd_bytes bytes)
{
    static const char *const magics[] = { "\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d",
                                          "\x0a\x0d\x0d\x0a" };
    for (size_t i = 0; i < WD_COUNT(magics); i++)
        if (wd_bytes_starts(bytes, magics[i]))
            return true;
    return false;
}

/* ---- along the road ---- */

static struct wd_profile *measure(struct wd_bytes capture, const struct wd_schema *names, bool must_be_read)
{
    struct wd_profile *p = NULL;
    struct wd_err err = { 0 };
    int rc = wd_measure_bytes(&config, names, capture, 0, &p, &err);
    assert((rc == WD_OK) == (p != NULL));
    assert(rc == WD_OK || !must_be_read);
    if (rc != WD_OK)
        sound_check_error(rc, &err, "memory");
    return p;
}

static void check_summary(const struct wd_audit *audit)
{
    const struct wd_summary *s = &audit->summary;
    uint64_t sum = 0;
    for (int v = 0; v < WD_VERDICT_COUNT; v++)
        sum += s->verdict_bytes[v];
    assert(s->payload_bytes == audit->profile->payload_bytes && sum == s->payload_bytes);
    assert(s->removable_bytes <= s->payload_bytes);
    assert(s->errors + s->warnings + s->notes == audit->finding_count && s->suppressed == audit->suppressed_count);
    for (size_t i = 0; i < audit->finding_count; i++)
        assert(audit->findings[i].saves_bytes <= s->payload_bytes && audit->findings[i].text.len);
}

static void check_printed(const struct wd_audit *audit, size_t choice)
{
    static const struct wd_style style = { .columns = 80 };
    enum wd_format format = (enum wd_format)(choice % WD_FORMAT_COUNT);
    const struct wd_report report = { .audit = audit, .title = wd_bytes_of("t") };
    struct wd_buf out = { 0 };
    if (wd_formats_audit & 1u << format)
        wd_print_audit(&out, audit, format, &style);
    else if (wd_formats_report & 1u << format)
        wd_print_report(&out, &report, format, &style);
    else
        wd_print_profile(&out, audit->profile, format, &style);
    assert(out.len > 0);
    wd_buf_free(&out);
}

/* By what nobody reads alone, or also by what never changes. */
static void check_pruned(const struct wd_audit *audit, enum wd_edit_stage stage, size_t rule_count)
{
    static const char *const rules[] = { "WD101", "WD102", "WD201", "WD202", "WD203" };
    struct wd_err err = { 0 };
    struct wd_prune_plan plan;
    struct wd_edit_result *results;
    struct wd_proof proof;
    int rc = wd_prune_plan(audit, rules, rule_count, stage, audit->arena, &plan, &err);
    assert(rc == WD_OK || rc == WD_EUSAGE);
    if (rc != WD_OK)
        return;   /* no message would be left */
    rc = wd_edit_apply(audit->schema, plan.targets, plan.target_count, stage, audit->arena, &results, &err);
    assert(rc == WD_OK);
    rc = wd_prune_prove(audit, &plan, stage, results, audit->arena, &proof, &err);
    assert(rc == WD_OK && proof.parses && proof.differs_exactly && proof.reads_remain && proof.fits);
    wd_prune_free(&proof);
}

static void check_findings(struct wd_profile *profile, const struct wd_binding *bindings, size_t choice)
{
    struct wd_err err = { 0 };
    struct wd_audit audit = { .arena = wd_arena_open(), .config = &config, .profile = profile, .usage = &usage,
                              .schema = bindings ? schema : NULL, .bindings = bindings };
    int rc = wd_audit_run(&audit, &err);
    assert(rc == WD_OK);
    check_summary(&audit);
    check_printed(&audit, choice);
    if (bindings)
        check_pruned(&audit, choice & 1 ? WD_EDIT_DEPRECATE : WD_EDIT_REMOVE, choice & 2 ? 5 : 2);
    wd_arena_close(audit.arena);
}

/* Asking and writing take far longer than measuring: each run does one of them. The input's length says which, and
 * whether there is a schema. */
static void walk(struct wd_bytes capture, bool must_be_read, size_t choice)
{
    struct wd_binding *bindings = NULL;
    struct wd_err err = { 0 };
    struct wd_profile *p = measure(capture, choice & 1 ? schema : NULL, must_be_read);
    if (!p)
        return;
    if (choice & 1) {
        int rc = wd_measure_bind(&p, schema, &bindings, &err);
        assert(rc == WD_OK);
    }
    if (choice & 2)
        sound_check(p, &config.limits);
    else
        check_findings(p, bindings, choice / 4);
    wd_profile_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_bytes input = wd_bytes_at(data, size);
    struct wd_buf capture = { 0 };
    if (!schema)
        read_world();
    if (size == 0)
        return 0;
    bool is_file = is_capture(input);
    if (!is_file)
        put_capture(&capture, input);
    walk(is_file ? input : wd_buf_bytes(&capture), !is_file, size);
    wd_buf_free(&capture);
    return 0;
}
