/* base/shape_digits.c - numbers, and what is written with digits: cards, accounts, devices, phones, postal
 * codes. Source  ISO/IEC 7812 (Luhn, issuers), ISO 13616 (IBAN, mod 97 of ISO 7064), ITU-T E.164, 3GPP
 * TS 23.003 (IMEI). */
#include "base/shape_rule.h"

/* Decimal text: sign, whole digits, decimals, exponent. */
struct decimal {
    bool is_valid, is_negative, has_exponent;
    uint64_t whole;              /* the whole part when it has at most 19 digits */
    size_t whole_digits, decimals;
};

static struct decimal read_decimal(struct wd_bytes text)
{
    struct decimal d = { 0 };
    size_t i = 0;
    if (i < text.len && text.at[i] == '-') {
        d.is_negative = true;
        i++;
    }
    for (; i < text.len && (uint8_t)(text.at[i] - '0') < 10; i++, d.whole_digits++)
        if (d.whole_digits < 19)
            d.whole = d.whole * 10 + (uint64_t)(text.at[i] - '0');
    if (i < text.len && text.at[i] == '.') {
        d.decimals = wd_run(text, i + 1, C_DIGIT);
        i += 1 + d.decimals;
        if (d.decimals == 0)
            return d;
    }
    if (i < text.len && (text.at[i] | 0x20) == 'e') {
        d.has_exponent = true;
        i++;
        i += i < text.len && (text.at[i] == '-' || text.at[i] == '+');
        size_t digits = wd_run(text, i, C_DIGIT);
        if (digits == 0)
            return d;
        i += digits;
    }
    d.is_valid = i == text.len && d.whole_digits > 0;
    return d;
}

static uint64_t position_shapes(const struct decimal *d)
{
    if (d->decimals < 3)
        return 0;
    uint64_t shapes = d->decimals >= 4 ? SHAPE(PRECISE_DECIMAL) : 0;
    if (d->whole < 90)
        shapes |= SHAPE(LATITUDE);
    if (d->whole < 180)
        shapes |= SHAPE(LONGITUDE);
    return shapes;
}

/* JSON numbers have no leading zeros, and doubles carry 15 digits. */
static bool is_carried_by_json(struct wd_bytes text, const struct decimal *d)
{
    uint8_t first = text.at[d->is_negative];
    return d->whole_digits + d->decimals <= 15 && (first != '0' || d->whole_digits == 1);
}

uint64_t wd_shape_number(const struct wd_value *v)
{
    struct decimal d = read_decimal(v->text);
    if (!d.is_valid)
        return 0;
    uint64_t shapes = is_carried_by_json(v->text, &d) ? SHAPE(NUMERIC_STRING) : 0;
    if (d.has_exponent)
        return shapes;
    if (d.decimals)
        shapes |= position_shapes(&d);
    if (!d.is_negative && d.whole_digits >= 9)
        shapes |= wd_shape_epoch(d.whole, d.whole_digits, d.decimals != 0, v->capture_ns);
    return shapes;
}

/* Digits only, into `out`; false when there are more than `cap` or anything but digits, blanks and dashes. */
static bool take_digits(struct wd_bytes text, uint8_t *out, size_t cap, size_t *count)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == ' ' || text.at[i] == '-')
            continue;
        if (!wd_is_class(text.at[i], C_DIGIT) || n == cap)
            return false;
        out[n++] = (uint8_t)(text.at[i] - '0');
    }
    *count = n;
    return true;
}

/* Luhn: from the right, every second digit doubled, digits of the products added: a multiple of 10. */
static bool passes_luhn(const uint8_t *digits, size_t n)
{
    static const uint8_t doubled[10] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };
    unsigned sum = 0;
    bool is_varied = false;
    for (size_t i = 0; i < n; i++) {
        sum += (n - i) % 2 ? digits[i] : doubled[digits[i]];
        is_varied |= digits[i] != digits[0];
    }
    return sum % 10 == 0 && is_varied;
}

/* Issuer ranges by their first four digits, and the lengths in use (bit n: n digits). The 13-digit cards are
 * gone, and would be mistaken for EAN-13 article numbers. */
