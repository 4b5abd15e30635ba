/* base/shape_secret.c - tokens, keys, hashes and the encodings they come in.
 * Source  RFC 7519 section 3 (JWT), RFC 7468 (PEM), RFC 9110 section 11.6.2 (Authorization), RFC 4648
 * (base64), and the prefixes that vendors publish so that their secrets can be found. */
#include "base/base64.h"
#include "base/shape_rule.h"

static bool holds(struct wd_bytes text, const char *literal)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t *next = memchr(text.at + i, literal[0], text.len - i);
        if (!next)
            return false;
        i = (size_t)(next - text.at);
        if (wd_bytes_starts(wd_bytes_at(next, text.len - i), literal))
            return true;
    }
    return false;
}

/* The start of what base64 text holds; the number of bytes in `out`. */
static size_t decode(struct wd_bytes text, uint8_t *out, size_t cap)
{
    uint32_t bits = 0;
    size_t n = 0;
    unsigned have = 0;
    for (size_t i = 0; i < text.len && n < cap; i++) {
        int six = wd_base64_digit(text.at[i]);
        if (six < 0)
            break;
        bits = bits << 6 | (uint32_t)six;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (uint8_t)(bits >> have);
        }
    }
    return n;
}

/* header.payload.signature, or the five parts of an encrypted token. An unsigned token ends at its second
 * dot. */
uint64_t wd_shape_jwt(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    if (!wd_bytes_starts(text, "eyJ"))
        return 0;
    size_t dots = 0, header = text.len;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '.' && dots++ == 0)
            header = i;
    if (dots != 2 && dots != 4)
        return 0;
    uint8_t start[384];
    size_t n = decode(wd_bytes_at(text.at, header), start, sizeof start);
    bool is_object = n > 8 && start[0] == '{' && start[1] == '"';
    return is_object && holds(wd_bytes_at(start, n), "\"alg\"") ? SHAPE(JWT) : 0;
}

uint64_t wd_shape_pem(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    return wd_bytes_starts(text, "-----BEGIN ") && holds(text, "-----END ") ? SHAPE(PEM) : 0;
}

static const char *const schemes[] = {"Bearer ", "Basic ",  "Digest ",
                                      "Token ",  "ApiKey ", "AWS4-HMAC-SHA256 "};

/* What a word is not: digits, or capitals after the first letter. */
static bool is_opaque(struct wd_bytes text)
{
    return wd_rest_is(text, 0, C_PRINT) && !wd_rest_is(text, 1, C_SMALL) && !wd_rest_is(text, 0, C_BIG)
           && !wd_rest_is(text, 1, C_SMALL | C_DOT | C_COMMA | C_DASH | C_QUOTE);
}

