/* stream/handshake.c - handshake messages, put together from records, and the keys that they bring.
 *
 *     type (1)  length (3)  body
 *
 * Only those that change what records look like are held; of the others the length is enough.
 * Source: RFC 8446 section 4, 4.6.3, 7.1-7.2; RFC 5246 section 7.4.
 */
#include <openssl/crypto.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "stream/hello.h"
#include "stream/session.h"

enum { HEAD = 4, MESSAGE_MOST = 64 << 10 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, END_OF_EARLY_DATA = 5, ENCRYPTED_EXTENSIONS = 8, FINISHED = 20, KEY_UPDATE = 24 };

/* --- keys --- */

static bool is_named(struct wd_session *s)
{
    static const enum wd_secret_kind kinds[] = {WD_SECRET_MASTER, WD_SECRET_CLIENT_TRAFFIC,
                                                WD_SECRET_SERVER_TRAFFIC, WD_SECRET_CLIENT_EARLY};
    struct wd_secret secret;
    bool is_found = false;
    for (size_t i = 0; i < WD_COUNT(kinds) && !is_found; i++)
        is_found = wd_keylog_find(s->tls->keylog, kinds[i], s->client_random, &secret);
    s->named_by = is_found ? secret.source : 0;
    OPENSSL_cleanse(&secret, sizeof secret);
    return is_found;
}

/* Secrets may stand further on in the capture. */
static void look_up(struct wd_session *s)
{
    struct wd_tls *tls = s->tls;
    s->is_in_log = is_named(s);
    if (s->is_in_log || !tls->more)
        return;
    tls->more(tls->more_ctx);
    tls->more = NULL;
    s->is_in_log = is_named(s);
}

static struct wd_seals *seals_of(struct wd_session *s)
{
    if (!s->tls->seals)
        s->tls->seals = wd_seals_open();
    return s->tls->seals;
}

/* Keys of TLS 1.3 from one secret of the log, as far as it has that. */
static struct wd_epoch epoch_of(struct wd_session *s, enum wd_secret_kind kind, enum wd_epoch_kind epoch,
                                struct wd_secret *secret)
{
    struct wd_epoch out = { .kind = epoch };
    if (!wd_keylog_find(s->tls->keylog, kind, s->client_random, secret))
        return out;
    out.source = secret->source;
    out.seal = wd_seal_open(seals_of(s), s->suite, wd_bytes_at(secret->bytes, secret->len));
    if (!out.seal)
        s->misfit = secret->source;
    return out;
}

static void set_keys_13(struct wd_session *s, int side)
{
    struct wd_half *half = &s->half[side];
    bool is_client = side == s->client;
    struct wd_secret secret = { .len = 0 };
    int at = half->epochs[0].kind == WD_EPOCH_EARLY;
    half->epochs[at] = epoch_of(s, is_client ? WD_SECRET_CLIENT_HANDSHAKE : WD_SECRET_SERVER_HANDSHAKE,
                                WD_EPOCH_HANDSHAKE, &secret);
    half->epochs[at + 1] = epoch_of(s, is_client ? WD_SECRET_CLIENT_TRAFFIC : WD_SECRET_SERVER_TRAFFIC,
                                    WD_EPOCH_TRAFFIC, &half->traffic);
    if (!at)
        half->number = 0;
    OPENSSL_cleanse(&secret, sizeof secret);
}

static void set_keys_12(struct wd_session *s, int side, const struct wd_server_hello *hello)
{
    struct wd_secret secret;
    if (!wd_keylog_find(s->tls->keylog, WD_SECRET_MASTER, s->client_random, &secret))
        return;
    struct wd_epoch *epoch = &s->half[side].epochs[1];   /* from its ChangeCipherSpec on */
    wd_seal_free(epoch->seal);
    *epoch = (struct wd_epoch){ .kind = WD_EPOCH_TRAFFIC, .source = secret.source };
    epoch->seal = wd_seal_open_12(seals_of(s), s->suite, wd_bytes_at(secret.bytes, secret.len), hello->random,
                                  s->client_random, side == s->client, hello->is_mac_last);
    OPENSSL_cleanse(&secret, sizeof secret);
}

/* Data that came at once is under one of the suites that the client offered: the one of which the tag is
 * right. */
bool wd_handshake_try_early(struct wd_session *s, const struct wd_record *record, struct wd_opened *opened)
{
    struct wd_half *half = &s->half[s->client];
    const struct wd_suite *suite = NULL;
    bool is_open = false;
    for (int i = 0; i < 5 && !is_open; i++) {
        if (!(s->early_suites & 1u << i))
            continue;
        struct wd_secret secret = { .len = 0 };
        s->suite = suite = wd_suite_find((uint16_t)(0x1301 + i));
        struct wd_epoch epoch = epoch_of(s, WD_SECRET_CLIENT_EARLY, WD_EPOCH_EARLY, &secret);
        is_open = epoch.seal && wd_seal_read(epoch.seal, 0, record, s->tls->plain, opened);
        if (is_open)
            half->epochs[0] = epoch;
        else
            wd_seal_free(epoch.seal);
        OPENSSL_cleanse(&secret, sizeof secret);
    }
    s->suite = NULL;
    s->misfit = -1;
    s->early_suites = 0;   /* one try */
    half->number = is_open;
    return is_open;
}