static const struct issuer { uint16_t lo, hi; uint32_t lengths; } issuers[] = {
    { 4000, 4999, 1u << 16 | 1u << 19 },             /* Visa */
    { 5100, 5599, 1u << 16 },                        /* Mastercard */
    { 2221, 2720, 1u << 16 },                        /* Mastercard */
    { 3400, 3499, 1u << 15 }, { 3700, 3799, 1u << 15 },  /* American Express */
    { 6011, 6011, 1u << 16 }, { 6440, 6499, 1u << 16 }, { 6500, 6599, 1u << 16 },  /* Discover */
    { 3528, 3589, 1u << 16 },                        /* JCB */
    { 3000, 3059, 1u << 14 }, { 3600, 3699, 1u << 14 }, { 3800, 3999, 1u << 14 },  /* Diners */
    { 6200, 6299, 1u << 16 | 1u << 19 },             /* UnionPay */
};

static bool is_issued(const uint8_t *digits, size_t n)
{
    unsigned head = digits[0] * 1000u + digits[1] * 100u + digits[2] * 10u + digits[3];
    for (size_t i = 0; i < WD_COUNT(issuers); i++)
        if (head >= issuers[i].lo && head <= issuers[i].hi && issuers[i].lengths >> n & 1)
            return true;
    return false;
}

/* Separators, if any, stand before every group of four, or in the 4-6-5 of American Express. */
static bool is_grouped(struct wd_bytes text)
{
    size_t group = wd_run(text, 0, C_DIGIT);
    if (group == text.len)
        return true;
    if (group != 4)
        return false;
    size_t second = wd_run(text, 5, C_DIGIT);
    return second == 4 || second == 6;
}

uint64_t wd_shape_card(const struct wd_value *v)
{
    uint8_t digits[19];
    size_t n;
    if (!take_digits(v->text, digits, sizeof digits, &n) || n < 14 || !is_grouped(v->text))
        return 0;
    return is_issued(digits, n) && passes_luhn(digits, n) ? SHAPE(CREDIT_CARD) : 0;
}

/* The first two digits of an IMEI name the body that gave it out. */
static bool is_reporting_body(const uint8_t *digits)
{
    static const uint8_t bodies[] = { 1, 10, 30, 33, 35, 44, 45, 49, 50, 51, 52, 53, 54, 86, 91, 98, 99 };
    for (size_t i = 0; i < sizeof bodies; i++)
        if (digits[0] * 10 + digits[1] == bodies[i])
            return true;
    return false;
}

uint64_t wd_shape_digits(const struct wd_value *v)
{
    uint8_t digits[20];
    size_t n;
    if (!take_digits(v->text, digits, sizeof digits, &n))
        return 0;
    bool is_device = n == 15 ? is_reporting_body(digits) : n >= 19 && digits[0] == 8 && digits[1] == 9;
    return is_device && passes_luhn(digits, n) ? SHAPE(IMEI) : 0;
}

