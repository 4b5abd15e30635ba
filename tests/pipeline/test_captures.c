/* Real captures, whole and maltreated: the ledger balances on all of them; reordering, duplication and another segmentation change
 * no message, no field and no count; parts split by connection merge into the whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "pipeline/measure.h"
#include "profile/merge.h"
#include "usage/config.h"

static const char *const captures[] = {
    "captures/dashboard-naive", "captures/dashboard-diet", "captures/chat-deflate", "captures/ticker-sse-plain",
    "captures/ticker-sse-gzip", "captures/storm-fixed", "captures/storm-backoff", "captures/vitals-tls12-dsb",
    "captures/vitals-tls13-dsb", "captures/line-grpc", "captures/codings", "dashboard/naive", "dashboard/diet",
    "dashboard/deflate",
};

static struct wd_config config;
static struct wd_arena *arena;

/* --- pcapng blocks, little-endian as dumpcap writes them --- */

enum { ENHANCED_PACKET = 6, ETHERNET = 14 };

struct packets {
    struct wd_bytes head;       /* section header and interfaces */
    struct wd_bytes *at;        /* whole blocks */
    size_t count, cap;
};

static uint32_t le32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static struct wd_bytes read_file(const char *name, const char *suffix)
{
    const char *srcdir = getenv("srcdir");
    struct wd_bytes file = wd_arena_printf(arena, "%s/testdata/%s%s", srcdir ? srcdir : ".", name, suffix), bytes = { 0 };
    struct wd_err err = { 0 };
    if (wd_file_read((const char *)file.at, UINT64_MAX, arena, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

static struct wd_bytes read_capture(const char *name)
{
    return read_file(name, ".pcapng");
}

static struct packets split(struct wd_bytes capture)
{
    struct packets p = { 0 };
    for (size_t off = 0; capture.len - off >= 12;) {
        uint32_t type = le32(capture.at + off), len = le32(capture.at + off + 4);
        if (type == ENHANCED_PACKET) {
            WD_GROW(p.at, p.count, p.cap);
            p.at[p.count++] = wd_bytes_at(capture.at + off, len);
        } else if (!p.count) {
            p.head = wd_bytes_at(capture.at, off + len);
        }
        off += len;
    }
    return p;
}

static struct wd_bytes join(const struct packets *p)
{
    struct wd_buf out = { 0 };
    wd_buf_put(&out, p->head);
    for (size_t i = 0; i < p->count; i++)
        wd_buf_put(&out, p->at[i]);
    struct wd_bytes kept = wd_arena_copy(arena, wd_buf_bytes(&out));
    wd_buf_free(&out);
    return kept;
}

/* --- running --- */

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void assert_balanced(const struct wd_profile *p, const char *name)
{
    struct wd_buf why = { 0 };
    if (!wd_profile_balances(p, &why))
        fail_msg("%s: %s", name, wd_buf_cstr(&why));
    wd_buf_free(&why);
}

static struct wd_profile *measure(struct wd_bytes bytes, size_t piece, const char *name)
{
    struct wd_profile *p = NULL;
    struct wd_err err = { 0 };
    if (wd_measure_bytes(&config, NULL, bytes, piece, &p, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    assert_balanced(p, name);
    return p;
}

static void put_row(struct wd_buf *out, const struct wd_row *r)
{
    wd_buf_puts(out, "  ");
    wd_buf_put(out, r->path);
    wd_buf_printf(out, " present %" PRIu64 " occurrences %" PRIu64 " key %" PRIu64 " value %" PRIu64 " syntax %" PRIu64 " space %" PRIu64
                  " compared %" PRIu64 " changed %" PRIu64 " toggled %" PRIu64 " beyond %" PRIu64 " repeated %" PRIu64 " distinct %" PRIu64
                  " series %" PRIu64 "/%" PRIu64 " equals %zu bits %" PRIu64,
                  r->present, r->occurrences, r->key_bytes, r->value_bytes, r->syntax_bytes, r->space_bytes, r->compared, r->changed,
                  r->toggled, r->changed_beyond, r->repeated_bytes, r->distinct, r->series, r->constant_series, r->equals_count, r->wire_bits);
    for (int t = 0; t < WD_TYPE_COUNT; t++)
        wd_buf_printf(out, " %" PRIu64, r->types[t]);
    for (int s = 0; s < WD_SHAPE_COUNT; s++)
        if (r->shapes[s])
            wd_buf_printf(out, " %s %" PRIu64, wd_shape_names[s], r->shapes[s]);
    wd_buf_byte(out, '\n');
}

/* All that does not depend on when packets came or which were sent twice. */
static void put_profile(struct wd_buf *out, const struct wd_profile *p)
{
    wd_buf_printf(out, "messages %" PRIu64 " payload %" PRIu64 " wire %" PRIu64 " connections %" PRIu64 " opened %" PRIu64
                  " pings %" PRIu64 " pongs %" PRIu64 " closes %" PRIu64 "\n", p->messages, p->payload_bytes, p->wire_payload_bytes,
                  p->connections, p->counts.opened, p->counts.pings, p->counts.pongs, p->counts.closes);
    wd_buf_printf(out, "tls %" PRIu64 " decrypted %" PRIu64 " records %" PRIu64 "\n", p->tls.connections, p->tls.decrypted,
                  p->tls.records);
    for (size_t i = 0; i < p->tls.kind_count; i++)
        if (p->tls.kinds[i].connections)
            wd_buf_printf(out, "%04x %04x %" PRIu64 " %" PRIu64 "\n", p->tls.kinds[i].version, p->tls.kinds[i].suite,
                          p->tls.kinds[i].connections, p->tls.kinds[i].decrypted);
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        wd_buf_put(out, type->channel);
        wd_buf_printf(out, " %s ", wd_direction_names[type->direction]);
        wd_buf_put(out, type->name);
        wd_buf_printf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64 " of %" PRIu64 "\n", type->count, type->payload_bytes,
                      type->repeated_messages, type->compared_messages);
        for (size_t r = 0; r < type->row_count; r++)
            put_row(out, &type->rows[r]);
    }
}

static void assert_same(const struct wd_profile *a, const struct wd_profile *b, const char *name)
{
    struct wd_buf x = { 0 }, y = { 0 };
    put_profile(&x, a);
    put_profile(&y, b);
    size_t at = 0;
    while (at < x.len && at < y.len && x.at[at] == y.at[at])
        at++;
    if (at < x.len || at < y.len) {
        size_t start = at > 200 ? at - 200 : 0;
        fail_msg("%s differs at:\n%.300s\n--- against ---\n%.300s", name, wd_buf_cstr(&x) + start, wd_buf_cstr(&y) + start);
    }
    wd_buf_free(&x);
    wd_buf_free(&y);
}

/* --- the tests --- */

static void test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        struct wd_profile *whole = measure(bytes, 0, captures[i]), *pieces = measure(bytes, 997, captures[i]);
        assert_true(whole->messages > 0);
        assert_same(whole, pieces, captures[i]);
        wd_profile_free(whole);
        wd_profile_free(pieces);
    }
}

/* What no schema and no media type tells: MessagePack is seen to be it, and nothing else is taken for it or for CBOR. */
static void test_codecs(void **state)
{
    (void)state;
    static const char *const others[] = { "public/arkime-websocket", "public/zeek-broker-websocket", "public/zeek-two-binary-fragments",
                                          "public/arkime-http2-nghttp2", "captures/desk-ws-msgpack", "captures/desk-ws-protobuf",
                                          "captures/home-panel" };
    for (size_t i = 0; i < WD_COUNT(captures) + WD_COUNT(others); i++) {
        const char *name = i < WD_COUNT(captures) ? captures[i] : others[i - WD_COUNT(captures)];
        bool is_msgpack = strcmp(name, "captures/desk-ws-msgpack") == 0;
        struct wd_profile *p = measure(read_file(name, name[0] == 'p' ? ".pcap" : ".pcapng"), 0, name);
        for (size_t t = 0; t < p->type_count; t++)
            if (is_msgpack != !strcmp(p->types[t].codec, "msgpack") || !strcmp(p->types[t].codec, "cbor"))
                fail_msg("%s: %s", name, p->types[t].codec);
        wd_profile_free(p);
    }
}

static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        for (int round = 0; round < 200; round++) {
            struct wd_profile *p = NULL;
            struct wd_err err = { 0 };
            struct wd_bytes cut = wd_bytes_at(bytes.at, next_random() % bytes.len);
            int rc = wd_measure_bytes(&config, NULL, cut, 0, &p, &err);
            assert_true(rc == WD_OK || (rc == WD_EPARSE && cut.len < 200));
            if (rc == WD_OK)
                assert_balanced(p, captures[i]);
            wd_profile_free(p);
        }
    }
}

