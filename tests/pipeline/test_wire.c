/* What fields cost once compressed, on real traffic: of each message the fields' bits are the message's, to the bit, however the
 * streams were cut; and they say what they are for: a constant is cheap, a random value is not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../message/replay.h"
#include "base/arena.h"
#include "base/file.h"
#include "field/codec.h"
#include "field/cost.h"
#include "message/messages.h"
#include "pipeline/measure.h"
#include "stream/tls.h"
#include "usage/config.h"
#include "tests/dice.h"

/* --- of each message --- */

struct run {
    struct wd_limits limits;
    struct wd_ledger ledger;
    struct wd_connection_counts counts;
    struct wd_messages *messages;
    struct wd_tls *tls;
    struct wd_paths *paths;
    struct wd_tape tape;
    uint32_t piece;             /* streams are cut into pieces of up to so many bytes; 0: as they come */
    struct wd_buf costs;        /* of every field of every message */
    uint64_t compressed;        /* messages */
};

static int on_opened(void *ctx, struct wd_channel *channel, int64_t ts_ns)
{
    (void)ctx, (void)channel, (void)ts_ns;
    return 0;
}

static int on_message(void *ctx, const struct wd_message *m)
{
    struct run *run = ctx;
    uint64_t bits = 8 * m->wire_len + m->odd_bits, sum = 0, costs[4000];
    wd_codec_choose(wd_bytes_at(NULL, 0), NULL, m->body, m->is_text)->walk(m->body, NULL, run->paths, &run->limits, &run->tape);
    assert_in_range(run->tape.count, 1, WD_COUNT(costs));
    wd_tape_cost(&run->tape, m->body_len, m->marks, bits, costs);
    for (uint32_t i = 0; i < run->tape.count; i++)
        sum += costs[i];
    assert_int_equal(sum, bits);
    wd_buf_put(&run->costs, wd_bytes_at(costs, run->tape.count * sizeof *costs));
    run->compressed += m->marks.at != NULL;
    return 0;
}

static void on_closed(void *ctx, struct wd_channel *channel, int64_t ts_ns, bool is_last)
{
    (void)ctx, (void)channel, (void)ts_ns, (void)is_last;
}

static int on_chunk(void *ctx, const struct wd_chunk *chunk)
{
    struct run *run = ctx;
    struct wd_chunk part = *chunk;
    if (chunk->kind != WD_CHUNK_DATA || run->piece == 0)
        return wd_messages_feed(run->messages, chunk);
    for (size_t off = 0; off < chunk->bytes.len; off += part.bytes.len) {
        size_t n = 1 + dice(run->piece), left = chunk->bytes.len - off;
        part.bytes = wd_bytes_at(chunk->bytes.at + off, n < left ? n : left);
        assert_int_equal(wd_messages_feed(run->messages, &part), 0);
    }
    return 0;
}

static int on_tcp_chunk(void *ctx, const struct wd_chunk *chunk)
{
    return wd_tls_feed(((struct run *)ctx)->tls, chunk);
}

static void read_keys(struct wd_keylog *keylog, const char *name)
{
    const char *srcdir = getenv("srcdir");
    char path[500];
    struct wd_err err = { 0 };
    snprintf(path, sizeof path, "%s/testdata/%s", srcdir ? srcdir : ".", name);
    assert_int_equal(wd_keylog_read(keylog, path, &err), 0);
}

static void run_capture(struct run *run, const char *name, const char *keys, uint32_t piece)
{
    struct wd_tls_counts tls_counts = { 0 };
    struct wd_message_sink sink = { run, on_opened, on_message, on_closed, NULL };
    *run = (struct run){ .limits = wd_limits_default(), .piece = piece };
    run->paths = wd_paths_open(&run->limits, NULL);
    run->messages = wd_messages_open(&run->limits, &run->ledger, &run->counts, &sink);
    struct wd_keylog *keylog = wd_keylog_open(&run->limits);
    if (keys)
        read_keys(keylog, keys);
    run->tls = wd_tls_open(&run->limits, &run->ledger, &tls_counts, keylog, on_chunk, run);
    replay(name, &run->limits, &run->ledger, on_tcp_chunk, run);
    wd_tls_free(run->tls);
    wd_keylog_free(keylog);
    wd_messages_free(run->messages);
    wd_tape_free(&run->tape);
    wd_paths_close(run->paths);
}

