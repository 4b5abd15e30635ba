/* stream/seal.c - what a sealed body looks like:
 *
 *     TLS 1.3               [ content | type | zeros ... ]  tag         nonce: IV xor number
 *     TLS 1.2 GCM, CCM      nonce (8)  [ content ]  tag                 nonce: salt (4), these 8
 *     TLS 1.2 ChaCha20      [ content ]  tag                            nonce: IV xor number
 *     TLS 1.2 CBC           IV  [ content | MAC | padding | its length ]
 *     ... encrypt-then-MAC  IV  [ content | padding | its length ]  MAC
 *                               \____ encrypted _____________/
 */
#include "stream/seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/arena.h"

enum mode { GCM, CCM, POLY1305, CBC };
enum { NONCE = 12, SALT = 4, EXPLICIT = 8, KEY_MOST = 32, MAC_MOST = 48 };
enum { BLOCK_KEYS = 2 * (KEY_MOST + MAC_MOST + NONCE) };

static const struct bulk {
    const char *name;
    enum mode mode;
    uint8_t key, tag, block;   /* bytes; of CBC no tag, of the others no block */
} bulks[WD_BULK_COUNT] = {
    [WD_BULK_AES_128_GCM]       = { "AES-128-GCM",       GCM,      16, 16, 0 },
    [WD_BULK_AES_256_GCM]       = { "AES-256-GCM",       GCM,      32, 16, 0 },
    [WD_BULK_CHACHA20_POLY1305] = { "ChaCha20-Poly1305", POLY1305, 32, 16, 0 },
    [WD_BULK_AES_128_CCM]       = { "AES-128-CCM",       CCM,      16, 16, 0 },
    [WD_BULK_AES_256_CCM]       = { "AES-256-CCM",       CCM,      32, 16, 0 },
    [WD_BULK_AES_128_CCM_8]     = { "AES-128-CCM",       CCM,      16, 8,  0 },
    [WD_BULK_AES_256_CCM_8]     = { "AES-256-CCM",       CCM,      32, 8,  0 },
    [WD_BULK_ARIA_128_GCM]      = { "ARIA-128-GCM",      GCM,      16, 16, 0 },
    [WD_BULK_ARIA_256_GCM]      = { "ARIA-256-GCM",      GCM,      32, 16, 0 },
    [WD_BULK_AES_128_CBC]       = { "AES-128-CBC",       CBC,      16, 0,  16 },
    [WD_BULK_AES_256_CBC]       = { "AES-256-CBC",       CBC,      32, 0,  16 },
    [WD_BULK_CAMELLIA_128_CBC]  = { "CAMELLIA-128-CBC",  CBC,      16, 0,  16 },
    [WD_BULK_CAMELLIA_256_CBC]  = { "CAMELLIA-256-CBC",  CBC,      32, 0,  16 },
    [WD_BULK_DES_EDE3_CBC]      = { "DES-EDE3-CBC",      CBC,      24, 0,  8 },
};

struct wd_seals {
    struct wd_schedule *schedule;
    EVP_CIPHER *ciphers[WD_BULK_COUNT];   /* fetched when first needed */
    EVP_MAC *hmac;
};

struct wd_seal {
    const struct bulk *bulk;
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;      /* CBC */
    size_t mac_len;
    bool is_13, is_mac_last;
    uint8_t iv[NONCE];     /* or the salt */
};

struct keys {
    const uint8_t *key, *iv, *mac;
    bool is_13, is_mac_last;
};

/* libcrypto out of memory is us out of memory: base/arena.h ends the program. */
static void *allocate(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return wd_alloc(size);
}

static void *reallocate(void *at, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return wd_realloc(at, size, 1);
}

static void release(void *at, const char *file, int line)
{
    (void)file, (void)line;
    wd_free(at);
}

/* Neither a configuration file nor the environment decides what is derived here. Refused when somebody else
 * in the process used libcrypto before, as tests do: then it keeps what it has. */