static void maltreat(struct packets *p, bool drops)
{
    struct packets out = { .head = p->head };
    for (size_t i = 0; i < p->count; i++) {
        uint64_t dice = next_random() % 300;
        if (drops && dice < 3)
            continue;
        for (int copies = dice >= 3 && dice < 6 ? 2 : 1; copies; copies--) {
            WD_GROW(out.at, out.count, out.cap);
            out.at[out.count++] = p->at[i];
        }
        size_t back = 1 + next_random() % 5;
        if (dice >= 6 && dice < 9 && out.count > back) {
            struct wd_bytes moved = out.at[out.count - 1 - back];
            out.at[out.count - 1 - back] = out.at[out.count - 1];
            out.at[out.count - 1] = moved;
        }
    }
    wd_free(p->at);
    *p = out;
}

static void test_dropped(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        for (int round = 0; round < 10; round++) {
            struct packets p = split(bytes);
            maltreat(&p, true);
            wd_profile_free(measure(join(&p), 0, captures[i]));
            wd_free(p.at);
        }
    }
}

static void test_reordered_and_duplicated(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        struct wd_profile *whole = measure(bytes, 0, captures[i]);
        for (int round = 0; round < 10; round++) {
            struct packets p = split(bytes);
            maltreat(&p, false);
            struct wd_profile *other = measure(join(&p), 0, captures[i]);
            assert_same(whole, other, captures[i]);
            wd_profile_free(other);
            wd_free(p.at);
        }
        wd_profile_free(whole);
    }
}

