/* Two sides of a connection that speak TLS, with keys. Each byte goes somewhere, nothing depends on where chunks are cut, and
 * CLOSE comes last.
 *
 * The first byte: 1 a TLS 1.3 session with known secrets has begun; 2 the next two bytes are the length of a key log that
 * follows them; 4 the capture began midway; the
 * two highest bits are the size of the pieces. Then turns: what and side, length (2), bytes.
 *     0 bytes as they are   1 a record sealed with the keys of the handshake, 2 with those of the traffic   3 a gap   4 FIN
 * A sealed record is content, its type and padding, as its bytes say. */
#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "stream/schedule.h"
#include "stream/tls.h"

enum { SECRET = 32, KEY = 16, NONCE = 12, TAG = 16, TURN_HEAD = 3 };
enum what { RAW, HANDSHAKE, TRAFFIC, GAP, END, WHATS };

static const char randoms[] = "0123456789abcdef0123456789abcdef";
static const char key_log[] =
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET 3031323334353637383961626364656630313233343536373839616263646566 "
    "0101010101010101010101010101010101010101010101010101010101010101\n"
    "SERVER_HANDSHAKE_TRAFFIC_SECRET 3031323334353637383961626364656630313233343536373839616263646566 "
    "0202020202020202020202020202020202020202020202020202020202020202\n"
    "CLIENT_TRAFFIC_SECRET_0 3031323334353637383961626364656630313233343536373839616263646566 "
    "0303030303030303030303030303030303030303030303030303030303030303\n"
    "SERVER_TRAFFIC_SECRET_0 3031323334353637383961626364656630313233343536373839616263646566 "
    "0404040404040404040404040404040404040404040404040404040404040404\n";

struct run {
    struct wd_ledger ledger;
    struct wd_tls_counts counts;
    struct wd_buf out[2];
    uint64_t fed, gaps, ends, seals;
    bool is_closed;
};

static int take(void *ctx, const struct wd_chunk *chunk)
{
    struct run *run = ctx;
    assert(!run->is_closed);
    run->is_closed = chunk->kind == WD_CHUNK_CLOSE;
    run->gaps += chunk->kind == WD_CHUNK_GAP;
    run->ends += chunk->kind == WD_CHUNK_END;
    run->seals += chunk->kind == WD_CHUNK_SEALED;
    assert(run->seals <= 1 && chunk->connection->is_sealed == (run->seals == 1));
    if (chunk->kind == WD_CHUNK_DATA) {
        assert(chunk->bytes.len);
        wd_buf_put(&run->out[chunk->side], chunk->bytes);
    }
    return WD_OK;
}

/* --- sealing: the other half of what is under test --- */

struct sealer { uint64_t numbers[2][2]; };

static EVP_CIPHER_CTX *derive(int epoch, int side, uint8_t *iv)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    struct wd_schedule *schedule = wd_schedule_open();
    uint8_t secret[SECRET], key[KEY];
    memset(secret, 1 + 2 * epoch + side, sizeof secret);
    assert(wd_schedule_expand(schedule, WD_HASH_SHA256, wd_bytes_at(secret, SECRET), "key", key, KEY));
    assert(wd_schedule_expand(schedule, WD_HASH_SHA256, wd_bytes_at(secret, SECRET), "iv", iv, NONCE));
    assert(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, NULL) > 0);
    wd_schedule_free(schedule);
    return ctx;
}

static void seal(struct sealer *sealer, int epoch, int side, struct wd_bytes content, struct wd_buf *out)
{
    static EVP_CIPHER_CTX *ctxs[2][2];
    static uint8_t ivs[2][2][NONCE];
    uint8_t nonce[NONCE], head[5] = { 23, 3, 3 };
    int n;
    if (!ctxs[epoch][side])
        ctxs[epoch][side] = derive(epoch, side, ivs[epoch][side]);
    EVP_CIPHER_CTX *ctx = ctxs[epoch][side];
    memcpy(nonce, ivs[epoch][side], NONCE);
    uint64_t number = sealer->numbers[epoch][side]++;
    for (int i = 0; i < 8; i++)
        nonce[NONCE - 1 - i] ^= (uint8_t)(number >> 8 * i);
    head[3] = (uint8_t)((content.len + TAG) >> 8);
    head[4] = (uint8_t)(content.len + TAG);
    assert(EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, nonce) > 0 &&
           EVP_EncryptUpdate(ctx, NULL, &n, head, 5) > 0);
    wd_buf_put(out, wd_bytes_at(head, 5));
    uint8_t *at = wd_buf_room(out, content.len + TAG + 16);
    assert(content.len == 0 || EVP_EncryptUpdate(ctx, at, &n, content.at, (int)content.len) > 0);
    assert(EVP_EncryptFinal_ex(ctx, at + content.len, &n) > 0 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, at + content.len) > 0);
    out->len += content.len + TAG;
}

static void put_hello(struct wd_buf *out, uint8_t type, const char *rest, size_t len)
{
    size_t body = 2 + 32 + len;
    const uint8_t head[] = { 22, 3, 3, 0, (uint8_t)(4 + body), type, 0, 0, (uint8_t)body, 3, 3 };
    wd_buf_put(out, wd_bytes_at(head, sizeof head));
    wd_buf_put(out, wd_bytes_at(randoms, 32));
    wd_buf_put(out, wd_bytes_at(rest, len));
}

/* --- one conversation --- */