static void prepare_library(void)
{
    (void)CRYPTO_set_mem_functions(allocate, reallocate, release);
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

struct wd_seals *wd_seals_open(void)
{
    prepare_library();
    struct wd_seals *seals = wd_alloc(sizeof *seals);
    seals->schedule = wd_schedule_open();
    seals->hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    return seals;
}

void wd_seals_free(struct wd_seals *seals)
{
    if (!seals)
        return;
    for (int i = 0; i < WD_BULK_COUNT; i++)
        EVP_CIPHER_free(seals->ciphers[i]);
    EVP_MAC_free(seals->hmac);
    wd_schedule_free(seals->schedule);
    wd_free(seals);
}

void wd_seal_free(struct wd_seal *seal)
{
    if (!seal)
        return;
    EVP_CIPHER_CTX_free(seal->cipher);
    EVP_MAC_CTX_free(seal->mac);
    OPENSSL_cleanse(seal, sizeof *seal);
    wd_free(seal);
}

static size_t iv_len(const struct bulk *bulk, bool is_13)
{
    return is_13 || bulk->mode == POLY1305 ? NONCE : bulk->mode == CBC ? 0 : SALT;
}

/* --- making one --- */

static bool set_cipher(struct wd_seal *seal, const EVP_CIPHER *cipher, const uint8_t *key)
{
    const struct bulk *bulk = seal->bulk;
    EVP_CIPHER_CTX *ctx = seal->cipher = EVP_CIPHER_CTX_new();
    if (!ctx || EVP_DecryptInit_ex2(ctx, cipher, NULL, NULL, NULL) <= 0)
        return false;
    if (bulk->mode == CBC)
        return EVP_CIPHER_CTX_set_padding(ctx, 0) > 0 && EVP_DecryptInit_ex2(ctx, NULL, key, NULL, NULL) > 0;
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL) > 0 &&
           (bulk->mode != CCM || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, bulk->tag, NULL) > 0) &&
           EVP_DecryptInit_ex2(ctx, NULL, key, NULL, NULL) > 0;
}

static bool set_mac(struct wd_seal *seal, EVP_MAC *hmac, enum wd_tls_hash hash, const uint8_t *key)
{
    if (seal->bulk->mode != CBC)
        return true;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)wd_hash_name(hash), 0),
        OSSL_PARAM_construct_end(),
    };
    seal->mac_len = wd_hash_len(hash);
    seal->mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    return seal->mac && EVP_MAC_init(seal->mac, key, seal->mac_len, params) > 0;
}

static struct wd_seal *make(struct wd_seals *seals, const struct wd_suite *suite, const struct keys *keys)
{
    const struct bulk *bulk = &bulks[suite->bulk];
    EVP_CIPHER **cipher = &seals->ciphers[suite->bulk];
    if (!*cipher)
        *cipher = EVP_CIPHER_fetch(NULL, bulk->name, NULL);
    if (!*cipher)
        return NULL;
    struct wd_seal *seal = wd_alloc(sizeof *seal);
    seal->bulk = bulk;
    seal->is_13 = keys->is_13;
    seal->is_mac_last = keys->is_mac_last;
    memcpy(seal->iv, keys->iv, iv_len(bulk, keys->is_13));
    if (set_cipher(seal, *cipher, keys->key) && set_mac(seal, seals->hmac, suite->mac, keys->mac))
        return seal;
    wd_seal_free(seal);
    return NULL;
}

struct wd_seal *wd_seal_open(struct wd_seals *seals, const struct wd_suite *suite, struct wd_bytes secret)
{
    const struct bulk *bulk = &bulks[suite->bulk];
    uint8_t key[KEY_MOST], iv[NONCE];
    struct wd_seal *seal = NULL;
    if (suite->bulk != WD_BULK_NONE && bulk->mode != CBC && secret.len == wd_hash_len(suite->prf) &&
        wd_schedule_expand(seals->schedule, suite->prf, secret, "key", key, bulk->key) &&
        wd_schedule_expand(seals->schedule, suite->prf, secret, "iv", iv, sizeof iv))
        seal = make(seals, suite, &(struct keys){ .key = key, .iv = iv, .is_13 = true });
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(iv, sizeof iv);
    return seal;
}

