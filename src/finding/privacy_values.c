#include "finding/privacy_values.h"

/* Log-odds for each distinct value that passes, and the most that they can give. `each` is at most
 * ln(1/chance) of the validator, less where ordinary values look alike; `alone` caps it when nothing but the
 * values names the category. */
static const struct value_rule { uint8_t category, shape; double each, cap, alone; } rules[] = {
    { WD_CAT_CREDENTIALS, WD_SHAPE_JWT, 6, 6, 6 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_PEM, 6, 6, 6 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_VENDOR_TOKEN, 5, 6, 6 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_AUTH_HEADER, 5, 6, 6 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_URL_CREDENTIALS, 4.5, 6, 6 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_HIGH_ENTROPY, 2.5, 4, 0 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_HASH, 2.5, 4, 0 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_UUID, 1.5, 2.5, 0 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_HEX, 1.5, 2.5, 0 },
    { WD_CAT_CREDENTIALS, WD_SHAPE_BASE64, 1.5, 2.5, 0 },
    { WD_CAT_PASSWORD, WD_SHAPE_HIGH_ENTROPY, 1.5, 2.5, 0 },
    { WD_CAT_CARD, WD_SHAPE_CREDIT_CARD, 3.5, 6, 6 },
    { WD_CAT_BANK_ACCOUNT, WD_SHAPE_IBAN, 4, 6, 6 },
    { WD_CAT_EMAIL, WD_SHAPE_EMAIL, 4, 6, 6 },
    { WD_CAT_PHONE, WD_SHAPE_PHONE, 3, 6, 4 },
    { WD_CAT_NAME, WD_SHAPE_WORDS, 3, 4, 0 },
    { WD_CAT_FIRST_NAME, WD_SHAPE_WORDS, 1, 1, 0 },
    { WD_CAT_LAST_NAME, WD_SHAPE_WORDS, 1, 1, 0 },
    { WD_CAT_ADDRESS, WD_SHAPE_FREE_TEXT, 2, 3, 0 },
    { WD_CAT_POSTAL_CODE, WD_SHAPE_POSTAL_CODE, 1, 1.5, 0 },
    { WD_CAT_PRECISE, WD_SHAPE_PRECISE_DECIMAL, 1.5, 3, 0 },
    { WD_CAT_BIRTH, WD_SHAPE_DATE, 2, 3, 0 },
    { WD_CAT_BIRTH, WD_SHAPE_DATETIME, 1.5, 2, 0 },
    { WD_CAT_PRIVATE, WD_SHAPE_FREE_TEXT, 1.5, 2.5, 0 },
    { WD_CAT_SELF_IMAGE, WD_SHAPE_URL, 1, 1.5, 0 },
    { WD_CAT_BROWSING, WD_SHAPE_URL, 1.5, 2, 0 },
    { WD_CAT_BROWSING, WD_SHAPE_URL_PATH, 1.5, 2, 0 },
    { WD_CAT_SEARCHES, WD_SHAPE_FREE_TEXT, 1.5, 2.5, 0 },
    { WD_CAT_IP_ADDRESS, WD_SHAPE_IPV4, 3, 3.5, 3 },
    { WD_CAT_IP_ADDRESS, WD_SHAPE_IPV6, 3, 3.5, 3 },
    { WD_CAT_DEVICE_ID, WD_SHAPE_MAC, 3, 3.5, 3 },
    { WD_CAT_DEVICE_ID, WD_SHAPE_IMEI, 2.5, 5, 4 },
    { WD_CAT_DEVICE_ID, WD_SHAPE_UUID, 1.5, 2, 0 },
    { WD_CAT_DEVICE_ID, WD_SHAPE_HIGH_ENTROPY, 1.5, 2, 0 },
    { WD_CAT_DEVICE, WD_SHAPE_USER_AGENT, 4, 5, 4.5 },
    { WD_CAT_COOKIE, WD_SHAPE_HIGH_ENTROPY, 1.5, 2, 0 },
    { WD_CAT_UNIQUE_ID, WD_SHAPE_UUID, 1.5, 1.5, 0 },
    { WD_CAT_PSEUDONYMOUS, WD_SHAPE_UUID, 1.5, 1.5, 0 },
    { WD_CAT_PSEUDONYMOUS, WD_SHAPE_HASH, 1.5, 1.5, 0 },
};

static double share_of(uint64_t hits, uint64_t tried) { return tried ? (double)hits / (double)tried : 0; }

/* Distinct values that pass beyond chance, weighed by the share that passes: one value repeated ten times is
 * one, one of ten is noise. */
static double weigh(const struct wd_row *row, const struct value_rule *r, double cap)
{
    double share = share_of(row->shapes[r->shape], row->shape_values);
    double distinct = row->distinct ? (double)row->distinct : 1;
    double beyond = share * distinct - wd_shape_infos[r->shape].chance * distinct;
    if (wd_shape_infos[r->shape].chance > 0.1)   /* the rate of random values; ordinary ones are not random */
        beyond = share * distinct;
    double weight = r->each * beyond;
    return beyond <= 0 ? 0 : share * (weight < cap ? weight : cap);
}