struct player {
    struct wd_tls *tls;
    struct wd_connection connection;
    struct run *run;
    size_t piece;     /* chunks are cut into pieces; 0: not */
};

static void send(struct player *p, enum wd_chunk_kind kind, int side, struct wd_bytes bytes, uint64_t missing)
{
    struct wd_chunk chunk = {
        .connection = &p->connection, .kind = kind, .side = side, .bytes = bytes, .missing = missing};
    p->run->fed += bytes.len;
    assert(wd_tls_feed(p->tls, &chunk) == WD_OK);
}

static void say(struct player *p, int side, struct wd_bytes bytes)
{
    while (bytes.len) {
        size_t n = p->piece && p->piece < bytes.len ? p->piece : bytes.len;
        send(p, WD_CHUNK_DATA, side, wd_bytes_at(bytes.at, n), 0);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
}

static void say_turns(struct player *p, struct wd_bytes turns)
{
    struct sealer sealer = { { { 0 } } };
    bool is_ended[2] = { false };
    struct wd_buf record = { 0 };
    while (turns.len >= TURN_HEAD) {
        enum what what = turns.at[0] / 2 % WHATS;
        int side = turns.at[0] & 1;
        size_t len = (size_t)turns.at[1] << 8 | turns.at[2];
        turns = wd_bytes_at(turns.at + TURN_HEAD, turns.len - TURN_HEAD);
        struct wd_bytes bytes = { turns.at, len < turns.len ? len : turns.len };
        if (is_ended[side]) {
            ;
        } else if (what == RAW) {
            say(p, side, bytes);
        } else if (what == GAP) {
            send(p, WD_CHUNK_GAP, side, wd_bytes_of(""), 1 + len);
            bytes.len = 0;
        } else if (what == END) {
            send(p, WD_CHUNK_END, side, wd_bytes_of(""), 0);
            is_ended[side] = true;
            bytes.len = 0;
        } else {
            bytes.len = bytes.len < 16384 ? bytes.len : 16384;
            wd_buf_reset(&record);
            seal(&sealer, what == TRAFFIC, side, bytes, &record);
            say(p, side, wd_buf_bytes(&record));
        }
        turns = wd_bytes_at(turns.at + bytes.len, turns.len - bytes.len);
    }
    wd_buf_free(&record);
}

static void say_hellos(struct player *p)
{
    struct wd_buf hello = { 0 };
    put_hello(&hello, 1, "\0\0\2\x13\1\1\0", 7);
    say(p, 0, wd_buf_bytes(&hello));
    wd_buf_reset(&hello);
    put_hello(&hello, 2, "\0\x13\1\0\0\6\0\x2b\0\2\3\4", 12);
    say(p, 1, wd_buf_bytes(&hello));
    wd_buf_free(&hello);
}

static void play(struct run *run, uint8_t flags, struct wd_bytes log_text, struct wd_bytes turns,
                 size_t piece)
{
    struct wd_limits limits = wd_limits_default();
    limits.tls_empty = 20;
    struct wd_keylog *log = wd_keylog_open(&limits);
    wd_keylog_begin(log, "log", false);
    wd_keylog_feed(log, log_text);
    wd_keylog_end(log);
    struct player p = { .run = run, .piece = piece };
    p.connection.is_midway = flags & 4;
    p.tls = wd_tls_open(&limits, &run->ledger, &run->counts, log, take, run);
    wd_tls_keep_names(p.tls);
    send(&p, WD_CHUNK_OPEN, 0, wd_bytes_of(""), 0);
    if (flags & 1)
        say_hellos(&p);
    say_turns(&p, turns);
    send(&p, WD_CHUNK_CLOSE, 0, wd_bytes_of(""), 0);
    wd_tls_free(p.tls);
    wd_keylog_free(log);
    assert(run->is_closed);
    assert(run->fed == wd_ledger_sum(&run->ledger) + run->out[0].len + run->out[1].len);
}

static void assert_same(const struct run *a, const struct run *b)
{
    assert(memcmp(&a->ledger, &b->ledger, sizeof a->ledger) == 0);
    assert(memcmp(&a->counts, &b->counts, sizeof a->counts) == 0);
    assert(a->gaps == b->gaps && a->ends == b->ends && a->seals == b->seals);
    for (int side = 0; side < 2; side++)
        assert(wd_bytes_eq(wd_buf_bytes(&a->out[side]), wd_buf_bytes(&b->out[side])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t sizes[] = { 1, 2, 5, 700 };
    struct run runs[2] = { 0 };
    struct wd_bytes log = wd_bytes_of(key_log);
    if (size < 3)
        return 0;
    uint8_t flags = data[0];
    const size_t pieces[2] = { 0, sizes[flags >> 6] };
    struct wd_bytes rest = { data + 1, size - 1 };
    if (flags & 2) {
        size_t len = (size_t)rest.at[0] << 8 | rest.at[1];
        log = wd_bytes_at(rest.at + 2, len < rest.len - 2 ? len : rest.len - 2);
        rest = wd_bytes_at(log.at + log.len, rest.len - 2 - log.len);
    }
    for (size_t i = 0; i < 2; i++)
        play(&runs[i], flags, log, rest, pieces[i]);
    assert_same(&runs[0], &runs[1]);
    for (size_t i = 0; i < 2; i++)
        for (int side = 0; side < 2; side++)
            wd_buf_free(&runs[i].out[side]);
    return 0;
}
