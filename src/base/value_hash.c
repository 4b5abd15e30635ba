/* The hash of a scalar by what it means. XXH3 of
 *
 *     string    the decoded text                               seed
 *     number    mantissa (8 bytes), exponent << 1 | negative    seed ^ NUMBER    up to 19 significant digits
 *               digits in chunks, then the exponent             the same         beyond
 *     literal   the text                                        seed ^ LITERAL
 */
#include "base/sketch.h"

#include <endian.h>
#include <xxhash.h>

#include "base/decimal.h"

#define NUMBER UINT64_C(0x9e3779b97f4a7c15)
#define LITERAL UINT64_C(0xc2b2ae3d27d4eb4f)

enum { WORD_DIGITS = 19, CHUNK = 64 };

uint64_t wd_hash_string_value(struct wd_bytes decoded, uint64_t seed)
{
    return XXH3_64bits_withSeed(decoded.at, decoded.len, seed);
}

uint64_t wd_hash_literal_value(struct wd_bytes text, uint64_t seed)
{
    return XXH3_64bits_withSeed(text.at, text.len, seed ^ LITERAL);
}

static uint64_t hash_word(uint64_t mantissa, const struct wd_decimal *d, uint64_t seed)
{
    uint64_t words[2] = { htole64(mantissa), htole64((uint64_t)d->exponent << 1 | (d->is_negative && mantissa)) };
    return XXH3_64bits_withSeed(words, sizeof words, seed);
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
    return hash_word(1, d, seed);
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
    return hash_word(mantissa, &d, seed);
}

/* ---- JSON text ---- */

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex4(struct wd_bytes s, size_t off, uint32_t *out)
{
    if (off > s.len || s.len - off < 4)
        return false;
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(s.at[off + i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

static void put_utf8(struct wd_buf *out, uint32_t c)
{
    if (c < 0x80) {
        wd_buf_byte(out, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        wd_buf_byte(out, (uint8_t)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            wd_buf_byte(out, (uint8_t)(0xe0 | c >> 12));
        } else {
            wd_buf_byte(out, (uint8_t)(0xf0 | c >> 18));
            wd_buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        }
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    }
    wd_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* The XXXX of \uXXXX at `off`, with the low half when it is a pair; returns the bytes read. Half a pair stays as it is. */
static size_t put_unicode(struct wd_buf *out, struct wd_bytes s, size_t off)
{
    uint32_t high, low;
    if (!read_hex4(s, off, &high)) {
        wd_buf_byte(out, 'u');
        return 0;
    }
    bool is_high = high >= 0xd800 && high < 0xdc00;
    if (is_high && s.len - off >= 6 && s.at[off + 4] == '\\' && s.at[off + 5] == 'u' && read_hex4(s, off + 6, &low) &&
        low >= 0xdc00 && low < 0xe000) {
        put_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
        return 10;
    }
    put_utf8(out, high);
    return 4;
}

static void decode(struct wd_buf *out, struct wd_bytes s)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] != '\\' || i + 1 == s.len) {
            wd_buf_byte(out, s.at[i]);
            continue;
        }
        uint8_t c = s.at[++i];
        const char *letter = c ? strchr(letters, c) : NULL;
        if (c == 'u')
            i += put_unicode(out, s, i + 1);
        else
            wd_buf_byte(out, letter ? (uint8_t)meanings[letter - letters] : c);
    }
}

static uint64_t hash_string(struct wd_bytes inside)
{
    if (!inside.len || !memchr(inside.at, '\\', inside.len))
        return wd_hash_string_value(inside, WD_SKETCH_SEED);
    struct wd_buf decoded = { 0 };
    decode(&decoded, inside);
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