struct wd_seal *wd_handshake_updated(struct wd_session *s, const struct wd_half *half,
                                     struct wd_secret *secret)
{
    *secret = half->traffic;
    if (s->version != WD_TLS_1_3 || !s->suite || half->epochs[0].kind != WD_EPOCH_TRAFFIC ||
        !half->epochs[0].seal || !wd_secret_update(seals_of(s), s->suite, secret->bytes, secret->len))
        return NULL;
    return wd_seal_open(s->tls->seals, s->suite, wd_bytes_at(secret->bytes, secret->len));
}

/* --- messages --- */

static void client_is(struct wd_session *s, int side)
{
    s->client = side;
    if (s->connection->client_by == WD_CLIENT_BY_SYN)
        return;
    s->connection->client = side;
    s->connection->client_by = WD_CLIENT_BY_SPEECH;
}

static void set_alpn(struct wd_session *s, struct wd_bytes name)
{
    if (name.len == 0 || name.len > sizeof s->alpn || s->connection->is_encrypted)
        return;
    memcpy(s->alpn, name.at, name.len);
    s->connection->alpn = wd_bytes_at(s->alpn, name.len);
}

static void note_name(struct wd_session *s, struct wd_bytes name)
{
    struct wd_map *names = s->tls->names;
    if (!names || !name.len || s->has_client_hello)
        return;
    bool has_room = wd_map_count(names) < WD_SERVER_NAMES || wd_map_get(names, name);
    ++*wd_map_put(names, has_room ? name : wd_bytes_of("(other)"), NULL);
}

static int on_client_hello(struct wd_session *s, int side, struct wd_bytes body)
{
    struct wd_client_hello hello;
    if (!wd_hello_client(body, &hello) || (s->has_server_hello && s->version == WD_TLS_1_3) ||
        (s->client >= 0 && s->client != side))
        return WD_OK;
    client_is(s, side);
    note_name(s, hello.server_name);
    s->has_client_hello = true;
    memcpy(s->client_random, hello.random, WD_RANDOM_BYTES);
    if (hello.has_early && s->early == WD_EARLY_NONE) {
        s->early = WD_EARLY_OFFERED;
        s->early_suites = hello.suites;
    }
    look_up(s);
    return WD_OK;
}

static int reject_early(struct wd_session *s)
{
    if (s->early == WD_EARLY_OFFERED)
        s->early = WD_EARLY_REJECTED;
    return wd_session_release_early(s);
}

static int on_server_hello(struct wd_session *s, int side, struct wd_bytes body)
{
    struct wd_server_hello hello;
    if (!wd_hello_server(body, &hello) || (s->has_server_hello && s->version == WD_TLS_1_3) ||
        s->client == side)
        return WD_OK;
    if (hello.is_retry)
        return reject_early(s);
    client_is(s, 1 - side);
    s->has_server_hello = true;
    s->version = hello.version;
    s->suite = wd_suite_find(hello.suite);
    wd_session_count(s, hello.version, hello.suite);
    bool is_read =
        s->suite && s->suite->bulk != WD_BULK_NONE && (s->version == WD_TLS_1_2 || s->version == WD_TLS_1_3);
    s->reason = is_read ? WD_REASON_TLS_NO_KEYS : WD_REASON_TLS_UNSUPPORTED;
    set_alpn(s, hello.alpn);
    for (int i = 0; i < 2 && is_read && s->has_client_hello; i++) {
        if (s->half[i].is_deaf)
            continue;
        if (s->version == WD_TLS_1_3)
            set_keys_13(s, i);
        else
            set_keys_12(s, i, &hello);
    }
    if (s->has_client_hello && !wd_half_has_seal(&s->half[0]) && !wd_half_has_seal(&s->half[1]))
        wd_keylog_missed(s->tls->keylog, s->client_random);
    return WD_OK;
}

static int on_extensions(struct wd_session *s, int side, struct wd_bytes body)
{
    struct wd_extensions extensions;
    if (side == s->client || !wd_hello_extensions(body, &extensions))
        return WD_OK;
    set_alpn(s, extensions.alpn);
    if (!extensions.has_early)
        return reject_early(s);
    if (s->early == WD_EARLY_OFFERED)
        s->early = WD_EARLY_ACCEPTED;
    return wd_session_release_early(s);
}

static int on_end_of_early_data(struct wd_session *s, int side, struct wd_bytes body)
{
    (void)body;
    if (s->early == WD_EARLY_OFFERED)
        s->early = WD_EARLY_ACCEPTED;
    int rc = wd_session_release_early(s);
    wd_half_advance(&s->half[side], 1);
    return rc;
}