/* client MAC, server MAC, client key, server key, client IV, server IV */
struct wd_seal *wd_seal_open_12(struct wd_seals *seals, const struct wd_suite *suite, struct wd_bytes master,
                                const uint8_t *server_random, const uint8_t *client_random, bool is_client,
                                bool is_mac_last)
{
    const struct bulk *bulk = &bulks[suite->bulk];
    if (suite->bulk == WD_BULK_NONE)
        return NULL;
    size_t mac = bulk->mode == CBC ? wd_hash_len(suite->mac) : 0, key = bulk->key, iv = iv_len(bulk, false);
    uint8_t block[BLOCK_KEYS];
    struct wd_seal *seal = NULL;
    if (wd_schedule_block(seals->schedule, suite->prf, master, server_random, client_random, block,
                          2 * (mac + key + iv)))
        seal = make(seals, suite, &(struct keys){
            .mac = block + (is_client ? 0 : mac),
            .key = block + 2 * mac + (is_client ? 0 : key),
            .iv = block + 2 * (mac + key) + (is_client ? 0 : iv),
            .is_mac_last = is_mac_last && bulk->mode == CBC,
        });
    OPENSSL_cleanse(block, sizeof block);
    return seal;
}

bool wd_secret_update(struct wd_seals *seals, const struct wd_suite *suite, uint8_t *secret, size_t len)
{
    uint8_t next[MAC_MOST];
    bool is_done =
        len <= sizeof next && len == wd_hash_len(suite->prf) &&
        wd_schedule_expand(seals->schedule, suite->prf, wd_bytes_at(secret, len), "traffic upd", next, len);
    if (is_done)
        memcpy(secret, next, len);
    OPENSSL_cleanse(next, sizeof next);
    return is_done;
}

/* --- reading --- */

static void put_number(uint8_t *at, uint64_t number, size_t len)
{
    for (size_t i = len; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
}

/* Number, type, version and length of the content: what TLS 1.2 authenticates beside it. */
enum { EXTRA = 13 };
static void put_extra(uint8_t *at, uint64_t number, const struct wd_record *record, size_t len)
{
    put_number(at, number, 8);
    at[8] = record->type;
    put_number(at + 9, record->version, 2);
    put_number(at + 11, len, 2);
}

static void put_nonce(const struct wd_seal *seal, uint64_t number, const uint8_t *explicit_part,
                      uint8_t nonce[NONCE])
{
    if (explicit_part) {
        memcpy(nonce, seal->iv, SALT);
        memcpy(nonce + SALT, explicit_part, EXPLICIT);
        return;
    }
    put_number(nonce, number, NONCE);
    for (size_t i = 0; i < NONCE; i++)
        nonce[i] ^= seal->iv[i];
}

static bool open_aead(struct wd_seal *seal, const uint8_t *nonce, struct wd_bytes extra,
                      struct wd_bytes sealed, const uint8_t *tag, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = seal->cipher;
    int n = 0, len = (int)sealed.len;
    bool is_ccm = seal->bulk->mode == CCM;
    if (is_ccm && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, seal->bulk->tag, (void *)tag) <= 0)
        return false;
    if (EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL) <= 0 ||
        (is_ccm && EVP_DecryptUpdate(ctx, NULL, &n, NULL, len) <= 0) ||
        EVP_DecryptUpdate(ctx, NULL, &n, extra.at, (int)extra.len) <= 0)
        return false;
    /* CCM checks the tag with the content, even of none; the others at the end. */
    if ((is_ccm || len) && EVP_DecryptUpdate(ctx, out, &n, sealed.at, len) <= 0)
        return false;
    return is_ccm || (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, seal->bulk->tag, (void *)tag) > 0 &&
                      EVP_DecryptFinal_ex(ctx, out + n, &n) > 0);
}

