/* What two ends that libssl made say to each other comes out, with every suite that they can agree on, whatever TLS does
 * meanwhile, cut anywhere; and what cannot be read is counted under the right name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/arena.h"
#include "peer.h"
#include "stream/tls.h"

/* --- what crossed the wire, and what was meant --- */

struct turn { int side; size_t off, len; };

struct tape {
    struct wd_buf bytes;
    struct turn *turns;
    size_t count, cap;
    struct wd_buf said[2];
};

static void record(void *ctx, int side, struct wd_bytes bytes)
{
    struct tape *tape = ctx;
    WD_GROW(tape->turns, tape->count, tape->cap);
    tape->turns[tape->count++] = (struct turn){ side, tape->bytes.len, bytes.len };
    wd_buf_put(&tape->bytes, bytes);
}

static void free_tape(struct tape *tape)
{
    wd_buf_free(&tape->bytes);
    wd_buf_free(&tape->said[0]);
    wd_buf_free(&tape->said[1]);
    wd_free(tape->turns);
    *tape = (struct tape){ .count = 0 };
}

static struct wd_bytes turn_bytes(const struct tape *tape, size_t i)
{
    return wd_bytes_at(tape->bytes.at + tape->turns[i].off, tape->turns[i].len);
}

static bool say(struct peer *peer, struct tape *tape, int side, size_t len)
{
    static uint8_t text[40000];
    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)("abcdefghijklmnopqrstuvwxyz"[(i + tape->said[side].len) % 26]);
    wd_buf_put(&tape->said[side], wd_bytes_at(text, len));
    return peer_say(peer, side, wd_bytes_at(text, len));
}

static bool talk(struct peer *peer, struct tape *tape)
{
    static const size_t lengths[] = { 1, 15, 16, 17, 400, 1000, 16384, 20000 };
    for (size_t i = 0; i < WD_COUNT(lengths); i++)
        for (int side = 0; side < 2; side++)
            if (!say(peer, tape, side, lengths[i]))
                return false;
    return true;
}

/* --- reading it --- */

struct run {
    struct wd_limits limits;
    struct wd_ledger ledger;
    struct wd_tls_counts counts;
    struct wd_keylog *keylog;
    struct wd_tls *tls;
    struct wd_connection connection;
    struct wd_buf out[2];
    struct wd_buf events;        /* 'O' 'G' 'E' 'C' 'S' (sealed), and 'd' once for data in a row */
    uint64_t fed, data, gaps;
    bool was_encrypted;
    char alpn[33];
};

static int take(void *ctx, const struct wd_chunk *chunk)
{
    struct run *run = ctx;
    char event = "OdGECS"[chunk->kind];
    if (event != 'd' || !run->events.len || run->events.at[run->events.len - 1] != 'd')
        wd_buf_byte(&run->events, (uint8_t)event);
    run->gaps += chunk->kind == WD_CHUNK_GAP;
    if (chunk->kind != WD_CHUNK_DATA)
        return WD_OK;
    assert_true(chunk->bytes.len > 0);
    run->data += chunk->bytes.len;
    run->was_encrypted = chunk->connection->is_encrypted;
    snprintf(run->alpn, sizeof run->alpn, "%.*s", (int)chunk->connection->alpn.len,
             (const char *)chunk->connection->alpn.at);
    wd_buf_put(&run->out[chunk->side], chunk->bytes);
    return WD_OK;
}

static void send(struct run *run, enum wd_chunk_kind kind, int side, struct wd_bytes bytes, uint64_t missing)
{
    struct wd_chunk chunk = { &run->connection, kind, side, bytes, missing, 1, 1, false };
    run->fed += kind == WD_CHUNK_DATA ? bytes.len : 0;
    assert_int_equal(wd_tls_feed(run->tls, &chunk), WD_OK);
}

static struct run *begin(struct wd_bytes keylog)
{
    struct run *run = wd_alloc(sizeof *run);
    run->limits = wd_limits_default();
    run->keylog = wd_keylog_open(&run->limits);
    wd_keylog_begin(run->keylog, "keys.log", false);
    wd_keylog_feed(run->keylog, keylog);
    wd_keylog_end(run->keylog);
    run->tls = wd_tls_open(&run->limits, &run->ledger, &run->counts, run->keylog, take, run);
    run->connection = (struct wd_connection){ .id = 1, .client_by = WD_CLIENT_BY_PORT, .client = 1 };
    send(run, WD_CHUNK_OPEN, 0, wd_bytes_of(""), 0);
    return run;
}

