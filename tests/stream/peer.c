#include "peer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* One key of each kind for the whole process. */
static EVP_PKEY *keys[2];
static X509 *certificates[2];

static X509 *certify(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, name);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400 * 365);
    X509_set_pubkey(x, key);
    X509_sign(x, key, EVP_sha256());
    return x;
}

static void make_keys(void)
{
    if (keys[0])
        return;
    keys[0] = EVP_RSA_gen(2048);
    keys[1] = EVP_EC_gen("P-256");
    for (int i = 0; i < 2; i++)
        certificates[i] = certify(keys[i]);
}

static void on_key(const SSL *ssl, const char *line)
{
    struct peer *peer = SSL_get_app_data(ssl);
    wd_buf_puts(&peer->keylog, line);
    wd_buf_byte(&peer->keylog, '\n');
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    struct peer *peer = SSL_get_app_data(ssl);
    SSL_SESSION_free(peer->session);
    peer->session = session;
    return 1;
}

static unsigned client_psk(SSL *ssl, const char *hint, char *identity, unsigned most, unsigned char *psk,
                           unsigned psk_most)
{
    (void)ssl, (void)hint, (void)psk_most;
    snprintf(identity, most, "test");
    memset(psk, 7, 32);
    return 32;
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned most)
{
    (void)ssl, (void)identity, (void)most;
    memset(psk, 7, 32);
    return 32;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in,
                       unsigned in_len, void *arg)
{
    (void)ssl, (void)in_len, (void)arg;
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static bool is_set(struct peer *peer, const struct peer_wishes *w, int side)
{
    static const unsigned char context[] = "peer";
    SSL_CTX *ctx = peer->ctx[side] =
        SSL_CTX_new(side == PEER_CLIENT ? TLS_client_method() : TLS_server_method());
    const char *groups = side == PEER_CLIENT ? w->client_groups : w->server_groups;
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_keylog_callback(ctx, side == PEER_CLIENT ? on_key : NULL);
    SSL_CTX_set_options(ctx, w->options | SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_NO_ANTI_REPLAY);
    SSL_CTX_set_dh_auto(ctx, 1);
    SSL_CTX_set_session_id_context(ctx, context, sizeof context);
    SSL_CTX_set_num_tickets(ctx, 1);
    if (side == PEER_SERVER && !w->refuses_early)
        SSL_CTX_set_max_early_data(ctx, 16384);
    if (w->padding)
        SSL_CTX_set_block_padding(ctx, w->padding);
    if (w->fragment)
        SSL_CTX_set_max_send_fragment(ctx, w->fragment);
    for (int i = 0; i < 2 && side == PEER_SERVER; i++)
        if (SSL_CTX_use_certificate(ctx, certificates[i]) <= 0 || SSL_CTX_use_PrivateKey(ctx, keys[i]) <= 0)
            return false;
    if (w->version != TLS1_3_VERSION && w->cipher && strstr(w->cipher, "PSK")) {
        SSL_CTX_set_psk_client_callback(ctx, client_psk);
        SSL_CTX_set_psk_server_callback(ctx, server_psk);
    }
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, side == PEER_CLIENT ? on_session : NULL);
    if (w->alpn && side == PEER_SERVER)
        SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
    if (w->alpn && side == PEER_CLIENT)
        SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)w->alpn, (unsigned)strlen(w->alpn));
    return SSL_CTX_set_min_proto_version(ctx, w->version) > 0 &&
           SSL_CTX_set_max_proto_version(ctx, w->version) > 0 &&
           (!groups || SSL_CTX_set1_groups_list(ctx, groups) > 0) &&
           (!w->cipher || (w->version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(ctx, w->cipher)
                                                        : SSL_CTX_set_cipher_list(ctx, w->cipher)) > 0);
}