static void test_each_message(void **state)
{
    (void)state;
    static const struct { const char *name, *keys; } captures[] = {
        { "captures/chat-deflate.pcapng", NULL }, { "captures/ticker-sse-gzip.pcapng", NULL },
        { "dashboard/deflate.pcapng", NULL },     { "captures/codings.pcapng", NULL },
        { "captures/vitals-tls13.pcapng", "captures/vitals-tls13.keylog" },   /* wss, deflated */
    };
    static const uint32_t pieces[] = { 1, 2, 7, 60, 900 };
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct run whole, cut;
        run_capture(&whole, captures[i].name, captures[i].keys, 0);
        assert_true(whole.compressed >= 140);
        for (size_t k = 0; k < WD_COUNT(pieces); k++) {
            run_capture(&cut, captures[i].name, captures[i].keys, pieces[k]);
            assert_int_equal(cut.compressed, whole.compressed);
            assert_true(wd_bytes_eq(wd_buf_bytes(&cut.costs), wd_buf_bytes(&whole.costs)));
            wd_buf_free(&cut.costs);
        }
        wd_buf_free(&whole.costs);
    }
}

/* --- what they are for --- */

/* Members of the naive server's metrics as they follow each other; null: something else does. */
static const char *const in_order[] = {
    "type", "schemaVersion", "seq", "ts", "session", "session.token", "session.locale", "host", "host.hostname", "host.region", "host.os",
    "host.kernel", "owner", "owner.name", "owner.email", "owner.phone", "owner.team", "cpu", "cpu.user", NULL,
    "memory", "memory.total", "memory.used", "memory.free", "memory.cached", "requests", "requests.perSecond", NULL,
    "flags", "flags.canary", "flags.darkLaunch", "flags.readOnly", "build", "build.version", "build.commit", "build.branch",
    "build.compiler", "thresholds", "thresholds.cpu", "thresholds.memory", "thresholds.disk", "links", "links.runbook", "links.logs",
    "maintenanceUntil", "debug", "traceId",
};

static const struct wd_row *row_at(const struct wd_type_profile *type, const char *path)
{
    for (size_t r = 0; r < type->row_count; r++)
        if (wd_bytes_is(type->rows[r].path, path))
            return &type->rows[r];
    fail_msg("no %s", path);
    return NULL;
}

/* A container's own bytes are never anything else. */
static bool is_constant(const struct wd_row *row)
{
    return row->changed == 0;
}

static double share_of(const struct wd_row *row)
{
    return (double)row->wire_bits / 8 / (double)wd_row_bytes(row);
}

static void require_below(const struct wd_row *row, double most)
{
    if (share_of(row) >= most)
        fail_msg("%.*s costs %.1f %% of its bytes", (int)row->path.len, (const char *)row->path.at, 100 * share_of(row));
}

static void test_constants_are_cheap(void **state)
{
    (void)state;
    const char *srcdir = getenv("srcdir");
    struct wd_config config = wd_config_default();
    struct wd_arena *arena = wd_arena_open();
    struct wd_bytes file = wd_arena_printf(arena, "%s/testdata/dashboard/deflate.pcapng", srcdir ? srcdir : "."), bytes;
    struct wd_profile *p = NULL;
    struct wd_err err = { 0 };
    assert_int_equal(wd_file_read((const char *)file.at, UINT64_MAX, arena, &bytes, &err), 0);
    assert_int_equal(wd_measure_bytes(&config, NULL, bytes, 0, &p, &err), 0);
    const struct wd_type_profile *type = NULL;
    for (size_t t = 0; t < p->type_count; t++)
        if (wd_bytes_is(p->types[t].name, "metrics"))
            type = &p->types[t];
    assert_non_null(type);
    assert_false(type->is_wire_estimated);
    unsigned constants = 0, surrounded = 0;
    for (size_t r = 0; r < type->row_count; r++) {
        const struct wd_row *row = &type->rows[r];
        if (!is_constant(row) || row->compared == 0 || wd_row_bytes(row) < 8 * row->present)
            continue;
        constants++;
        require_below(row, 0.16);
    }
    for (size_t i = 1; i + 1 < WD_COUNT(in_order); i++) {
        if (!in_order[i - 1] || !in_order[i] || !in_order[i + 1])
            continue;
        const struct wd_row *row = row_at(type, in_order[i]);
        if (!is_constant(row_at(type, in_order[i - 1])) || !is_constant(row) || !is_constant(row_at(type, in_order[i + 1])))
            continue;
        surrounded++;
        require_below(row, 0.03);
    }
    assert_true(constants > 25 && surrounded > 20);
    /* 32 random hexadecimal digits are 16 bytes of news and two quotes; their key is a constant like others. */
    const struct wd_row *random = row_at(type, "traceId");
    assert_true(random->changed == random->compared && random->wire_bits > 0.6 * 8 * (double)random->value_bytes);
    wd_profile_free(p);
    wd_arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_message), cmocka_unit_test(test_constants_are_cheap) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