/* Whatever happened: each byte went somewhere, and the counts agree with themselves. */
static void finish(struct run *run)
{
    send(run, WD_CHUNK_CLOSE, 0, wd_bytes_of(""), 0);
    assert_int_equal(run->fed, wd_ledger_sum(&run->ledger) + run->data);
    uint64_t connections = 0, decrypted = 0, records = 0, data_bytes = 0;
    for (size_t i = 0; i < run->counts.kind_count; i++) {
        connections += run->counts.kinds[i].connections;
        decrypted += run->counts.kinds[i].decrypted;
        records += run->counts.kinds[i].records[0] + run->counts.kinds[i].records[1];
        data_bytes += run->counts.kinds[i].data_bytes[0] + run->counts.kinds[i].data_bytes[1];
    }
    assert_int_equal(records, run->counts.records);
    assert_true(data_bytes <= run->fed);
    assert_int_equal(connections, run->counts.connections);
    assert_int_equal(decrypted, run->counts.decrypted);
    assert_int_equal(run->events.at[run->events.len - 1], 'C');
}

static void end(struct run *run)
{
    wd_tls_free(run->tls);
    wd_keylog_free(run->keylog);
    wd_buf_free(&run->out[0]);
    wd_buf_free(&run->out[1]);
    wd_buf_free(&run->events);
    wd_free(run);
}

static struct run *play(const struct tape *tape, struct wd_bytes keylog, size_t piece)
{
    struct run *run = begin(keylog);
    for (size_t i = 0; i < tape->count; i++) {
        struct wd_bytes all = turn_bytes(tape, i);
        for (size_t off = 0, n; off < all.len; off += n) {
            n = piece && piece < all.len - off ? piece : all.len - off;
            send(run, WD_CHUNK_DATA, tape->turns[i].side, wd_bytes_at(all.at + off, n), 0);
        }
    }
    finish(run);
    return run;
}

static void assert_events(const struct run *run, const char *events)
{
    assert_int_equal(run->events.len, strlen(events));
    assert_memory_equal(run->events.at, events, run->events.len);
    assert_int_equal(run->connection.is_sealed, strchr(events, 'S') != NULL);
}

static void assert_read(const struct tape *tape, struct wd_bytes keylog, size_t piece, const char *name)
{
    struct run *run = play(tape, keylog, piece);
    for (int side = 0; side < 2; side++)
        if (!wd_bytes_eq(wd_buf_bytes(&run->out[side]), wd_buf_bytes(&tape->said[side])))
            fail_msg("%s, in pieces of %zu: side %d said %zu bytes, %zu came out", name, piece, side,
                     tape->said[side].len, run->out[side].len);
    if (run->ledger.layer[WD_LAYER_UNDECODED])
        fail_msg("%s: %llu bytes undecoded", name, (unsigned long long)run->ledger.layer[WD_LAYER_UNDECODED]);
    assert_int_equal(run->gaps, 0);
    assert_events(run, "OdC");
    assert_true(run->was_encrypted);
    assert_int_equal(run->connection.client, PEER_CLIENT);
    assert_int_equal(run->counts.connections, 1);
    assert_int_equal(run->counts.decrypted, 1);
    assert_int_equal(wd_keylog_source(run->keylog, 0)->fits, 1);
    end(run);
}

static bool converse(const struct peer_wishes *wishes, struct tape *tape, struct wd_buf *keylog)
{
    struct peer peer;
    bool is_done = peer_open(&peer, wishes, record, tape) && peer_shake(&peer) && talk(&peer, tape);
    wd_buf_put(keylog, wd_buf_bytes(&peer.keylog));
    peer_close(&peer);
    return is_done;
}

static bool reads(const struct peer_wishes *wishes, const char *name)
{
    struct tape tape = { .count = 0 };
    struct wd_buf keylog = { 0 };
    bool is_done = converse(wishes, &tape, &keylog);
    if (is_done) {
        assert_read(&tape, wd_buf_bytes(&keylog), 0, name);
        assert_read(&tape, wd_buf_bytes(&keylog), 1, name);
        assert_read(&tape, wd_buf_bytes(&keylog), 1447, name);
    }
    wd_buf_free(&keylog);
    free_tape(&tape);
    return is_done;
}

/* --- what is read --- */