bool peer_open(struct peer *peer, const struct peer_wishes *wishes,
               void (*wire)(void *ctx, int side, struct wd_bytes bytes), void *ctx)
{
    /* Tickets of one server are for the next one too. */
    static unsigned char ticket_keys[80] = "the same for all servers of this process";
    *peer = (struct peer){ .wire = wire, .wire_ctx = ctx };
    make_keys();
    ERR_clear_error();
    for (int side = 0; side < 2; side++)
        if (!is_set(peer, wishes, side))
            return false;
    SSL_CTX_set_tlsext_ticket_keys(peer->ctx[PEER_SERVER], ticket_keys, sizeof ticket_keys);
    for (int side = 0; side < 2; side++) {
        peer->ssl[side] = SSL_new(peer->ctx[side]);
        peer->out[side] = BIO_new(BIO_s_mem());
        SSL_set_app_data(peer->ssl[side], peer);
    }
    for (int side = 0; side < 2; side++) {
        BIO_up_ref(peer->out[0]);
        BIO_up_ref(peer->out[1]);
        SSL_set_bio(peer->ssl[side], peer->out[1 - side], peer->out[side]);
    }
    for (int side = 0; side < 2; side++)
        BIO_set_mem_eof_return(peer->out[side], -1);
    SSL_set_connect_state(peer->ssl[PEER_CLIENT]);
    SSL_set_accept_state(peer->ssl[PEER_SERVER]);
    if (wishes->server_name)
        SSL_set_tlsext_host_name(peer->ssl[PEER_CLIENT], wishes->server_name);
    if (wishes->session)
        SSL_set_session(peer->ssl[PEER_CLIENT], wishes->session);
    return true;
}

/* What a side has written since: the other one reads it from the same memory. */
static void show(struct peer *peer, int side, size_t before)
{
    char *at;
    size_t len = (size_t)BIO_get_mem_data(peer->out[side], &at);
    if (len > before)
        peer->wire(peer->wire_ctx, side, wd_bytes_at(at + before, len - before));
}

static size_t pending(const struct peer *peer, int side)
{
    return (size_t)BIO_ctrl_pending(peer->out[side]);
}

/* The other side takes what was said, which may make it answer (tickets, KeyUpdate). */
static void listen(struct peer *peer, int side)
{
    unsigned char heard[4096];
    size_t before = pending(peer, side), n;
    while (SSL_read_ex(peer->ssl[side], heard, sizeof heard, &n) > 0)
        ;
    show(peer, side, before);
}

bool peer_shake(struct peer *peer)
{
    for (int turn = 0; turn < 20; turn++) {
        int done = 0;
        for (int side = 0; side < 2; side++) {
            size_t before = pending(peer, side);
            int rc = SSL_do_handshake(peer->ssl[side]);
            show(peer, side, before);
            done += rc == 1;
            if (rc <= 0 && SSL_get_error(peer->ssl[side], rc) != SSL_ERROR_WANT_READ)
                return false;
        }
        if (done == 2) {
            listen(peer, PEER_CLIENT);
            return true;
        }
    }
    return false;
}

bool peer_say(struct peer *peer, int side, struct wd_bytes bytes)
{
    size_t n, before = pending(peer, side);
    bool is_said = SSL_write_ex(peer->ssl[side], bytes.at, bytes.len, &n) > 0;
    show(peer, side, before);
    listen(peer, 1 - side);
    listen(peer, side);
    return is_said;
}

bool peer_say_early(struct peer *peer, struct wd_bytes bytes)
{
    size_t n, before = pending(peer, PEER_CLIENT);
    unsigned char heard[4096];
    bool is_said = SSL_write_early_data(peer->ssl[PEER_CLIENT], bytes.at, bytes.len, &n) > 0;
    show(peer, PEER_CLIENT, before);
    before = pending(peer, PEER_SERVER);
    while (SSL_read_early_data(peer->ssl[PEER_SERVER], heard, sizeof heard, &n) ==
           SSL_READ_EARLY_DATA_SUCCESS)
        ;
    show(peer, PEER_SERVER, before);
    return is_said;
}

bool peer_update(struct peer *peer, int side, bool both)
{
    return SSL_key_update(peer->ssl[side], both ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) >
           0;
}

bool peer_renegotiate(struct peer *peer)
{
    SSL *client = peer->ssl[PEER_CLIENT];
    bool is_begun = SSL_renegotiate(client) > 0;
    for (int turn = 0; turn < 10 && is_begun && (turn == 0 || SSL_renegotiate_pending(client)); turn++) {
        size_t before = pending(peer, PEER_CLIENT);
        SSL_do_handshake(client);
        show(peer, PEER_CLIENT, before);
        listen(peer, PEER_SERVER);
    }
    return is_begun && !SSL_renegotiate_pending(client);
}

void peer_close(struct peer *peer)
{
    for (int side = 0; side < 2 && peer->ssl[side]; side++) {
        size_t before = pending(peer, side);
        SSL_shutdown(peer->ssl[side]);
        show(peer, side, before);
    }
    for (int side = 0; side < 2; side++) {
        SSL_free(peer->ssl[side]);
        BIO_free(peer->out[side]);
        SSL_CTX_free(peer->ctx[side]);
    }
    wd_buf_free(&peer->keylog);
    SSL_SESSION_free(peer->session);
    *peer = (struct peer){ .ctx = { NULL } };
    ERR_clear_error();
}
