/* base/shape.c - which validators a value satisfies.
 *
 * A value meets a rule only when its length, its first byte and the set of its byte classes fit the rule's
 * row; that costs about a nanosecond a row, and a short number or a single word meets none. Source  privacy
 * taxonomy 2c. Chance rates are checked by a property test.
 */
#include "base/shape.h"

#include "base/shape_rule.h"

#define NAME(id, name) name,
const char *const wd_shape_names[WD_SHAPE_COUNT] = { WD_SHAPES(NAME) };
#undef NAME

/* `chance` is the share of random values of the kind in brackets that pass. */
const struct wd_shape_info wd_shape_infos[WD_SHAPE_COUNT] = {
    [WD_SHAPE_EMAIL] = { 1e-6,
        "a mail address: local part, @, a domain with a top level of letters [20 random printable "
        "characters]" },
    [WD_SHAPE_PHONE] = { 0.05,
        "+ and 8 to 15 digits, or a national number: leading 0 and 9 to 12 digits, or 3-3-4 with "
        "separators [11 digits]" },
    [WD_SHAPE_JWT] = { 1e-9,
        "three or five base64url parts whose first is a JSON object with \"alg\" [60 of the alphabet]" },
    [WD_SHAPE_PEM] = { 1e-9, "a block between -----BEGIN and -----END lines [80 printable characters]" },
    [WD_SHAPE_AUTH_HEADER] = { 1e-6,
        "Basic, Bearer, Digest, Token or ApiKey and a credential [30 printable characters]" },
    [WD_SHAPE_VENDOR_TOKEN] = { 1e-4,
        "a prefix that a vendor gives to its secrets, then the length and alphabet it uses [36 letters "
        "and digits]" },
    [WD_SHAPE_URL_CREDENTIALS] = { 1e-6,
        "a URL with user:password@, or a query parameter named as a secret [40 printable characters]" },
    [WD_SHAPE_HIGH_ENTROPY] = { 0.95,
        "20 or more letters and digits that change between kinds as random ones do [32 letters and "
        "digits]" },
    [WD_SHAPE_CREDIT_CARD] = { 0.023, "an issuer's prefix and length, and the Luhn check digit [16 digits]" },
    [WD_SHAPE_IBAN] = { 1.4e-4,
        "a country of the IBAN registry, its length, and mod 97 [two capitals and 20 digits]" },
    [WD_SHAPE_IPV4] = { 1e-4, "four decimal octets, with an optional port or prefix [12 digits and dots]" },
    [WD_SHAPE_IPV6] = { 1.5e-4,
        "eight groups of hex digits, or fewer with one :: [20 hex digits and colons]" },
    [WD_SHAPE_MAC] = { 1e-6,
        "six pairs of hex digits with colons or dashes, or three groups of four [17 hex digits and "
        "colons]" },
    [WD_SHAPE_UUID] = { 1e-6, "8-4-4-4-12 hex digits [36 hex digits and dashes]" },
    [WD_SHAPE_IMEI] = { 0.015,
        "15 digits with a known reporting body (or 19 to 20 that begin 89) and the Luhn check digit [15 "
        "digits]" },
    [WD_SHAPE_LATITUDE] = { 0.9,
        "a decimal of magnitude 90 or less with 3 or more decimals; or a pair of both [0 to 100, 5 "
        "decimals]" },
    [WD_SHAPE_LONGITUDE] = { 0.9,
        "a decimal of magnitude 180 or less with 3 or more decimals; or a pair of both [0 to 200, 5 "
        "decimals]" },
    [WD_SHAPE_DATE] = { 7e-4,
        "a calendar date: year-month-day, day.month.year, day/month/year, or 8 digits [8 digits]" },
    [WD_SHAPE_DATETIME] = { 1.5e-4,
        "ISO 8601 or RFC 1123 date and time, or a stamp of 12 or 14 digits [12 digits]" },
    [WD_SHAPE_EPOCH_S] = { 0.07, "seconds since 1970 within ten years of the capture [10 digits]" },
    [WD_SHAPE_EPOCH_MS] = { 0.07, "milliseconds since 1970 within ten years of the capture [13 digits]" },
    [WD_SHAPE_EPOCH_NS] = { 0.07, "nanoseconds since 1970 within ten years of the capture [19 digits]" },
    [WD_SHAPE_VERSION] = { 0.05,
        "two or more numbers with dots that no decimal is, with an optional v and suffix [7 digits and "
        "dots]" },
    [WD_SHAPE_HASH] = { 1.0, "hex digits of the length of a known digest [40 hex digits]" },
    [WD_SHAPE_URL] = { 1e-6, "a scheme, :// and no blank [30 printable characters]" },
    [WD_SHAPE_URL_PATH] = { 2e-4, "/ and path segments [20 printable characters]" },
    [WD_SHAPE_NUMERIC_STRING] = { 0.95,
        "a string that JSON could carry as a number without loss [8 digits]" },
    [WD_SHAPE_BASE64] = { 0.25,
        "16 or more characters of base64 with all three kinds, of a length that base64 has [16 to 64 "
        "letters and digits]" },
    [WD_SHAPE_JSON_TEXT] = { 1e-6,
        "an object or array of JSON whose brackets close [20 printable characters]" },
    [WD_SHAPE_FREE_TEXT] = { 3e-4, "four or more words, mostly letters [30 printable characters]" },
    [WD_SHAPE_WORDS] = { 0.045,
        "two to four words with capitals, or two to six ideographs: as names are written [12 letters and "
        "blanks]" },
    [WD_SHAPE_USER_AGENT] = { 1e-6,
        "a product with its version and a comment in parentheses, or a known client [40 printable "
        "characters]" },
    [WD_SHAPE_PRECISE_DECIMAL] = { 0.9,
        "a decimal with 4 or more decimals; or a pair of them [0 to 100, 5 decimals]" },
    [WD_SHAPE_POSTAL_CODE] = { 1.0, "the postal code of a larger country [5 digits]" },
    [WD_SHAPE_HEX] = { 0.97, "8 or more hex digits, both letters and digits, one case [8 hex digits]" },
};

