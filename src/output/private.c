/* output/private.c - whose sketch must not leave the machine.
 *
 * A sketch of few or guessable values can be tried against a list of all names, all telephone numbers, all
 * addresses. So it is saved only where guessing gives nothing away: of numbers, booleans and short
 * enumerations, and never where the values or the name look like a person or a secret. When in doubt it stays
 * out: all that is lost is the exact number of distinct values after a merge. */
#include "output/facts.h"

static const enum wd_shape telling[] = {
    WD_SHAPE_EMAIL,
    WD_SHAPE_PHONE,
    WD_SHAPE_JWT,
    WD_SHAPE_PEM,
    WD_SHAPE_AUTH_HEADER,
    WD_SHAPE_VENDOR_TOKEN,
    WD_SHAPE_URL_CREDENTIALS,
    WD_SHAPE_HIGH_ENTROPY,
    WD_SHAPE_CREDIT_CARD,
    WD_SHAPE_IBAN,
    WD_SHAPE_IPV4,
    WD_SHAPE_IPV6,
    WD_SHAPE_MAC,
    WD_SHAPE_UUID,
    WD_SHAPE_IMEI,
    WD_SHAPE_DATE,
    WD_SHAPE_USER_AGENT,
};

static const char *const telling_words[] = {
    "account", "address",  "age",       "auth",     "birth",    "birthday", "bsn",      "card",
    "city",    "client",   "cookie",    "customer", "cvv",      "device",   "dob",      "driver",
    "email",   "employee", "firstname", "gender",   "iban",     "id",       "ids",      "imei",
    "ip",      "ipv4",     "ipv6",      "key",      "lastname", "lat",      "latitude", "license",
    "lng",     "lon",      "longitude", "mac",      "mail",     "member",   "mobile",   "msisdn",
    "name",    "nick",     "nickname",  "nric",     "owner",    "passport", "password", "passwd",
    "patient", "person",   "phone",     "pin",      "plate",    "postal",   "postcode", "pwd",
    "salary",  "secret",   "serial",    "session",  "sid",      "sms",      "ssn",      "street",
    "surname", "tel",      "telephone", "token",    "uid",      "user",     "userid",   "username",
    "uuid",    "vin",      "zip",
};

enum { ENUM_VALUE_BYTES = 24, ENUM_REPEATS = 4 };

static bool is_upper(uint8_t c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(uint8_t c) { return c >= 'a' && c <= 'z'; }
static bool is_word_byte(uint8_t c) { return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9'); }

static bool is_telling_word(struct wd_bytes word)
{
    for (size_t i = 0; i < WD_COUNT(telling_words); i++)
        if (wd_bytes_is_nocase(word, telling_words[i]))
            return true;
    return false;
}

/* Where a word ends that starts at `i`: at a separator, or where camelCase takes a breath. */
static size_t word_end(struct wd_bytes s, size_t i)
{
    size_t end = i + 1;
    while (end < s.len && is_word_byte(s.at[end]) && !(is_upper(s.at[end]) && is_lower(s.at[end - 1])) &&
           !(is_upper(s.at[end]) && end + 1 < s.len && is_lower(s.at[end + 1])))
        end++;
    return end;
}

static bool has_telling_name(struct wd_bytes path)
{
    for (size_t i = 0; i < path.len;) {
        size_t end = is_word_byte(path.at[i]) ? word_end(path, i) : i + 1;
        if (is_telling_word(wd_bytes_at(path.at + i, end - i)))
            return true;
        i = end;
    }
    return false;
}

static bool has_telling_shape(const struct wd_row *row)
{
    for (size_t i = 0; i < WD_COUNT(telling); i++)
        if (row->shapes[telling[i]])
            return true;
    bool is_position = row->shapes[WD_SHAPE_LATITUDE] || row->shapes[WD_SHAPE_LONGITUDE];
    return is_position && row->shapes[WD_SHAPE_PRECISE_DECIMAL];
}

/* Few short values that come again and again: "warning", "error". */
static bool is_enumeration(const struct wd_row *row)
{
    return row->sketch && wd_sketch_is_exact(row->sketch) && row->value_len_max <= ENUM_VALUE_BYTES &&
           !row->shapes[WD_SHAPE_FREE_TEXT] && row->occurrences >= ENUM_REPEATS * row->distinct;
}

bool wd_row_is_private(const struct wd_row *row)
{
    if (row->is_discriminator)
        return false;
    if (has_telling_shape(row) || has_telling_name(row->path))
        return true;
    bool has_text = row->types[WD_TYPE_STRING] + row->types[WD_TYPE_BYTES] > 0;
    return has_text && !is_enumeration(row);
}