/* Every suite of TLS 1.2 that libssl has; those that encrypt nothing, or that need more than two keys, are others' tests. */
static void test_suites_12(void **state)
{
    static const char *const lists[] = { "ALL:!eNULL:!SRP:!kRSAPSK@SECLEVEL=0", "PSK:!eNULL@SECLEVEL=0" };
    static const uint64_t options[] = { 0, SSL_OP_NO_ENCRYPT_THEN_MAC | SSL_OP_NO_EXTENDED_MASTER_SECRET };
    unsigned read = 0, cbc = 0, ccm = 0;
    (void)state;
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    for (size_t l = 0; l < WD_COUNT(lists); l++) {
        SSL_CTX_set_cipher_list(ctx, lists[l]);
        STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(ctx);
        for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
            const char *name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(suites, i));
            for (size_t o = 0; o < WD_COUNT(options); o++) {
                const struct peer_wishes wishes = {
                    .version = TLS1_2_VERSION, .cipher = name, .options = options[o]};
                bool is_read = reads(&wishes, name);
                read += is_read;
                cbc += is_read && !SSL_CIPHER_is_aead(sk_SSL_CIPHER_value(suites, i));
                ccm += is_read && strstr(name, "CCM");
            }
        }
    }
    SSL_CTX_free(ctx);
    assert_true(read > 100 && cbc > 40 && ccm > 10);
}

static void test_suites_13(void **state)
{
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
                                         "TLS_AES_128_CCM_8_SHA256"};
    (void)state;
    for (size_t i = 0; i < WD_COUNT(suites); i++)
        assert_true(reads(&(struct peer_wishes){.version = TLS1_3_VERSION, .cipher = suites[i]}, suites[i]));
}

static void test_shapes(void **state)
{
    static const struct { const char *name; struct peer_wishes wishes; } shapes[] = {
        { "small records 1.2", { .version = TLS1_2_VERSION, .fragment = 512 } },
        { "small records 1.3", { .version = TLS1_3_VERSION, .fragment = 512 } },
        { "padding", { .version = TLS1_3_VERSION, .padding = 512 } },
        { "retry", { .version = TLS1_3_VERSION, .client_groups = "X25519:P-256", .server_groups = "P-256" } },
        { "no middlebox", { .version = TLS1_3_VERSION, .options = SSL_OP_NO_TICKET } },
    };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(shapes); i++)
        assert_true(reads(&shapes[i].wishes, shapes[i].name));
}

static void test_alpn(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(versions); i++) {
        struct tape tape = { .count = 0 };
        struct wd_buf keylog = { 0 };
        assert_true(
            converse(&(struct peer_wishes){.version = versions[i], .alpn = "\x02h2"}, &tape, &keylog));
        struct run *run = play(&tape, wd_buf_bytes(&keylog), 0);
        assert_string_equal(run->alpn, "h2");
        end(run);
        wd_buf_free(&keylog);
        free_tape(&tape);
    }
}

/* Kept only where that was asked for; a second hello of the same connection asks for nothing new. */
static void test_server_names(void **state)
{
    static const struct peer_wishes wishes[] = {
        { .version = TLS1_2_VERSION, .server_name = "one.example" },
        { .version = TLS1_3_VERSION, .server_name = "one.example", .client_groups = "X25519:P-384", .server_groups = "P-384" },
        { .version = TLS1_3_VERSION, .server_name = "two.example" },
        { .version = TLS1_3_VERSION },
    };
    struct run *run = begin(wd_bytes_of(""));
    struct wd_connection connections[WD_COUNT(wishes)] = { { .id = 0 } };
    (void)state;
    assert_null(wd_tls_names(run->tls));
    wd_tls_keep_names(run->tls);
    for (size_t i = 0; i < WD_COUNT(wishes); i++) {
        struct tape tape = { .count = 0 };
        struct peer peer;
        assert_true(peer_open(&peer, &wishes[i], record, &tape) && peer_shake(&peer));
        for (size_t t = 0; t < tape.count; t++)
            wd_tls_feed(run->tls, &(struct wd_chunk){ .connection = &connections[i], .kind = WD_CHUNK_DATA,
                                                      .side = tape.turns[t].side, .bytes = turn_bytes(&tape, t) });
        wd_tls_feed(run->tls, &(struct wd_chunk){ .connection = &connections[i], .kind = WD_CHUNK_CLOSE });
        peer_close(&peer);
        free_tape(&tape);
    }
    const struct wd_map *names = wd_tls_names(run->tls);
    assert_int_equal(wd_map_count(names), 2);
    assert_int_equal(*wd_map_get(names, wd_bytes_of("one.example")), 2);
    assert_int_equal(*wd_map_get(names, wd_bytes_of("two.example")), 1);
    end(run);
}

