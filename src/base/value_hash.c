/* The hash of a scalar by what it means. XXH3 of
 *
 *     string    the decoded text                               seed
 *     number    mantissa (8 bytes), exponent << 1 | negative    seed ^ NUMBER    up to 19 significant digits
 *               digits in chunks, then the exponent             the same         beyond
 *     literal   the text                                        seed ^ LITERAL
 *     bytes     as they are                                     seed ^ BYTES
 */
#include "base/sketch.h"

#include <endian.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/decimal.h"
#include "base/unescape.h"

#define NUMBER UINT64_C(0x9e3779b97f4a7c15)
#define LITERAL UINT64_C(0xc2b2ae3d27d4eb4f)
#define BYTES UINT64_C(0x165667b19e3779f9)

enum { WORD_DIGITS = 19, CHUNK = 64 };

uint64_t wd_hash_string_value(struct wd_bytes decoded, uint64_t seed)
{
    return XXH3_64bits_withSeed(decoded.at, decoded.len, seed);
}

uint64_t wd_hash_literal_value(struct wd_bytes text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text.at, text.len, seed ^ LITERAL);
}

uint64_t wd_hash_bytes_value(struct wd_bytes bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.at, bytes.len, seed ^ BYTES);
}

static uint64_t hash_word(uint64_t mantissa, int64_t exponent, bool is_negative, uint64_t seed)
{
    uint64_t words[2] = { htole64(mantissa), htole64((uint64_t)exponent << 1 | is_negative) };
    return XXH3_64bits_withSeed(words, sizeof words, seed);
}

uint64_t wd_hash_decimal_value(uint64_t mantissa, int64_t exponent, bool is_negative, uint64_t seed)
{
    return hash_word(mantissa, exponent, is_negative, seed ^ NUMBER);
}

/* More digits than a word holds: each chunk's hash seeds the next, and the exponent comes last. */
static uint64_t hash_digits(const struct wd_decimal *d, uint64_t seed)
{
    uint8_t chunk[CHUNK];
    size_t n = 0;
    for (size_t i = 0; i < d->digits.len; i++) {
        if (d->digits.at[i] != '.')
            chunk[n++] = d->digits.at[i];
        if (n == CHUNK || i + 1 == d->digits.len) {
            seed = XXH3_64bits_withSeed(chunk, n, seed);
            n = 0;
        }
    }
    return hash_word(1, d->exponent, d->is_negative, seed);
}

uint64_t wd_hash_number_value(struct wd_bytes text, uint64_t seed)
{
    struct wd_decimal d;
    seed ^= NUMBER;
    if (!wd_decimal_read(text, &d))
        return XXH3_64bits_withSeed(text.at, text.len, seed);
    if (d.digit_count > WORD_DIGITS)
        return hash_digits(&d, seed);
    uint64_t mantissa = 0;
    for (size_t i = 0; i < d.digits.len; i++)
        if (d.digits.at[i] != '.')
            mantissa = mantissa * 10 + (d.digits.at[i] - '0');
    return hash_word(mantissa, d.exponent, d.is_negative && mantissa, seed);
}

/* ---- JSON text ---- */

static uint64_t hash_string(struct wd_bytes inside)
{
    if (!inside.len || !memchr(inside.at, '\\', inside.len))
        return wd_hash_string_value(inside, WD_SKETCH_SEED);
    struct wd_buf decoded = { 0 };
    wd_unescape(inside, &decoded);
    uint64_t hash = wd_hash_string_value(wd_buf_bytes(&decoded), WD_SKETCH_SEED);
    wd_buf_free(&decoded);
    return hash;
}

uint64_t wd_sketch_hash_json(struct wd_bytes json)
{
    if (json.len >= 2 && json.at[0] == '"')
        return hash_string(wd_bytes_at(json.at + 1, json.len - 2));
    if (json.len && (json.at[0] == '-' || (json.at[0] >= '0' && json.at[0] <= '9')))
        return wd_hash_number_value(json, WD_SKETCH_SEED);
    return wd_hash_literal_value(json, WD_SKETCH_SEED);
}