const uint32_t wd_byte_class[256] = {
    [0x00 ... 0x08] = C_CONTROL,
    ['\t'] = C_BREAK,
    ['\n'] = C_BREAK,
    [0x0b ... 0x0c] = C_CONTROL,
    ['\r'] = C_BREAK,
    [0x0e ... 0x1f] = C_CONTROL,
    [' '] = C_SPACE,
    ['!'] = C_OTHER,
    ['"'] = C_QUOTE,
    ['#'] = C_QUERY,
    ['$'] = C_OTHER,
    ['%'] = C_PERCENT,
    ['&'] = C_QUERY,
    ['\''] = C_QUOTE,
    ['('] = C_PAREN,
    [')'] = C_PAREN,
    ['*'] = C_OTHER,
    ['+'] = C_PLUS,
    [','] = C_COMMA,
    ['-'] = C_DASH,
    ['.'] = C_DOT,
    ['/'] = C_SLASH,
    ['0' ... '9'] = C_DIGIT,
    [':'] = C_COLON,
    [';'] = C_OTHER,
    ['<'] = C_OTHER,
    ['='] = C_EQUALS,
    ['>'] = C_OTHER,
    ['?'] = C_QUERY,
    ['@'] = C_AT,
    ['A' ... 'F'] = C_HEX_UPPER,
    ['G' ... 'Z'] = C_UPPER,
    ['['] = C_BRACE,
    ['\\'] = C_OTHER,
    [']'] = C_BRACE,
    ['^'] = C_OTHER,
    ['_'] = C_UNDERSCORE,
    ['`'] = C_OTHER,
    ['a' ... 'f'] = C_HEX_LOWER,
    ['g' ... 'z'] = C_LOWER,
    ['{'] = C_BRACE,
    ['|'] = C_OTHER,
    ['}'] = C_BRACE,
    ['~'] = C_TILDE,
    [0x7f] = C_CONTROL,
    [0x80 ... 0xff] = C_HIGH,
};