static void test_updates(void **state)
{
    struct tape tape = { .count = 0 };
    struct peer peer;
    (void)state;
    assert_true(peer_open(&peer, &(struct peer_wishes){.version = TLS1_3_VERSION}, record, &tape) &&
                peer_shake(&peer));
    for (int i = 0; i < 6; i++) {
        assert_true(say(&peer, &tape, i % 2, 300));
        assert_true(peer_update(&peer, (i / 2) % 2, i % 3 == 0));
        assert_true(say(&peer, &tape, 0, 200) && say(&peer, &tape, 1, 200));
    }
    assert_read(&tape, wd_buf_bytes(&peer.keylog), 0, "updates");
    assert_read(&tape, wd_buf_bytes(&peer.keylog), 7, "updates");
    peer_close(&peer);
    free_tape(&tape);
}

static void test_renegotiation(void **state)
{
    struct tape tape = { .count = 0 };
    struct peer peer;
    (void)state;
    assert_true(peer_open(&peer, &(struct peer_wishes){.version = TLS1_2_VERSION}, record, &tape) &&
                peer_shake(&peer));
    assert_true(talk(&peer, &tape) && peer_renegotiate(&peer) && talk(&peer, &tape));
    assert_read(&tape, wd_buf_bytes(&peer.keylog), 0, "renegotiation");
    peer_close(&peer);
    free_tape(&tape);
}

/* A ticket from a first session; the second resumes it, with early data where it may. */
static void resume(int version, bool is_early, bool is_refused, const char *name)
{
    struct tape first = { .count = 0 }, second = { .count = 0 };
    struct peer a, b;
    assert_true(peer_open(&a, &(struct peer_wishes){.version = version}, record, &first) && peer_shake(&a) &&
                talk(&a, &first));
    assert_non_null(a.session);
    struct peer_wishes wishes = { .version = version, .session = a.session, .refuses_early = is_refused };
    assert_true(peer_open(&b, &wishes, record, &second));
    if (is_early) {
        assert_true(peer_say_early(&b, wd_bytes_of("early bird")));
        if (!is_refused)
            wd_buf_puts(&second.said[PEER_CLIENT], "early bird");
    }
    assert_true(peer_shake(&b));
    assert_true(SSL_session_reused(b.ssl[PEER_CLIENT]));
    if (is_early)
        assert_int_equal(SSL_get_early_data_status(b.ssl[PEER_CLIENT]),
                         is_refused ? SSL_EARLY_DATA_REJECTED : SSL_EARLY_DATA_ACCEPTED);
    assert_true(talk(&b, &second));
    assert_read(&second, wd_buf_bytes(&b.keylog), 0, name);
    assert_read(&second, wd_buf_bytes(&b.keylog), 3, name);
    peer_close(&a);
    peer_close(&b);
    free_tape(&first);
    free_tape(&second);
}

static void test_resumption(void **state)
{
    (void)state;
    resume(TLS1_2_VERSION, false, false, "1.2 resumed");
    resume(TLS1_3_VERSION, false, false, "1.3 resumed");
    resume(TLS1_3_VERSION, true, false, "early data");
    resume(TLS1_3_VERSION, true, true, "early data, refused");
}

/* Without the secrets of the handshake, what it says stays unread; the data does not. */
static void test_traffic_secrets_alone(void **state)
{
    struct tape tape = { .count = 0 };
    struct wd_buf keylog = { 0 }, some = { 0 };
    (void)state;
    assert_true(converse(&(struct peer_wishes){ .version = TLS1_3_VERSION }, &tape, &keylog));
    for (char *line = strtok((char *)wd_buf_cstr(&keylog), "\n"); line; line = strtok(NULL, "\n"))
        if (strstr(line, "TRAFFIC_SECRET_0"))
            wd_buf_printf(&some, "%s\n", line);
    struct run *run = play(&tape, wd_buf_bytes(&some), 0);
    for (int side = 0; side < 2; side++)
        assert_true(wd_bytes_eq(wd_buf_bytes(&run->out[side]), wd_buf_bytes(&tape.said[side])));
    assert_true(run->ledger.reason_bytes[WD_REASON_TLS_NO_KEYS] > 0);
    end(run);
    wd_buf_free(&keylog);
    wd_buf_free(&some);
    free_tape(&tape);
}