/* --- all packets twice, as mirrors and many interfaces give them --- */

enum way { AGAIN, ROUTED, TAGGED, WRAPPED, WAYS };
static const char *const way_names[] = { "again", "routed", "tagged", "wrapped" };

/* A block with another frame in it. */
static struct wd_bytes reframe(struct wd_bytes block, struct wd_bytes frame)
{
    size_t padded = (frame.len + 3) & ~(size_t)3, total = 28 + padded + 4;
    uint8_t *out = wd_arena_alloc(arena, total);
    memcpy(out, block.at, 28);
    memcpy(out + 28, frame.at, frame.len);
    put_le32(out + 4, (uint32_t)total);
    put_le32(out + 20, (uint32_t)frame.len);
    put_le32(out + 24, (uint32_t)frame.len);
    put_le32(out + total - 4, (uint32_t)total);
    return wd_bytes_at(out, total);
}

static struct wd_bytes see_otherwise(struct wd_bytes block, enum way way)
{
    static const uint8_t tag[] = { 0x81, 0, 0, 7 };
    static const uint8_t tunnel[] = {
        2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 8, 0, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 168, 0, 1, 192, 168, 0, 2,
        0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 42, 0,
    };
    struct wd_bytes frame = wd_bytes_at(block.at + 28, le32(block.at + 20));
    struct wd_buf out = { 0 };
    if (way == WRAPPED)
        wd_buf_put(&out, wd_bytes_at(tunnel, sizeof tunnel));
    wd_buf_put(&out, wd_bytes_at(frame.at, 12));
    if (way == TAGGED)
        wd_buf_put(&out, wd_bytes_at(tag, sizeof tag));
    wd_buf_put(&out, wd_bytes_at(frame.at + 12, frame.len - 12));
    if (way == ROUTED) {
        memcpy(out.at, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
        out.at[ETHERNET + 8]--;
        out.at[ETHERNET + 10] ^= 1;
    }
    struct wd_bytes seen = reframe(block, wd_buf_bytes(&out));
    wd_buf_free(&out);
    return seen;
}

/* Each packet again, behind the `delay`th after it. Of what one side sends the copy comes first, if `is_crossed`. */
static struct packets doubled(const struct packets *p, enum way way, size_t delay, bool is_crossed)
{
    struct packets out = { .head = p->head };
    for (size_t i = 0; i < p->count + delay; i++) {
        for (size_t k = 0; k < 2; k++) {
            size_t at = k ? i - delay : i;
            if (at >= p->count)   /* below 0, too */
                continue;
            const uint8_t *tcp = p->at[at].at + 28 + ETHERNET + (p->at[at].at[28 + ETHERNET] & 15u) * 4;
            bool is_turned = is_crossed && memcmp(tcp, tcp + 2, 2) < 0;
            WD_GROW(out.at, out.count, out.cap);
            out.at[out.count++] = (k == 1) != is_turned ? see_otherwise(p->at[at], way) : p->at[at];
        }
    }
    return out;
}

static uint64_t bytes_once(const struct wd_profile *p)
{
    return p->ledger.captured_bytes - p->ledger.layer[WD_LAYER_DUPLICATE] - p->ledger.layer[WD_LAYER_LINK];
}

static void test_doubled(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        struct wd_profile *whole = measure(bytes, 0, captures[i]);
        struct packets p = split(bytes);
        for (unsigned n = 0; n < WAYS * 4; n++) {
            struct packets twice = doubled(&p, n / 4, n % 2 ? 10 : 0, n & 2);
            struct wd_profile *other = measure(join(&twice), 0, captures[i]);
            char name[64];
            snprintf(name, sizeof name, "%s, %s, %u", captures[i], way_names[n / 4], n % 4);
            assert_same(whole, other, name);
            assert_int_equal(bytes_once(other), bytes_once(whole));
            assert_int_equal(other->ledger.layer[WD_LAYER_RETRANSMITTED], whole->ledger.layer[WD_LAYER_RETRANSMITTED]);
            if (n / 4 == AGAIN)
                assert_int_equal(other->ledger.layer[WD_LAYER_DUPLICATE], whole->ledger.captured_bytes);
            wd_profile_free(other);
            wd_free(twice.at);
        }
        wd_profile_free(whole);
        wd_free(p.at);
    }
}