/* A scheme, then a credential without blanks; Digest and AWS have parameters instead. */
uint64_t wd_shape_authorization(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    for (size_t i = 0; i < WD_COUNT(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (text.len < n + 8 || !wd_bytes_is_nocase(wd_bytes_at(text.at, n), schemes[i]))
            continue;
        bool has_parameters = (text.at[0] | 0x20) == 'd' || n > 10;
        bool is_credential = has_parameters ? memchr(text.at + n, '=', text.len - n) != NULL
                                            : is_opaque(wd_bytes_at(text.at + n, text.len - n));
        return is_credential ? SHAPE(AUTH_HEADER) : 0;
    }
    return 0;
}

/* Prefix, then at least `least` of these classes to the end. */
static const struct vendor { const char *prefix; size_t least; uint32_t classes; } vendors[] = {
    { "AGE-SECRET-KEY-1", 40, C_BIG | C_DIGIT },
    { "AIza", 35, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "AKIA", 16, C_BIG | C_DIGIT },
    { "ASIA", 16, C_BIG | C_DIGIT },
    { "EAACEdEose0cBA", 10, C_ALNUM },
    { "PMAK-", 50, C_HEX | C_DASH },
    { "SG.", 60, C_ALNUM | C_DASH | C_UNDERSCORE | C_DOT },
    { "SK", 32, C_HEX },
    { "dapi", 32, C_HEX },
    { "dop_v1_", 64, C_HEX },
    { "gho_", 36, C_ALNUM },
    { "ghp_", 36, C_ALNUM },
    { "ghr_", 36, C_ALNUM },
    { "ghs_", 36, C_ALNUM },
    { "ghu_", 36, C_ALNUM },
    { "github_pat_", 50, C_ALNUM | C_UNDERSCORE },
    { "glpat-", 20, C_ALNUM | C_DASH | C_UNDERSCORE | C_DOT },
    { "glsa_", 40, C_ALNUM | C_UNDERSCORE },
    { "hf_", 30, C_ALNUM },
    { "hvs.", 24, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "key-", 32, C_HEX },
    { "lin_api_", 32, C_ALNUM },
    { "npm_", 36, C_ALNUM },
    { "nvapi-", 40, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "pypi-AgE", 40, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "rk_live_", 16, C_ALNUM },
    { "rk_test_", 16, C_ALNUM },
    { "shpat_", 32, C_HEX },
    { "shpca_", 32, C_HEX },
    { "shppa_", 32, C_HEX },
    { "shpss_", 32, C_HEX },
    { "sk-", 32, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "sk_live_", 16, C_ALNUM },
    { "sk_test_", 16, C_ALNUM },
    { "sq0atp-", 22, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "sq0csp-", 40, C_ALNUM | C_DASH | C_UNDERSCORE },
    { "whsec_", 24, C_ALNUM },
    { "xapp-", 20, C_ALNUM | C_DASH },
    { "xkeysib-", 60, C_ALNUM | C_DASH },
    { "xoxa-", 10, C_ALNUM | C_DASH },
    { "xoxb-", 10, C_ALNUM | C_DASH },
    { "xoxe.", 20, C_ALNUM | C_DASH | C_DOT },
    { "xoxp-", 10, C_ALNUM | C_DASH },
    { "xoxr-", 10, C_ALNUM | C_DASH },
    { "xoxs-", 10, C_ALNUM | C_DASH },
    { "ya29.", 30, C_ALNUM | C_DASH | C_UNDERSCORE },
};

uint64_t wd_shape_vendor(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    for (size_t i = 0; i < WD_COUNT(vendors); i++) {
        const struct vendor *vendor = &vendors[i];
        if (text.at[0] != (uint8_t)vendor->prefix[0] || !wd_bytes_starts(text, vendor->prefix))
            continue;
        size_t n = strlen(vendor->prefix);
        if (text.len - n >= vendor->least && wd_rest_is(text, n, vendor->classes))
            return SHAPE(VENDOR_TOKEN);
    }
    return 0;
}

/* How often neighbours are of different kinds (digit, small, capital), how often one of the two is a digit,
 * and how many neighbours are alphanumeric. Random letters and digits change kind at about half of their
 * places, words seldom and camelCase without digits. */
struct mix { size_t pairs, changes, digit_changes; };

static struct mix mix_of(struct wd_bytes text)
{
    struct mix m = { 0 };
    uint32_t before = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint32_t class = wd_byte_class[text.at[i]];
        uint32_t kind = (class & C_DIGIT) | (class & C_SMALL ? 2u : 0) | (class & C_BIG ? 4u : 0);
        uint32_t differs = before && kind && before != kind;
        m.pairs += before && kind;
        m.changes += differs;
        m.digit_changes += differs & (before | kind);   /* the digit's bit is 1 */
        before = kind;
    }
    return m;
}

static size_t distinct_bytes(struct wd_bytes text)
{
    uint64_t seen[2] = { 0 };
    for (size_t i = 0; i < text.len; i++)
        seen[text.at[i] >> 6 & 1] |= UINT64_C(1) << (text.at[i] & 63);
    return (size_t)(__builtin_popcountll(seen[0]) + __builtin_popcountll(seen[1]));
}

uint64_t wd_shape_entropy(const struct wd_value *v)
{
    if (!(v->seen & C_ALPHA))
        return 0;
    struct mix m = mix_of(v->text);
    if (m.pairs * 2 < v->text.len || m.changes * 10 < m.pairs * 3 || m.digit_changes < 4)
        return 0;
    size_t least = v->text.len < 25 ? v->text.len * 2 / 5 : 10;
    return distinct_bytes(v->text) >= least ? SHAPE(HIGH_ENTROPY) : 0;
}

/* Digests in use: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512. */
static bool is_digest_len(size_t len)
{
    return len == 32 || len == 40 || len == 56 || len == 64 || len == 96 || len == 128;
}

/* sha256:, md5: before the digest. */
static size_t algorithm_len(struct wd_bytes text)
{
    if (!wd_bytes_starts(text, "sha") && !wd_bytes_starts(text, "md5"))
        return 0;
    size_t n = wd_run(text, 0, C_ALNUM);
    return n < text.len && n <= 6 && text.at[n] == ':' ? n + 1 : 0;
}

uint64_t wd_shape_hex(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t off = algorithm_len(text);
    bool is_small = wd_rest_is(text, off, C_DIGIT | C_HEX_LOWER),
         is_big = wd_rest_is(text, off, C_DIGIT | C_HEX_UPPER);
    if (is_small == is_big)   /* neither, or digits alone */
        return 0;
    bool is_hash = is_digest_len(text.len - off);
    return (text.len - off >= 8 && !off ? SHAPE(HEX) : 0) | (is_hash ? SHAPE(HASH) : 0);
}

uint64_t wd_shape_base64(const struct wd_value *v)
{
    struct wd_bytes text = v->text;
    size_t body = wd_run(text, 0, C_ANY & ~C_EQUALS), padding = text.len - body;
    if (padding > 2 || text.len % 4 != 0 || wd_run(text, body, C_EQUALS) != padding)
        return 0;
    return v->seen & C_SMALL && v->seen & C_BIG ? SHAPE(BASE64) : 0;
}