/* IBAN registry: country and total length. */
static const struct { char country[3]; uint8_t len; } ibans[] = {
    { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 },
    { "BE", 16 }, { "BG", 22 }, { "BH", 22 }, { "BR", 29 }, { "BY", 28 }, { "CH", 21 },
    { "CR", 22 }, { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DK", 18 }, { "DO", 28 },
    { "EE", 20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 }, { "FO", 18 }, { "FR", 27 },
    { "GB", 22 }, { "GE", 22 }, { "GI", 23 }, { "GL", 18 }, { "GR", 27 }, { "GT", 28 },
    { "HR", 21 }, { "HU", 28 }, { "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 },
    { "IT", 27 }, { "JO", 30 }, { "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LI", 21 },
    { "LT", 20 }, { "LU", 20 }, { "LV", 21 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 },
    { "MK", 19 }, { "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NL", 18 }, { "NO", 15 },
    { "PK", 24 }, { "PL", 28 }, { "PS", 29 }, { "PT", 25 }, { "QA", 29 }, { "RO", 24 },
    { "RS", 22 }, { "SA", 24 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 }, { "SM", 27 },
    { "TN", 24 }, { "TR", 26 }, { "UA", 29 }, { "VA", 22 }, { "XK", 20 },
};

static size_t iban_len(const uint8_t *country)
{
    for (size_t i = 0; i < WD_COUNT(ibans); i++)
        if (country[0] == (uint8_t)ibans[i].country[0] && country[1] == (uint8_t)ibans[i].country[1])
            return ibans[i].len;
    return 0;
}

/* The first four characters go to the end, letters count from 10, the remainder by 97 is 1. */
static unsigned mod97(const uint8_t *text, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = text[(i + 4) % n];
        rest = wd_is_class(c, C_DIGIT) ? (rest * 10 + (c - '0')) % 97u : (rest * 100 + (c - 'A' + 10u)) % 97u;
    }
    return rest;
}

uint64_t wd_shape_iban(const struct wd_value *v)
{
    uint8_t text[34];
    size_t n = 0;
    for (size_t i = 0; i < v->text.len; i++) {
        if (v->text.at[i] == ' ')
            continue;
        if (n == sizeof text)
            return 0;
        text[n++] = v->text.at[i];
    }
    bool is_headed =
        n >= 15 && wd_is_class(text[2], C_DIGIT) && wd_is_class(text[3], C_DIGIT) && iban_len(text) == n;
    return is_headed && mod97(text, n) == 1 ? SHAPE(IBAN) : 0;
}

/* Groups of digits of a phone number; false when separators follow each other where none would write them. */
struct phone { size_t digits, groups, group[8]; };

static bool read_phone(struct wd_bytes text, struct phone *p)
{
    size_t separators = 0;
    int open = 0;
    for (size_t i = text.at[0] == '+'; i < text.len;) {
        size_t run = wd_run(text, i, C_DIGIT);
        if (run) {
            if (p->groups == WD_COUNT(p->group))
                return false;
            p->group[p->groups++] = run;
            p->digits += run;
            i += run;
            separators = 0;
            continue;
        }
        uint8_t c = text.at[i++];
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        bool is_doubled = separators++ && c != '(' && text.at[i - 2] != ')';
        if (c == '+' || open < 0 || open > 1 || separators > 2 || is_doubled)
            return false;
    }
    return separators == 0 && open == 0;
}

uint64_t wd_shape_phone(const struct wd_value *v)
{
    struct phone p = { 0 };
    uint8_t first = v->text.at[0];
    if (!read_phone(v->text, &p))
        return 0;
    if (first == '+')
        return p.digits >= 8 && p.digits <= 15 && v->text.at[1] != '0' ? SHAPE(PHONE) : 0;
    bool is_american = p.groups == 3 && p.group[0] == 3 && p.group[1] == 3 && p.group[2] == 4;
    size_t lead = first == '(';
    bool is_national = v->text.at[lead] == '0' && v->text.at[lead + 1] != '0' && v->text.at[lead + 1] != '.'
                       && p.digits >= (p.groups > 1 ? 9u : 10u) && p.digits <= (p.groups > 1 ? 12u : 11u);
    return is_american || (is_national && p.group[0] < 12) ? SHAPE(PHONE) : 0;
}

/* 9 a digit, A a letter. */
static const char postal_forms[][11] = {
    "9999",      "99999",   "999999", "99999-9999", "9999 AA", "99-999",   "999 99",  "999-9999", "9999-999",
    "99999-999", "A9A 9A9", "A9 9AA", "A99 9AA",    "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA", "A99 A9A9",
};

static bool has_form(struct wd_bytes text, const char *form)
{
    size_t i = 0;
    for (; i < text.len && form[i]; i++) {
        bool fits = form[i] == '9' ? wd_is_class(text.at[i], C_DIGIT)
                  : form[i] == 'A' ? wd_is_class(text.at[i], C_BIG) : text.at[i] == (uint8_t)form[i];
        if (!fits)
            return false;
    }
    return i == text.len && !form[i];
}

uint64_t wd_shape_postal(const struct wd_value *v)
{
    for (size_t i = 0; i < WD_COUNT(postal_forms); i++)
        if (!postal_forms[i][v->text.len] && has_form(v->text, postal_forms[i]))
            return SHAPE(POSTAL_CODE);
    return 0;
}