/* A block with the first `len` bytes of the payload from `skip` on, sequence number and lengths put right. */
static struct wd_bytes resegment(struct wd_bytes block, size_t payload_at, size_t skip, size_t len)
{
    size_t frame = payload_at - 28 + len, padded = (frame + 3) & ~(size_t)3, total = 28 + padded + 4;
    uint8_t *out = wd_arena_alloc(arena, total);
    memcpy(out, block.at, payload_at);
    memcpy(out + payload_at, block.at + payload_at + skip, len);
    put_le32(out + 4, (uint32_t)total);
    put_le32(out + 20, (uint32_t)frame);
    put_le32(out + 24, (uint32_t)frame);
    put_le32(out + total - 4, (uint32_t)total);
    uint8_t *ip = out + 28 + ETHERNET, *tcp = ip + (ip[0] & 15) * 4;
    size_t ip_len = frame - ETHERNET;
    ip[2] = (uint8_t)(ip_len >> 8);
    ip[3] = (uint8_t)ip_len;
    uint32_t seq = ((uint32_t)tcp[4] << 24 | tcp[5] << 16 | tcp[6] << 8 | tcp[7]) + (uint32_t)skip;
    for (int i = 0; i < 4; i++)
        tcp[4 + i] = (uint8_t)(seq >> (24 - 8 * i));
    return wd_bytes_at(out, total);
}

static void put_pieces(struct packets *out, struct wd_bytes block)
{
    const uint8_t *ip = block.at + 28 + ETHERNET;
    size_t captured = le32(block.at + 20);
    size_t payload_at = 28 + ETHERNET + (ip[0] & 15u) * 4;
    payload_at += (block.at[payload_at + 12] >> 4) * 4u;
    size_t len = 28 + captured - payload_at;
    for (size_t skip = 0, n; skip < len || skip == 0; skip += n) {
        n = len ? 1 + next_random() % 700 : 1;
        n = n < len - skip ? n : len - skip;
        WD_GROW(out->at, out->count, out->cap);
        out->at[out->count++] = len ? resegment(block, payload_at, skip, n) : block;
        if (!len)
            return;
    }
}

static void test_resegmented(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        struct packets p = split(bytes), out = { .head = p.head };
        for (size_t k = 0; k < p.count; k++)
            put_pieces(&out, p.at[k]);
        struct wd_profile *whole = measure(bytes, 0, captures[i]), *other = measure(join(&out), 0, captures[i]);
        assert_true(out.count > p.count);
        assert_same(whole, other, captures[i]);
        wd_profile_free(whole);
        wd_profile_free(other);
        wd_free(p.at);
        wd_free(out.at);
    }
}

static unsigned part_of(struct wd_bytes block, unsigned parts)
{
    const uint8_t *ip = block.at + 28 + ETHERNET, *tcp = ip + (ip[0] & 15) * 4;
    unsigned a = (unsigned)(tcp[0] << 8 | tcp[1]), b = (unsigned)(tcp[2] << 8 | tcp[3]);
    return (a > b ? a : b) % parts;
}

enum { PARTS = 3 };