/* When a string may satisfy a validator: `need` occur all, `allow` and nothing else occurs. What a final rule
 * proves leaves nothing for the rules below it. */
static const struct rule {
    uint32_t min, max;          /* length, inclusive */
    uint32_t first, need, allow;
    bool is_final;
    wd_shape_fn *prove;
} rules[] = {
    {7, 21, C_DIGIT, C_DIGIT | C_DOT, C_DIGIT | C_DOT | C_COLON | C_SLASH, true, wd_shape_ipv4},
    {6, 254, C_ALNUM | C_UNDERSCORE | C_HIGH, C_AT | C_DOT,
     C_ALNUM | C_AT | C_DOT | C_DASH | C_UNDERSCORE | C_PLUS | C_PERCENT | C_TILDE | C_EQUALS | C_HIGH, true,
     wd_shape_email},
    {36, 36, C_HEX, C_DASH, C_HEX | C_DASH, true, wd_shape_uuid},
    {36, 16384, C_HEX_LOWER, C_DOT, C_ALNUM | C_DOT | C_DASH | C_UNDERSCORE | C_EQUALS, true, wd_shape_jwt},
    {7, 8192, C_ALPHA, C_COLON | C_SLASH, C_PRINT, true, wd_shape_url},
    {2, 2048, C_SLASH, C_SLASH, C_PRINT & ~(C_COMMA | C_OTHER | C_QUOTE | C_BRACE), true, wd_shape_path},
    {14, 17, C_HEX, 0, C_HEX | C_COLON | C_DASH | C_DOT, true, wd_shape_mac},
    {2, 49, C_HEX | C_COLON, C_COLON, C_ALNUM | C_COLON | C_DOT | C_PERCENT | C_SLASH, true, wd_shape_ipv6},
    {8, 40, C_DIGIT | C_BIG, C_DIGIT,
     C_ALNUM | C_DASH | C_SLASH | C_DOT | C_COLON | C_PLUS | C_SPACE | C_COMMA, false, wd_shape_time},
    {1, 24, C_DIGIT | C_DASH, C_DIGIT, C_HEX | C_DASH | C_DOT | C_PLUS, false, wd_shape_number},
    {15, 20, C_DIGIT, C_DIGIT, C_DIGIT, false, wd_shape_digits},
    {14, 23, C_DIGIT, C_DIGIT, C_DIGIT | C_SPACE | C_DASH, false, wd_shape_card},
    {8, 25, C_DIGIT | C_PLUS | C_PAREN, C_DIGIT,
     C_DIGIT | C_PLUS | C_PAREN | C_SPACE | C_DASH | C_DOT | C_SLASH, true, wd_shape_phone},
    {15, 42, C_BIG, C_DIGIT, C_BIG | C_DIGIT | C_SPACE, false, wd_shape_iban},
    {4, 10, C_DIGIT | C_BIG, C_DIGIT, C_DIGIT | C_BIG | C_SPACE | C_DASH, false, wd_shape_postal},
    {4, 40, C_DIGIT | C_LOWER | C_UPPER, C_DIGIT | C_DOT,
     C_ALNUM | C_DOT | C_DASH | C_PLUS | C_UNDERSCORE | C_TILDE, true, wd_shape_version},
    {8, 1024, C_ALPHA, C_SLASH | C_DIGIT, C_ANY & ~(C_BREAK | C_CONTROL), true, wd_shape_agent},
    {9, 64, C_DIGIT | C_DASH | C_PLUS | C_LOWER, C_DIGIT | C_DOT | C_COMMA,
     C_DIGIT | C_DOT | C_DASH | C_PLUS | C_COMMA | C_SPACE | C_COLON | C_SMALL, true, wd_shape_pair},
    {40, UINT32_MAX, C_DASH, C_DASH | C_BIG, C_ANY & ~C_CONTROL, true, wd_shape_pem},
    {12, 16384, C_ALPHA, C_SPACE, C_ANY & ~(C_BREAK | C_CONTROL | C_HIGH), true, wd_shape_authorization},
    {15, 255, C_ALPHA, 0, C_ALNUM | C_DASH | C_UNDERSCORE | C_DOT, false, wd_shape_vendor},
    {8, 135, C_HEX | C_LOWER, C_DIGIT, C_HEX | C_LOWER | C_COLON, false, wd_shape_hex},
    {20, 512, C_ALNUM, C_DIGIT,
     C_ALNUM | C_DASH | C_UNDERSCORE | C_DOT | C_PLUS | C_SLASH | C_EQUALS | C_TILDE, false,
     wd_shape_entropy},
    {16, UINT32_MAX, C_ALNUM | C_PLUS | C_SLASH, C_DIGIT,
     C_ALNUM | C_PLUS | C_SLASH | C_EQUALS | C_DASH | C_UNDERSCORE, true, wd_shape_base64},
    {2, UINT32_MAX, C_BRACE, C_BRACE, C_ANY, true, wd_shape_json},
    {4, UINT32_MAX, C_ALNUM | C_HIGH | C_QUOTE | C_PAREN, 0, C_ANY & ~C_CONTROL, true, wd_shape_words},
};