/* --- what is not --- */

static void assert_unread(const struct peer_wishes *wishes, bool with_keys, enum wd_reason reason)
{
    struct tape tape = { .count = 0 };
    struct wd_buf keylog = { 0 };
    assert_true(converse(wishes, &tape, &keylog));
    struct run *run = play(&tape, with_keys ? wd_buf_bytes(&keylog) : wd_bytes_of(""), 0);
    assert_int_equal(run->data, 0);
    assert_true(run->ledger.reason_bytes[reason] > tape.said[0].len + tape.said[1].len);
    assert_int_equal(run->ledger.layer[WD_LAYER_UNDECODED], run->ledger.reason_bytes[reason]);
    assert_int_equal(run->ledger.reason_streams[reason], 1);
    assert_int_equal(run->counts.decrypted, 0);
    assert_events(run, "OSC");
    end(run);
    wd_buf_free(&keylog);
    free_tape(&tape);
}

static void test_unread(void **state)
{
    (void)state;
    assert_unread(&(struct peer_wishes){ .version = TLS1_2_VERSION }, false, WD_REASON_TLS_NO_KEYS);
    assert_unread(&(struct peer_wishes){ .version = TLS1_3_VERSION }, false, WD_REASON_TLS_NO_KEYS);
    assert_unread(&(struct peer_wishes){.version = TLS1_2_VERSION, .cipher = "NULL-SHA256@SECLEVEL=0"}, true,
                  WD_REASON_TLS_UNSUPPORTED);
    assert_unread(&(struct peer_wishes){.version = TLS1_1_VERSION, .cipher = "ALL@SECLEVEL=0"}, true,
                  WD_REASON_TLS_UNSUPPORTED);
}

/* The right randoms, and other secrets. */
static void test_wrong_keys(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(versions); i++) {
        struct tape tape = { .count = 0 };
        struct wd_buf keylog = { 0 };
        assert_true(converse(&(struct peer_wishes){ .version = versions[i] }, &tape, &keylog));
        for (size_t k = 1; k < keylog.len; k++)
            if (keylog.at[k] == '\n')
                keylog.at[k - 1] = keylog.at[k - 1] == '0' ? '1' : '0';
        struct run *run = play(&tape, wd_buf_bytes(&keylog), 0);
        assert_int_equal(run->data, 0);
        assert_int_equal(run->ledger.layer[WD_LAYER_UNDECODED],
                         run->ledger.reason_bytes[WD_REASON_TLS_NO_KEYS]);
        assert_true(run->ledger.reason_bytes[WD_REASON_TLS_NO_KEYS] > tape.said[0].len + tape.said[1].len);
        assert_int_equal(wd_keylog_source(run->keylog, 0)->misfits, 1);
        assert_int_equal(wd_keylog_source(run->keylog, 0)->fits, 0);
        assert_events(run, "OSC");
        end(run);
        wd_buf_free(&keylog);
        free_tape(&tape);
    }
}

/* Where the end of a handshake is encrypted, it is not yet something said: a client may turn away there. */
static void test_handshake_alone(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(versions); i++) {
        struct tape tape = { .count = 0 };
        struct peer peer;
        assert_true(peer_open(&peer, &(struct peer_wishes){ .version = versions[i] }, record, &tape));
        assert_true(peer_shake(&peer));
        struct run *run = play(&tape, wd_bytes_of(""), 0);
        assert_events(run, "OC");
        const struct wd_tls_kind *kind = &run->counts.kinds[run->counts.kind_count - 1];
        assert_true(kind->records[0] >= 2 && kind->records[1] >= 2 && kind->first_ns && kind->last_ns == kind->first_ns);
        assert_int_equal(kind->data_bytes[0] > 0, i == 1);
        assert_int_equal(kind->version, i == 1 ? WD_TLS_1_3 : WD_TLS_1_2);
        end(run);
        assert_true(say(&peer, &tape, PEER_CLIENT, 1000));
        run = play(&tape, wd_bytes_of(""), 1);
        assert_events(run, "OSC");
        assert_in_range(run->counts.kinds[run->counts.kind_count - 1].data_bytes[0], 1000, 1200);
        end(run);
        peer_close(&peer);
        free_tape(&tape);
    }
}