static void test_merge(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(captures); i++) {
        struct wd_bytes bytes = read_capture(captures[i]);
        struct packets all = split(bytes);
        struct wd_profile *parts[PARTS], *turned[PARTS], *whole = measure(bytes, 0, captures[i]);
        struct wd_buf note = { 0 };
        for (unsigned n = 0; n < PARTS; n++) {
            struct packets some = { .head = all.head };
            for (size_t k = 0; k < all.count; k++) {
                if (part_of(all.at[k], PARTS) == n) {
                    WD_GROW(some.at, some.count, some.cap);
                    some.at[some.count++] = all.at[k];
                }
            }
            parts[n] = measure(join(&some), 0, captures[i]);
            wd_free(some.at);
        }
        struct wd_profile *merged = wd_profile_merge(parts, PARTS, &note);
        assert_balanced(merged, captures[i]);
        assert_same(whole, merged, captures[i]);
        assert_memory_equal(&whole->ledger, &merged->ledger, sizeof whole->ledger);
        struct wd_profile *pair = wd_profile_merge(parts, 2, &note);  /* associative and commutative */
        turned[0] = parts[2];
        turned[1] = pair;
        struct wd_profile *again = wd_profile_merge(turned, 2, &note);
        assert_same(merged, again, captures[i]);
        assert_int_equal(note.len, 0);
        for (int n = 0; n < PARTS; n++)
            wd_profile_free(parts[n]);
        wd_profile_free(pair);
        wd_profile_free(again);
        wd_profile_free(merged);
        wd_profile_free(whole);
        wd_buf_free(&note);
        wd_free(all.at);
    }
}

/* HTTP/2 with CONTINUATION and push, in a classic pcap: no message, but each byte of it understood. */
static struct packets split_classic(struct wd_bytes capture)
{
    struct packets p = { .head = wd_bytes_at(capture.at, 24) };
    for (size_t off = 24, len; capture.len - off >= 16; off += len) {
        len = 16 + le32(capture.at + off + 8);
        WD_GROW(p.at, p.count, p.cap);
        p.at[p.count++] = wd_bytes_at(capture.at + off, len);
    }
    return p;
}

static void test_pushed(void **state)
{
    (void)state;
    static const char name[] = "public/arkime-http2-nghttp2";
    struct wd_bytes bytes = read_file(name, ".pcap");
    struct wd_profile *whole = measure(bytes, 0, name);
    assert_int_equal(whole->ledger.layer[WD_LAYER_HTTP], 64897);   /* as tshark counts TCP payload */
    assert_int_equal(whole->ledger.layer[WD_LAYER_UNDECODED], 0);
    for (int round = 0; round < 100; round++) {
        struct packets p = split_classic(bytes);
        maltreat(&p, false);
        struct wd_profile *other = measure(join(&p), 0, name);
        assert_int_equal(other->ledger.layer[WD_LAYER_HTTP], whole->ledger.layer[WD_LAYER_HTTP]);
        wd_profile_free(other);
        maltreat(&p, true);
        wd_profile_free(measure(join(&p), 0, name));
        wd_free(p.at);
        wd_profile_free(measure(wd_bytes_at(bytes.at, 200 + next_random() % (bytes.len - 200)), 0, name));
    }
    wd_profile_free(whole);
}

/* gRPC without the first packets: every message that is left is found, as many as tshark counts in those packets are not,
 * and calls whose heads refer to headers sent since have their names. */
static void test_joined_late(void **state)
{
    (void)state;
    static const struct { size_t packets; uint64_t messages; } rows[] = { { 20, 4 }, { 50, 34 }, { 200, 180 } };
    static const char name[] = "captures/line-grpc";
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        struct packets p = split(read_capture(name));
        struct packets late = { .head = p.head, .at = p.at + rows[i].packets, .count = p.count - rows[i].packets };
        struct wd_profile *profile = measure(join(&late), 0, name);
        size_t named = 0;
        for (size_t t = 0; t < profile->type_count; t++)
            named += wd_bytes_is(profile->types[t].channel, "/plant.v1.LineMonitor/Acknowledge");
        assert_int_equal(profile->messages, 491 - rows[i].messages);
        assert_int_equal(named, 2);
        /* What cannot be resolved are references to headers: bytes, not messages. */
        assert_int_equal(profile->ledger.layer[WD_LAYER_UNDECODED], profile->ledger.reason_bytes[WD_REASON_INCOMPLETE]);
        assert_in_range(profile->ledger.layer[WD_LAYER_UNDECODED], 1, 100);
        wd_profile_free(profile);
        wd_free(p.at);
    }
}

static int clean(void **state)
{
    (void)state;
    wd_arena_reset(arena);
    return 0;
}

int main(void)
{
    config = wd_config_default();
    arena = wd_arena_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_pieces, clean), cmocka_unit_test_teardown(test_codecs, clean),
        cmocka_unit_test_teardown(test_cut, clean),
        cmocka_unit_test_teardown(test_dropped, clean), cmocka_unit_test_teardown(test_reordered_and_duplicated, clean),
        cmocka_unit_test_teardown(test_doubled, clean), cmocka_unit_test_teardown(test_resegmented, clean),
        cmocka_unit_test_teardown(test_merge, clean), cmocka_unit_test_teardown(test_pushed, clean),
        cmocka_unit_test_teardown(test_joined_late, clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wd_arena_close(arena);
    return failed;
}