static int on_finished(struct wd_session *s, int side, struct wd_bytes body)
{
    (void)body;
    wd_half_advance(&s->half[side], 1);
    return WD_OK;
}

static int on_key_update(struct wd_session *s, int side, struct wd_bytes body)
{
    struct wd_half *half = &s->half[side];
    struct wd_secret secret;
    (void)body;
    struct wd_seal *seal = wd_handshake_updated(s, half, &secret);
    if (seal) {
        wd_seal_free(half->epochs[0].seal);
        half->epochs[0].seal = seal;
        half->traffic = secret;
        half->number = 0;
    }
    OPENSSL_cleanse(&secret, sizeof secret);
    return WD_OK;
}

/* What is looked at, under which keys. In TLS 1.2 a new handshake may come under those of the last one. */
static const struct message {
    uint8_t type;
    uint8_t epochs;       /* bits 1 << enum wd_epoch_kind */
    uint16_t version;     /* 0: any */
    int (*take)(struct wd_session *session, int side, struct wd_bytes body);
} messages[] = {
    { CLIENT_HELLO,         1 << WD_EPOCH_NONE | 1 << WD_EPOCH_EARLY | 1 << WD_EPOCH_TRAFFIC, 0, on_client_hello },
    { SERVER_HELLO,         1 << WD_EPOCH_NONE | 1 << WD_EPOCH_TRAFFIC,                       0, on_server_hello },
    { END_OF_EARLY_DATA,    1 << WD_EPOCH_EARLY,     0,          on_end_of_early_data },
    { ENCRYPTED_EXTENSIONS, 1 << WD_EPOCH_HANDSHAKE, WD_TLS_1_3, on_extensions },
    { FINISHED,             1 << WD_EPOCH_HANDSHAKE, WD_TLS_1_3, on_finished },
    { KEY_UPDATE,           1 << WD_EPOCH_TRAFFIC,   WD_TLS_1_3, on_key_update },
};

static const struct message *message_of(const struct wd_session *s, int side, uint8_t type)
{
    enum wd_epoch_kind kind = s->half[side].epochs[0].kind;
    for (size_t i = 0; i < WD_COUNT(messages); i++)
        if (messages[i].type == type && messages[i].epochs & 1u << kind &&
            (!messages[i].version || messages[i].version == s->version))
            return &messages[i];
    return NULL;
}

static size_t length_at(const uint8_t *at)
{
    return (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* The first message of `view`: how much of it was used, 0 when more of it is needed. */
static int take_message(struct wd_session *s, int side, struct wd_bytes view, size_t *used)
{
    struct wd_half *half = &s->half[side];
    *used = 0;
    if (view.len < HEAD)
        return WD_OK;
    size_t len = length_at(view.at);
    const struct message *message = message_of(s, side, view.at[0]);
    if (!message || len > MESSAGE_MOST) {
        *used = HEAD;
        half->shake_skip = len;
        return WD_OK;
    }
    if (view.len - HEAD < len)
        return WD_OK;
    *used = HEAD + len;
    return message->take(s, side, wd_bytes_at(view.at + HEAD, len));
}

void wd_handshake_lose(struct wd_session *s, int side)
{
    struct wd_half *half = &s->half[side];
    wd_session_drop(s, &half->shake, half->shake.len);
    half->shake_skip = 0;
}

static size_t skip(struct wd_half *half, size_t len)
{
    size_t n = half->shake_skip < len ? (size_t)half->shake_skip : len;
    half->shake_skip -= n;
    return n;
}

/* Bytes that the message at the start of the buffer lacks. */
static size_t lack(const struct wd_buf *shake)
{
    size_t need = shake->len < HEAD ? HEAD : HEAD + length_at(shake->at);
    return need - shake->len;
}

int wd_handshake_feed(struct wd_session *s, int side, struct wd_bytes bytes)
{
    struct wd_half *half = &s->half[side];
    while (bytes.len && !half->is_deaf) {
        size_t used = skip(half, bytes.len);
        if (!used && !half->shake.len)
            TRY(take_message(s, side, bytes, &used));
        if (!used && wd_session_is_full(s, bytes.len)) {
            wd_half_break_limit(s, side, WD_LIMIT_reassembly_total);
        } else if (!used) {
            used = half->shake.len ? lack(&half->shake) : bytes.len;
            used = used < bytes.len ? used : bytes.len;
            wd_session_hold(s, &half->shake, wd_bytes_at(bytes.at, used));
            size_t taken = 0;
            TRY(take_message(s, side, wd_buf_bytes(&half->shake), &taken));
            if (taken && half->shake.len)
                wd_session_drop(s, &half->shake, half->shake.len);
        }
        bytes = wd_bytes_at(bytes.at + used, bytes.len - used);
    }
    return WD_OK;
}
