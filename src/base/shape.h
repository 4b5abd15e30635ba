/* base/shape.h - anchored validators: what a value looks like, never what it is.
 * Source  privacy taxonomy: evidence from values. Each row of the table states its chance rate. */
#ifndef WD_BASE_SHAPE_H
#define WD_BASE_SHAPE_H

#include "base/bytes.h"

/* Validators a string or number can satisfy (profile/shape.c). Bits of a mask, rows of `shapes`. */
#define WD_SHAPES(X) \
    X(EMAIL, "email") X(PHONE, "phone") X(JWT, "jwt") X(PEM, "pem") X(AUTH_HEADER, "auth-header") \
    X(VENDOR_TOKEN, "vendor-token") X(URL_CREDENTIALS, "url-credentials") X(HIGH_ENTROPY, "high-entropy") \
    X(CREDIT_CARD, "credit-card") X(IBAN, "iban") X(IPV4, "ipv4") X(IPV6, "ipv6") X(MAC, "mac") X(UUID, "uuid") \
    X(IMEI, "imei") X(LATITUDE, "latitude") X(LONGITUDE, "longitude") X(DATE, "date") X(DATETIME, "datetime") \
    X(EPOCH_S, "epoch-s") X(EPOCH_MS, "epoch-ms") X(EPOCH_NS, "epoch-ns") X(VERSION, "version") X(HASH, "hash") \
    X(URL, "url") X(URL_PATH, "url-path") X(NUMERIC_STRING, "numeric-string") X(BASE64, "base64") \
    X(JSON_TEXT, "json-text") X(FREE_TEXT, "free-text") X(WORDS, "words") X(USER_AGENT, "user-agent") \
    X(PRECISE_DECIMAL, "precise-decimal") X(POSTAL_CODE, "postal-code") X(HEX, "hex")

enum wd_shape {
#define ROW(id, name) WD_SHAPE_##id,
    WD_SHAPES(ROW)
#undef ROW
    WD_SHAPE_COUNT
};
extern const char *const wd_shape_names[WD_SHAPE_COUNT];

/* Bits 1 << enum wd_shape of the validators that `value` satisfies as a whole. String values come decoded,
 * without quotes; numbers as their text. `capture_ns` anchors the epoch shapes (within ten years); 0: any
 * year from 2000 to 2050. */
uint64_t wd_shape_of(struct wd_bytes value, bool is_string, int64_t capture_ns);

/* True for an object key or path segment that is an identifier (UUID, 8 or more hex digits with a digit among
 * them, 4 or more digits, an address of mail, IP or MAC, `+` and digits): it folds into {}. */
bool wd_shape_is_identifier(struct wd_bytes key);

struct wd_shape_info { double chance; const char *what; };   /* share of random values of that kind which pass; a sentence */
extern const struct wd_shape_info wd_shape_infos[WD_SHAPE_COUNT];

#endif