/* What the client sent is that, whichever side it is. */
static void test_directions(void **state)
{
    struct tape tape = { .count = 0 };
    struct peer peer;
    (void)state;
    assert_true(peer_open(&peer, &(struct peer_wishes){ .version = TLS1_2_VERSION }, record, &tape) && peer_shake(&peer));
    assert_true(say(&peer, &tape, PEER_CLIENT, 5000) && say(&peer, &tape, PEER_SERVER, 70));
    for (int mirror = 0; mirror < 2; mirror++) {
        struct run *run = begin(wd_bytes_of(""));
        for (size_t i = 0; i < tape.count; i++)
            send(run, WD_CHUNK_DATA, tape.turns[i].side ^ mirror, turn_bytes(&tape, i), 0);
        finish(run);
        const struct wd_tls_kind *kind = &run->counts.kinds[run->counts.kind_count - 1];
        assert_in_range(kind->data_bytes[0], 5000, 5100);
        assert_in_range(kind->data_bytes[1], 70, 170);
        end(run);
    }
    peer_close(&peer);
    free_tape(&tape);
}

static void test_not_tls(void **state)
{
    static const char *const words[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x03", "\x16\x03\x01\x02\x00\x05",
                                        "\x17\x03\x03\x00\x20"
                                        "data"};
    (void)state;
    for (size_t i = 0; i < WD_COUNT(words); i++) {
        for (size_t piece = 1; piece < 3; piece++) {
            struct run *run = begin(wd_bytes_of(""));
            size_t len = i == 2 ? 6 : i == 3 ? 9 : strlen(words[i]);
            for (size_t off = 0; off < len; off += piece)
                send(run, WD_CHUNK_DATA, 0,
                     wd_bytes_at(words[i] + off, piece < len - off ? piece : len - off), 0);
            finish(run);
            assert_int_equal(run->data, len);
            assert_memory_equal(run->out[0].at, words[i], len);
            assert_int_equal(run->counts.connections, 0);
            end(run);
        }
    }
}

/* A capture that begins in the middle: no random, hence no keys, but records are told apart. */
static void test_midway(void **state)
{
    struct tape tape = { .count = 0 };
    struct wd_buf keylog = { 0 };
    (void)state;
    assert_true(converse(&(struct peer_wishes){ .version = TLS1_3_VERSION }, &tape, &keylog));
    struct run *run = begin(wd_buf_bytes(&keylog));
    run->connection.is_midway = true;
    for (size_t i = tape.count / 2; i < tape.count; i++)
        send(run, WD_CHUNK_DATA, tape.turns[i].side, turn_bytes(&tape, i), 0);
    finish(run);
    assert_int_equal(run->data, 0);
    assert_true(run->counts.records > 5);
    assert_events(run, "OSC");
    assert_int_equal(run->ledger.layer[WD_LAYER_UNDECODED], run->ledger.reason_bytes[WD_REASON_TLS_NO_KEYS]);
    end(run);
    wd_buf_free(&keylog);
    free_tape(&tape);
}

static void put_hello(struct run *run)
{
    static const uint8_t hello[] = { 22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, [43] = 0, 0, 2, 0x13, 1, 1, 0 };
    send(run, WD_CHUNK_DATA, 0, wd_bytes_at(hello, 50), 0);
}

static void test_empty_records(void **state)
{
    static const uint8_t empty[] = { 22, 3, 3, 0, 0 };
    (void)state;
    struct run *run = begin(wd_bytes_of(""));
    put_hello(run);
    for (int i = 0; i < 3000; i++)
        send(run, WD_CHUNK_DATA, 0, wd_bytes_at(empty, sizeof empty), 0);
    finish(run);
    uint64_t beyond = (3000 - run->limits.tls_empty - 1) * sizeof empty;
    assert_int_equal(run->ledger.reason_bytes[WD_REASON_LIMIT], beyond);
    end(run);
}

static void test_malformed(void **state)
{
    (void)state;
    struct run *run = begin(wd_bytes_of(""));
    put_hello(run);
    send(run, WD_CHUNK_DATA, 0, wd_bytes_of("HTTP/1.1 200 OK\r\n\r\n"), 0);
    send(run, WD_CHUNK_DATA, 1, wd_bytes_at("\x16\x03\x03\xff\xff", 5), 0);
    finish(run);
    assert_int_equal(run->ledger.reason_bytes[WD_REASON_MALFORMED_TLS], 24);
    end(run);
}