static bool read_aead(struct wd_seal *seal, uint64_t number, const struct wd_record *record, uint8_t *out,
                      size_t *len)
{
    struct wd_bytes body = record->body;
    bool has_explicit = !seal->is_13 && seal->bulk->mode != POLY1305;
    size_t front = has_explicit ? EXPLICIT : 0, tag = seal->bulk->tag;
    if (body.len < front + tag)
        return false;
    struct wd_bytes sealed = { body.at + front, body.len - front - tag };
    uint8_t nonce[NONCE], extra[EXTRA];
    put_nonce(seal, number, has_explicit ? body.at : NULL, nonce);
    *len = sealed.len;
    if (!seal->is_13) {
        put_extra(extra, number, record, sealed.len);
        return open_aead(seal, nonce, wd_bytes_at(extra, EXTRA), sealed, body.at + front + sealed.len, out);
    }
    extra[0] = record->type;   /* the header itself */
    put_number(extra + 1, record->version, 2);
    put_number(extra + 3, body.len, 2);
    return open_aead(seal, nonce, wd_bytes_at(extra, WD_RECORD_HEAD), sealed, body.at + sealed.len, out);
}

static bool is_mac(struct wd_seal *seal, uint64_t number, const struct wd_record *record,
                   struct wd_bytes covered, const uint8_t *mac)
{
    uint8_t extra[EXTRA], is[EVP_MAX_MD_SIZE];
    size_t len = 0;
    put_extra(extra, number, record, covered.len);
    return EVP_MAC_init(seal->mac, NULL, 0, NULL) > 0 && EVP_MAC_update(seal->mac, extra, EXTRA) > 0 &&
           EVP_MAC_update(seal->mac, covered.at, covered.len) > 0 &&
           EVP_MAC_final(seal->mac, is, &len, sizeof is) > 0 && len == seal->mac_len &&
           CRYPTO_memcmp(is, mac, len) == 0;
}

/* The last byte says how many like it stand before it. */
static bool cut_padding(const uint8_t *out, size_t *len)
{
    size_t padding = *len ? out[*len - 1] + (size_t)1 : 0;
    if (padding == 0 || padding > *len)
        return false;
    for (size_t i = 1; i < padding; i++)
        if (out[*len - 1 - i] != padding - 1)
            return false;
    *len -= padding;
    return true;
}

static bool open_cbc(struct wd_seal *seal, struct wd_bytes body, uint8_t *out, size_t *len)
{
    size_t block = seal->bulk->block;
    int n = 0;
    if (body.len < 2 * block || body.len % block != 0)
        return false;
    *len = body.len - block;
    return EVP_DecryptInit_ex2(seal->cipher, NULL, NULL, body.at, NULL) > 0 &&
           EVP_DecryptUpdate(seal->cipher, out, &n, body.at + block, (int)*len) > 0 && (size_t)n == *len &&
           cut_padding(out, len);
}

static bool read_cbc(struct wd_seal *seal, uint64_t number, const struct wd_record *record, uint8_t *out,
                     size_t *len)
{
    struct wd_bytes body = record->body;
    if (seal->is_mac_last) {
        if (body.len < seal->mac_len)
            return false;
        body.len -= seal->mac_len;
        return is_mac(seal, number, record, body, body.at + body.len) && open_cbc(seal, body, out, len);
    }
    if (!open_cbc(seal, body, out, len) || *len < seal->mac_len)
        return false;
    *len -= seal->mac_len;
    return is_mac(seal, number, record, wd_bytes_at(out, *len), out + *len);
}

bool wd_seal_read(struct wd_seal *seal, uint64_t number, const struct wd_record *record, uint8_t *out,
                  struct wd_opened *opened)
{
    size_t len = 0;
    bool is_cbc = seal->bulk->mode == CBC;
    if (record->body.len > WD_RECORD_MOST)
        return false;
    if (!(is_cbc ? read_cbc : read_aead)(seal, number, record, out, &len))
        return false;
    opened->type = record->type;
    if (seal->is_13) {
        while (len && out[len - 1] == 0)
            len--;
        if (len == 0)
            return false;   /* a type there must be */
        opened->type = out[--len];
    }
    opened->content = wd_bytes_at(out, len);
    return true;
}
