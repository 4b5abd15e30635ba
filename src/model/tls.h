/* model/tls.h - the cipher suites of TLS by their registered names, and what a run saw of TLS.
 *
 * Shape   suites are a table, ordered by number. Counts keep one row per version and suite, in that order;
 *         version 0 and suite 0 stand for connections of which no ServerHello was captured.
 * Owns    nothing: counts are a plain value.
 * Source  IANA "TLS Cipher Suites"; RFC 8446 B.4, 5246 A.5, 5288, 5289, 5932, 6209, 6367, 6655, 7251, 7905,
 *         8442.
 */
#ifndef WD_MODEL_TLS_H
#define WD_MODEL_TLS_H

#include "base/buf.h"

/* What encrypts records. NONE: its suites have a name here, and are not read. */
enum wd_bulk {
    WD_BULK_NONE,
    WD_BULK_AES_128_GCM,
    WD_BULK_AES_256_GCM,
    WD_BULK_CHACHA20_POLY1305,
    WD_BULK_AES_128_CCM,
    WD_BULK_AES_256_CCM,
    WD_BULK_AES_128_CCM_8,
    WD_BULK_AES_256_CCM_8,
    WD_BULK_ARIA_128_GCM,
    WD_BULK_ARIA_256_GCM,
    WD_BULK_AES_128_CBC,
    WD_BULK_AES_256_CBC,
    WD_BULK_CAMELLIA_128_CBC,
    WD_BULK_CAMELLIA_256_CBC,
    WD_BULK_DES_EDE3_CBC,
    WD_BULK_COUNT
};

enum wd_tls_hash { WD_HASH_SHA1, WD_HASH_SHA256, WD_HASH_SHA384, WD_HASH_COUNT };

struct wd_suite {
    uint16_t code;
    const char *name;       /* "TLS_AES_128_GCM_SHA256" */
    enum wd_bulk bulk;
    enum wd_tls_hash mac;   /* of records, where the bulk cipher is CBC */
    enum wd_tls_hash prf;   /* of the key schedule */
};

const struct wd_suite *wd_suite_find(uint16_t code);        /* NULL: no name here */
void wd_suite_name(uint16_t code, struct wd_buf *out);      /* appends it, "0x1234" without one, "unknown" for 0 */
bool wd_suite_code(struct wd_bytes name, uint16_t *out);    /* the reverse */

#define WD_TLS_1_2 0x0303
#define WD_TLS_1_3 0x0304
const char *wd_tls_version_name(uint16_t version);          /* "1.3", "unknown" */
bool wd_tls_version_code(struct wd_bytes name, uint16_t *out);

/* What connections of a version and suite look like from outside: of those that were opened too. */
struct wd_tls_kind {
    uint16_t version, suite;
    uint64_t connections, decrypted;
    uint64_t records[2];        /* from the client, from the server; of all kinds */
    uint64_t data_bytes[2];     /* bodies of records that say they hold application data; in TLS 1.3 so does most of a handshake */
    int64_t first_ns, last_ns;  /* of the records; 0 without any */
};
void wd_tls_kind_add(struct wd_tls_kind *into, const struct wd_tls_kind *from);   /* its counts and times */

/* Peers choose both numbers: what finds no room is counted as unknown. */
#define WD_TLS_KINDS 64u
struct wd_tls_counts {
    uint64_t connections;   /* TCP connections that speak TLS */
    uint64_t decrypted;     /* of those, at least one record was opened with a key */
    uint64_t records;       /* in both directions, of all kinds */
    struct wd_tls_kind kinds[WD_TLS_KINDS];
    size_t kind_count;
};

/* Distinct names of servers that are kept, where they are kept at all; further ones are counted together, as
 * (other). */
#define WD_SERVER_NAMES 1000u

/* The row of a version and suite, made when it is new; the connections of all rows sum to `connections`. */
struct wd_tls_kind *wd_tls_counts_kind(struct wd_tls_counts *counts, uint16_t version, uint16_t suite);
void wd_tls_counts_add(struct wd_tls_counts *into, const struct wd_tls_counts *from);

#endif