/* A record of which the start comes, again and again, in ever more connections. */
static void test_held_bytes(void **state)
{
    enum { CONNECTIONS = 200 };
    static uint8_t part[5 + 16000] = { 22, 3, 1, 0x3f, 0xff, 1 };
    static struct wd_connection connections[CONNECTIONS];
    (void)state;
    struct run *run = begin(wd_bytes_of(""));
    wd_tls_free(run->tls);
    run->limits.reassembly_total = 1 << 20;
    run->tls = wd_tls_open(&run->limits, &run->ledger, &run->counts, run->keylog, take, run);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct wd_chunk chunk = {
            .connection = &connections[i], .kind = WD_CHUNK_DATA, .bytes = wd_bytes_at(part, sizeof part)};
        run->fed += sizeof part;
        assert_int_equal(wd_tls_feed(run->tls, &chunk), WD_OK);
    }
    assert_true(run->ledger.reason_bytes[WD_REASON_LIMIT] > (CONNECTIONS - 70) * sizeof part);
    for (int i = 0; i < CONNECTIONS; i++)
        assert_int_equal(
            wd_tls_feed(run->tls, &(struct wd_chunk){.connection = &connections[i], .kind = WD_CHUNK_CLOSE}),
            WD_OK);
    assert_int_equal(run->fed, wd_ledger_sum(&run->ledger));
    end(run);
}

/* --- gaps --- */

static uint64_t seed = 88172645463325252u;
static uint64_t below(uint64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % n;
}

/* Each line says its number, so that what comes out can be told from what does not. */
static bool count_aloud(struct peer *peer, struct tape *tape, int lines)
{
    for (int i = 0; i < lines; i++) {
        struct wd_buf *said = &tape->said[i % 2];
        size_t before = said->len;
        wd_buf_printf(said, "[%06d", i);
        for (int n = i * 37 % 900; n > 0; n--)
            wd_buf_byte(said, '.');
        wd_buf_puts(said, "]");
        if (!peer_say(peer, i % 2, wd_bytes_at(said->at + before, said->len - before)))
            return false;
        if (i % 40 == 39)
            peer_update(peer, i % 2, false);   /* goes out before the next line */
    }
    return true;
}

/* Everything that comes out was said, in that order. */
static bool is_part_of(const struct wd_buf *out, const struct wd_buf *said)
{
    size_t at = 0;
    for (size_t i = 0; i < out->len;) {
        const uint8_t *close = memchr(out->at + i, ']', out->len - i);
        size_t len = close ? (size_t)(close - (out->at + i)) + 1 : 0;
        const uint8_t *found = len ? memmem(said->at + at, said->len - at, out->at + i, len) : NULL;
        if (!found)
            return false;
        at = (size_t)(found - said->at) + len;
        i += len;
    }
    return true;
}

/* Some bytes of one side are lost, anywhere, across records or within one. */
static struct run *play_with_hole(const struct tape *tape, struct wd_bytes keylog, int side, size_t from,
                                  size_t len)
{
    struct run *run = begin(keylog);
    size_t at = 0;
    for (size_t i = 0; i < tape->count; i++) {
        struct wd_bytes all = turn_bytes(tape, i);
        if (tape->turns[i].side != side) {
            send(run, WD_CHUNK_DATA, tape->turns[i].side, all, 0);
            continue;
        }
        size_t end_of = at + all.len, a = from < at ? at : from,
               b = from + len < end_of ? from + len : end_of;
        if (a >= b) {
            send(run, WD_CHUNK_DATA, side, all, 0);
        } else {
            if (a > at)
                send(run, WD_CHUNK_DATA, side, wd_bytes_at(all.at, a - at), 0);
            send(run, WD_CHUNK_GAP, side, wd_bytes_of(""), b - a);
            if (b < end_of)
                send(run, WD_CHUNK_DATA, side, wd_bytes_at(all.at + (b - at), end_of - b), 0);
        }
        at = end_of;
    }
    finish(run);
    return run;
}

