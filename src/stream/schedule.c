#include "stream/schedule.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/arena.h"

struct wd_schedule {
    EVP_KDF *expand, *prf;   /* NULL: this libcrypto has none */
};

static const struct { const char *name; size_t len; } hashes[WD_HASH_COUNT] = {
    [WD_HASH_SHA1] = { "SHA1", 20 },
    [WD_HASH_SHA256] = { "SHA256", 32 },
    [WD_HASH_SHA384] = { "SHA384", 48 },
};

size_t wd_hash_len(enum wd_tls_hash hash)
{
    return hashes[hash].len;
}

const char *wd_hash_name(enum wd_tls_hash hash)
{
    return hashes[hash].name;
}

struct wd_schedule *wd_schedule_open(void)
{
    struct wd_schedule *s = wd_alloc(sizeof *s);
    s->expand = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_3_KDF, NULL);
    s->prf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    return s;
}

void wd_schedule_free(struct wd_schedule *s)
{
    if (!s)
        return;
    EVP_KDF_free(s->expand);
    EVP_KDF_free(s->prf);
    wd_free(s);
}

static OSSL_PARAM octets(const char *key, struct wd_bytes bytes)
{
    return OSSL_PARAM_construct_octet_string(key, (void *)bytes.at, bytes.len);
}

static bool derive(EVP_KDF *kdf, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    bool is_done = ctx && EVP_KDF_derive(ctx, out, len, params) > 0;
    EVP_KDF_CTX_free(ctx);
    return is_done;
}

bool wd_schedule_expand(struct wd_schedule *s, enum wd_tls_hash hash, struct wd_bytes secret,
                        const char *label, uint8_t *out, size_t len)
{
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)hashes[hash].name, 0),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_PREFIX, wd_bytes_of("tls13 ")),
        octets(OSSL_KDF_PARAM_LABEL, wd_bytes_of(label)),
        octets(OSSL_KDF_PARAM_DATA, wd_bytes_of("")),
        OSSL_PARAM_construct_end(),
    };
    return derive(s->expand, params, out, len);
}

bool wd_schedule_block(struct wd_schedule *s, enum wd_tls_hash hash, struct wd_bytes master,
                       const uint8_t *server_random, const uint8_t *client_random, uint8_t *out, size_t len)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)hashes[hash].name, 0),
        octets(OSSL_KDF_PARAM_SECRET, master),
        octets(OSSL_KDF_PARAM_SEED, wd_bytes_of("key expansion")),
        octets(OSSL_KDF_PARAM_SEED, wd_bytes_at(server_random, 32)),
        octets(OSSL_KDF_PARAM_SEED, wd_bytes_at(client_random, 32)),
        OSSL_PARAM_construct_end(),
    };
    return derive(s->prf, params, out, len);
}