static uint32_t classes_of(struct wd_bytes text)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < text.len; i++)
        seen |= wd_byte_class[text.at[i]];
    return seen;
}

static uint64_t shapes_of_string(const struct wd_value *v)
{
    uint32_t first = wd_byte_class[v->text.at[0]];
    uint64_t shapes = 0;
    for (size_t i = 0; i < WD_COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        if (!(first & r->first) || (v->seen & ~r->allow) || (v->seen & r->need) != r->need
            || v->text.len < r->min || v->text.len > r->max)
            continue;
        uint64_t proved = r->prove(v);
        shapes |= proved;
        if (proved && r->is_final)
            break;
    }
    return shapes;
}

/* A number's text: only its length can make it a card, a device or a time, only its decimals a position. */
static uint64_t shapes_of_number(struct wd_value *v)
{
    if (v->text.len < 5)
        return 0;
    uint64_t shapes = wd_shape_number(v) & ~SHAPE(NUMERIC_STRING);
    bool is_time = shapes & (SHAPE(EPOCH_S) | SHAPE(EPOCH_MS) | SHAPE(EPOCH_NS));
    if (v->text.len < 14 || v->text.len > 20 || is_time || !wd_rest_is(v->text, 0, C_DIGIT))
        return shapes;
    return shapes | wd_shape_digits(v) | wd_shape_card(v);
}

uint64_t wd_shape_of(struct wd_bytes value, bool is_string, int64_t capture_ns)
{
    struct wd_value v = { .text = value, .capture_ns = capture_ns };
    if (!is_string)
        return shapes_of_number(&v);
    if (value.len < 2)
        return value.len && wd_is_class(value.at[0], C_DIGIT) ? SHAPE(NUMERIC_STRING) : 0;
    v.seen = classes_of(value);
    return shapes_of_string(&v);
}

static bool has_digit(struct wd_bytes key)
{
    return wd_run(key, 0, ~(uint32_t)C_DIGIT) < key.len;
}

bool wd_shape_is_identifier(struct wd_bytes key)
{
    if (key.len < 2)
        return false;
    uint8_t first = key.at[0];
    if (!wd_is_class(first, C_HEX | C_PLUS | C_COLON | C_ALNUM | C_UNDERSCORE | C_HIGH))
        return false;
    if (wd_rest_is(key, 0, C_DIGIT))
        return key.len >= 4;
    if (first == '+')
        return wd_rest_is(key, 1, C_DIGIT);
    if (wd_rest_is(key, 0, C_HEX))
        return key.len >= 8 && has_digit(key);
    struct wd_value v = { .text = key, .seen = classes_of(key) };
    if (!(v.seen & (C_AT | C_DOT | C_COLON | C_DASH)))
        return false;
    return shapes_of_string(&v) & (SHAPE(UUID) | SHAPE(EMAIL) | SHAPE(IPV4) | SHAPE(IPV6) | SHAPE(MAC));
}