static void test_gaps(void **state)
{
    static const struct peer_wishes wishes[] = {
        { .version = TLS1_3_VERSION }, { .version = TLS1_2_VERSION }, { .version = TLS1_2_VERSION, .cipher = "AES128-SHA@SECLEVEL=0" },
        { .version = TLS1_2_VERSION, .cipher = "AES128-SHA256@SECLEVEL=0", .options = SSL_OP_NO_ENCRYPT_THEN_MAC },
        { .version = TLS1_3_VERSION, .cipher = "TLS_CHACHA20_POLY1305_SHA256" },
    };
    (void)state;
    for (size_t w = 0; w < WD_COUNT(wishes); w++) {
        struct tape tape = { .count = 0 };
        struct peer peer;
        assert_true(peer_open(&peer, &wishes[w], record, &tape) && peer_shake(&peer));
        size_t shaken[2] = { 0 }, total[2] = { 0 };
        for (size_t i = 0; i < tape.count; i++)
            shaken[tape.turns[i].side] += tape.turns[i].len;
        assert_true(count_aloud(&peer, &tape, 120));
        for (size_t i = 0; i < tape.count; i++)
            total[tape.turns[i].side] += tape.turns[i].len;
        for (int round = 0; round < 150; round++) {
            int side = (int)below(2);
            size_t from = shaken[side] + below(total[side] - shaken[side]),
                   len = 1 + below(round % 3 ? 700 : 6000);
            struct run *run = play_with_hole(&tape, wd_buf_bytes(&peer.keylog), side, from, len);
            assert_true(wd_bytes_eq(wd_buf_bytes(&run->out[1 - side]), wd_buf_bytes(&tape.said[1 - side])));
            assert_true(is_part_of(&run->out[side], &tape.said[side]));
            /* Lost are the hole and the records at its edges, no more. */
            if (run->out[side].len + len + 2 * 1000 < tape.said[side].len)
                fail_msg("wishes %zu: side %d, hole %zu+%zu: %zu of %zu came out", w, side, from, len,
                         run->out[side].len, tape.said[side].len);
            assert_int_equal(run->ledger.layer[WD_LAYER_UNDECODED], run->ledger.reason_bytes[WD_REASON_GAP]);
            end(run);
        }
        peer_close(&peer);
        free_tape(&tape);
    }
}

/* Holes in the handshake: of the server's certificate nothing is needed, and all data comes out, whole. */
static void test_gap_in_handshake(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    (void)state;
    for (size_t v = 0; v < WD_COUNT(versions); v++) {
        struct tape tape = { .count = 0 };
        struct wd_buf keylog = { 0 };
        assert_true(converse(&(struct peer_wishes){ .version = versions[v] }, &tape, &keylog));
        for (size_t from = 150; from < 550; from += 25) {
            struct run *run = play_with_hole(&tape, wd_buf_bytes(&keylog), PEER_SERVER, from, 100);
            for (int side = 0; side < 2; side++)
                if (!wd_bytes_eq(wd_buf_bytes(&run->out[side]), wd_buf_bytes(&tape.said[side])) || run->gaps)
                    fail_msg("version %zx, hole at %zu: side %d said %zu bytes, %zu came out with %zu gaps",
                             (size_t)versions[v], from, side, tape.said[side].len, run->out[side].len,
                             (size_t)run->gaps);
            end(run);
        }
        wd_buf_free(&keylog);
        free_tape(&tape);
    }
}

/* What is said when a random byte is another. */
static void test_damage(void **state)
{
    struct tape tape = { .count = 0 };
    struct wd_buf keylog = { 0 };
    (void)state;
    assert_true(converse(&(struct peer_wishes){ .version = TLS1_3_VERSION }, &tape, &keylog));
    for (int round = 0; round < 300; round++) {
        size_t at = below(tape.bytes.len);
        uint8_t before = tape.bytes.at[at];
        tape.bytes.at[at] ^= (uint8_t)(1 + below(255));
        end(play(&tape, wd_buf_bytes(&keylog), 0));
        tape.bytes.at[at] = before;
    }
    wd_buf_free(&keylog);
    free_tape(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites_12),        cmocka_unit_test(test_suites_13),
        cmocka_unit_test(test_shapes),           cmocka_unit_test(test_alpn),
        cmocka_unit_test(test_server_names),
        cmocka_unit_test(test_updates),          cmocka_unit_test(test_renegotiation),
        cmocka_unit_test(test_resumption),       cmocka_unit_test(test_traffic_secrets_alone),
        cmocka_unit_test(test_handshake_alone),  cmocka_unit_test(test_directions),
        cmocka_unit_test(test_unread),           cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_not_tls),          cmocka_unit_test(test_midway),
        cmocka_unit_test(test_empty_records),    cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_held_bytes),       cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_gap_in_handshake), cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