struct wd_privacy_reason wd_values_for(const struct wd_row *row, enum wd_category_id category, bool is_named)
{
    struct wd_privacy_reason best = { .source = "values" };
    for (size_t i = 0; i < WD_COUNT(rules) && row->shape_values; i++) {
        if (rules[i].category != category)
            continue;
        double weight = weigh(row, &rules[i], is_named ? rules[i].cap : rules[i].alone);
        if (weight <= best.weight)
            continue;
        best.weight = weight;
        best.word = wd_shape_names[rules[i].shape];
        best.hits = row->shapes[rules[i].shape];
        best.tried = row->shape_values;
        best.distinct = row->distinct;
    }
    return best;
}

/* What a value of the category must look like, at least. Masked and shortened forms do not. */
static const struct proof { uint8_t category; uint64_t shapes; } proofs[] = {
#define BIT(id) (UINT64_C(1) << WD_SHAPE_##id)
    { WD_CAT_EMAIL, BIT(EMAIL) },
    { WD_CAT_PHONE, BIT(PHONE) | BIT(NUMERIC_STRING) },
    { WD_CAT_CARD, BIT(CREDIT_CARD) | BIT(NUMERIC_STRING) },
    { WD_CAT_IP_ADDRESS, BIT(IPV4) | BIT(IPV6) },
    { WD_CAT_BIRTH, BIT(DATE) | BIT(DATETIME) | BIT(EPOCH_S) | BIT(EPOCH_MS) | BIT(NUMERIC_STRING) },
};

static uint64_t most_of(const struct wd_row *row, uint64_t shapes)
{
    uint64_t most = 0;
    for (int s = 0; s < WD_SHAPE_COUNT; s++)
        if (shapes >> s & 1 && row->shapes[s] > most)
            most = row->shapes[s];
    return most;
}

bool wd_values_fail(const struct wd_row *row, enum wd_category_id category, const struct wd_word *word)
{
    uint64_t shapes = word && strcmp(word->word, "iban") == 0 ? BIT(IBAN) : 0;
    for (size_t i = 0; i < WD_COUNT(proofs); i++)
        if (proofs[i].category == category)
            shapes = proofs[i].shapes;
    bool is_text = wd_values_of_type(row, "T") > 0.5;
    return shapes && row->shape_values && is_text && share_of(most_of(row, shapes), row->shape_values) < 0.2;
}

/* Identifiers and secrets may be hashes and UUIDs; a birth date may be a time. */
static bool may_be_opaque(enum wd_category_id category)
{
    switch (category) {
    case WD_CAT_CREDENTIALS:
    case WD_CAT_PASSWORD:
    case WD_CAT_DEVICE_ID:
    case WD_CAT_COOKIE:
    case WD_CAT_DEVICE:
    case WD_CAT_UNIQUE_ID:
    case WD_CAT_PSEUDONYMOUS:
    case WD_CAT_RECORD_ID:
    case WD_CAT_BIOMETRIC:
    case WD_CAT_USER:
        return true;
    default: return false;
    }
}

const char *wd_values_excluded(const struct wd_row *row, enum wd_category_id category)
{
    static const uint8_t times[] = {WD_SHAPE_EPOCH_S, WD_SHAPE_EPOCH_MS, WD_SHAPE_EPOCH_NS, WD_SHAPE_DATETIME,
                                    WD_SHAPE_VERSION};
    static const uint8_t opaque[] = { WD_SHAPE_UUID, WD_SHAPE_HASH };
    for (size_t i = 0; i < WD_COUNT(times) && category != WD_CAT_BIRTH; i++)
        if (row->shape_values && share_of(row->shapes[times[i]], row->shape_values) >= 0.8)
            return wd_shape_names[times[i]];
    for (size_t i = 0; i < WD_COUNT(opaque) && !may_be_opaque(category); i++)
        if (row->shape_values && share_of(row->shapes[opaque[i]], row->shape_values) >= 0.8)
            return wd_shape_names[opaque[i]];
    return NULL;
}

bool wd_values_are_digests(const struct wd_row *row)
{
    return row->shape_values && share_of(row->shapes[WD_SHAPE_HASH], row->shape_values) >= 0.8;
}

static const char letters[WD_TYPE_COUNT] = {
    [WD_TYPE_BOOLEAN] = 'B', [WD_TYPE_INTEGER] = 'I', [WD_TYPE_NUMBER] = 'N',
    [WD_TYPE_STRING] = 'T',  [WD_TYPE_BYTES] = 'T',
};

double wd_values_of_type(const struct wd_row *row, const char *types)
{
    uint64_t fitting = 0, all = 0;
    for (int t = 0; t < WD_TYPE_COUNT; t++) {
        if (!letters[t])
            continue;
        all += row->types[t];
        fitting += strchr(types, letters[t]) ? row->types[t] : 0;
    }
    return all ? (double)fitting / (double)all : 1;
}

bool wd_values_are_few(const struct wd_row *row)
{
    return row->distinct < 4 && row->compared >= 100 && row->changed >= 20 * row->distinct;
}

bool wd_values_prove_person(const struct wd_row *row)
{
    static const uint8_t shapes[] = { WD_SHAPE_EMAIL, WD_SHAPE_PHONE, WD_SHAPE_IBAN };
    for (size_t i = 0; i < WD_COUNT(shapes); i++)
        if (row->shape_values && share_of(row->shapes[shapes[i]], row->shape_values) >= 0.8)
            return true;
    return false;
}

bool wd_values_identify(const struct wd_row *row)
{
    return row->series >= 5 && row->present >= 3 * row->series && row->constant_series * 10 >= row->series * 9
           && row->distinct * 10 >= row->series * 8;
}
