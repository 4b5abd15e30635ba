/* finding/privacy.c - the evidence about one field, weighed. */
#include "finding/privacy.h"

#include <math.h>

#include "finding/naming.h"
#include "finding/privacy_values.h"
#include "model/path.h"

static const double weights[WD_WEIGH_COUNT] = {
#define ROW(id, weight, what) weight,
    WD_PRIVACY_WEIGHTS(ROW)
#undef ROW
};

enum { SIBLINGS = 48 };   /* looked at on either side: wide objects must not cost their square */

static void add(struct wd_assessment *a, double *sum, const char *source, double weight, const char *word)
{
    *sum += weight;
    if (a->reason_count < WD_REASONS_MAX)
        a->reasons[a->reason_count++] =
            (struct wd_privacy_reason){.source = source, .weight = weight, .word = word};
}

/* ---- what the schema and the configuration say ---- */

static const struct { const char *format; uint8_t category;
} formats[] = {
    {"email", WD_CAT_EMAIL}, {"idn-email", WD_CAT_EMAIL}, {"password", WD_CAT_PASSWORD},
    {"phone", WD_CAT_PHONE}, {"tel", WD_CAT_PHONE},
};

/* Categories by key: itself, or the longest of ours above it. WD_CAT_COUNT: none. */
static enum wd_category_id category_of_key(struct wd_bytes key)
{
    size_t best = WD_CAT_COUNT, longest = 0;
    for (size_t i = 0; i < WD_CAT_COUNT; i++) {
        size_t n = strlen(wd_privacy_categories[i].key);
        bool is_above =
            wd_bytes_starts(key, wd_privacy_categories[i].key) && (key.len == n || key.at[n] == '.');
        if (is_above && n > longest) {
            best = i;
            longest = n;
        }
    }
    return (enum wd_category_id)best;
}

/* A declared category: a key, else a word for it, else personal data of some kind. */
static enum wd_category_id category_of_text(struct wd_bytes text)
{
    enum wd_category_id category = category_of_key(text);
    const struct wd_word *word = category < WD_CAT_COUNT ? NULL : wd_naming_word(text);
    return category < WD_CAT_COUNT ? category : word ? (enum wd_category_id)word->category : WD_CAT_USER;
}

struct declared {
    enum wd_category_id category;   /* WD_CAT_COUNT: nothing is declared */
    struct wd_bytes key;            /* as the configuration writes it; "" */
    const char *by;                 /* "x-pii", "format", ... */
    bool is_denied;
};

static const struct wd_config_sensitive *sensitive_of(const struct wd_personal_case *c)
{
    for (size_t i = 0; c->config && i < c->config->sensitive_count; i++)
        if (wd_path_meets(c->path, c->config->sensitive[i].path))
            return &c->config->sensitive[i];
    return NULL;
}

static struct declared declared_of(const struct wd_personal_case *c, const struct wd_naming *name)
{
    struct declared d = { .category = WD_CAT_COUNT };
    const struct wd_config_sensitive *sensitive = sensitive_of(c);
    const struct wd_schema_field *f = c->field;
    if (sensitive)
        return (struct declared){category_of_text(sensitive->category), sensitive->category, "configuration",
                                 false};
    if (!f)
        return d;
    if (f->privacy < 0)
        return (struct declared){ WD_CAT_COUNT, { 0 }, "declared not personal", true };
    if (f->privacy > 0) {
        bool is_named = f->privacy_category.len > 0;
        d.category = is_named ? category_of_text(f->privacy_category) : WD_CAT_USER;
        if (d.category == WD_CAT_USER && name->word)
            d.category = (enum wd_category_id)name->word->category;
        d.by = "declared personal";
        return d;
    }
    for (size_t i = 0; i < WD_COUNT(formats); i++)
        if (wd_bytes_is(f->format, formats[i].format))
            d = (struct declared){(enum wd_category_id)formats[i].category, {0}, formats[i].format, false};
    return d;
}

/* ---- what stands beside it ---- */

static bool is_beside(struct wd_bytes path, struct wd_bytes parent)
{
    return wd_bytes_eq(wd_path_parent(path), parent);
}

typedef bool sibling_test(const struct wd_row *row, const struct wd_schema_field *field,
                          struct wd_bytes path);

/* Does a row, or without traffic a declared field, of the same parent pass the test? */
static bool has_sibling(const struct wd_personal_case *c, sibling_test *test)
{
    struct wd_bytes parent = wd_path_parent(c->path);
    bool in_traffic = c->type && c->row;
    if (!in_traffic && (!c->message || !c->field))
        return false;
    size_t count = in_traffic ? c->type->row_count : c->message->field_count;
    size_t self = in_traffic ? (size_t)(c->row - c->type->rows) : (size_t)(c->field - c->message->fields);
    size_t from = self > SIBLINGS ? self - SIBLINGS : 0,
           to = count - self > SIBLINGS ? self + SIBLINGS : count;
    for (size_t i = from; i < to; i++) {
        const struct wd_row *row = in_traffic ? &c->type->rows[i] : NULL;
        const struct wd_schema_field *field = in_traffic ? NULL : &c->message->fields[i];
        struct wd_bytes path = row ? row->path : field->path;
        if (i != self && is_beside(path, parent) && test(row, field, path))
            return true;
    }
    return false;
}

static bool proves_person(const struct wd_row *row, const struct wd_schema_field *field, struct wd_bytes path)
{
    (void)path;
    return row ? wd_values_prove_person(row) : field->privacy > 0 || wd_bytes_is(field->format, "email");
}

static bool is_coordinate(const struct wd_row *row, const struct wd_schema_field *field, struct wd_bytes path)
{
    (void)row;
    (void)field;
    const struct wd_word *word = wd_naming_of(path, WD_HOLDER_UNKNOWN).word;
    return word && word->category == WD_CAT_PRECISE;
}

/* ---- the name ---- */

static bool is_precise(const struct wd_personal_case *c)
{
    const struct wd_row *r = c->row;
    if (!r || !r->shape_values)
        return true;
    return r->shapes[WD_SHAPE_PRECISE_DECIMAL] * 2 >= r->shape_values;
}

/* Names that a person would have count when what holds them is not known but a sibling is a person's. An id
 * would be the message's. Without its partner a `lat` is a latency. */
static struct wd_naming name_of(const struct wd_personal_case *c)
{
    struct wd_naming n = wd_naming_of(c->path, WD_HOLDER_PERSON);
    if (!n.holder_word) {
        bool is_beside_person =
            n.word && n.word->category != WD_CAT_UNIQUE_ID && has_sibling(c, proves_person);
        n = wd_naming_of(c->path, is_beside_person ? WD_HOLDER_PERSON : WD_HOLDER_UNKNOWN);
    }
    if (n.word && n.word->category == WD_CAT_PRECISE && !has_sibling(c, is_coordinate) &&
        strlen(n.word->word) <= 3)
        n.strength = WD_HOMONYM;
    return n;
}

/* What the name names, given its neighbours and the values: a digest is a pseudonym, few decimals a rough
 * place. */
static enum wd_category_id named_category(const struct wd_personal_case *c, const struct wd_naming *n)
{
    if (!n->word)
        return WD_CAT_COUNT;
    enum wd_category_id category = (enum wd_category_id)n->word->category;
    bool is_secret = wd_privacy_categories[category].class == 'C';
    bool is_digest = n->is_digest || (c->row && wd_values_are_digests(c->row));
    if (!is_secret && is_digest && category != WD_CAT_UNIQUE_ID && category != WD_CAT_DEVICE_ID)
        return WD_CAT_PSEUDONYMOUS;
    if (category == WD_CAT_PRECISE && !is_precise(c))
        return WD_CAT_IMPRECISE;
    return category;
}

/* ---- weighing ---- */

static const enum wd_privacy_weight by_strength[] = {
    [WD_HOMONYM] = WD_WEIGH_HOMONYM, [WD_USUAL] = WD_WEIGH_USUAL, [WD_UNAMBIGUOUS] = WD_WEIGH_UNAMBIGUOUS,
};

/* Gender, marital status, religion and the like are short enumerations by nature. */
static bool may_be_few(enum wd_category_id category)
{
    const char *key = wd_privacy_categories[category].key;
    return category == WD_CAT_USER || category == WD_CAT_JOB || category == WD_CAT_WORKPLACE ||
           category == WD_CAT_DEVICE || category == WD_CAT_MEDICAL ||
           (strncmp(key, "user.demographic.", 17) == 0 && category != WD_CAT_BIRTH);
}

static bool is_identifier(enum wd_category_id category)
{
    return strncmp(wd_privacy_categories[category].key, "user.unique_id", 14) == 0 ||
           strncmp(wd_privacy_categories[category].key, "user.device", 11) == 0 ||
           category == WD_CAT_USERNAME;
}

struct weighing {
    const struct wd_personal_case *c;
    const struct wd_naming *name;
    const struct declared *declared;
    enum wd_category_id named;
};

static const char *strength_source(const struct wd_naming *n)
{
    return n->is_digest ? "name of a digest" : "name";
}

static void weigh_holder(const struct weighing *w, enum wd_category_id category, struct wd_assessment *a,
                         double *sum)
{
    enum wd_holder holder = w->name->holder;
    bool is_secret = wd_privacy_categories[category].class == 'C';
    if (holder == WD_HOLDER_THING && !is_secret)
        add(a, sum, "held by", weights[WD_WEIGH_THING], w->name->holder_word);
    else if (is_secret ? holder == WD_HOLDER_SECRET : holder == WD_HOLDER_PERSON || holder == WD_HOLDER_BODY)
        add(a, sum, w->name->holder_word ? "held by" : "beside", weights[WD_WEIGH_HELD],
            w->name->holder_word ? w->name->holder_word : "a field proven personal");
}

static bool is_of_type(const struct wd_personal_case *c, const char *types)
{
    static const struct { uint32_t bit; char letter; } bits[] = {
        { 1u << WD_TYPE_BOOLEAN, 'B' }, { 1u << WD_TYPE_INTEGER, 'I' }, { 1u << WD_TYPE_NUMBER, 'N' },
        { 1u << WD_TYPE_STRING | 1u << WD_TYPE_BYTES, 'T' },
    };
    if (c->row)
        return wd_values_of_type(c->row, types) >= 0.2;
    bool is_possible = !c->field || !c->field->types;
    for (size_t i = 0; i < WD_COUNT(bits) && !is_possible; i++)
        is_possible = c->field->types & bits[i].bit && strchr(types, bits[i].letter);
    return is_possible;
}

/* Everything that turns a name around, once. `proved`: what the values weigh for the category. */
static void weigh_qualifiers(const struct weighing *w, enum wd_category_id category, double proved,
                             struct wd_assessment *a, double *sum)
{
    const struct wd_personal_case *c = w->c;
    bool is_declared_few = c->field && (c->field->has_const || c->field->has_enum);
    bool is_few = is_declared_few || (c->row && wd_values_are_few(c->row));
    const char *why = NULL;
    if (w->name->word && w->name->qualifier)
        why = w->name->qualifier;
    else if (!is_of_type(c, wd_privacy_categories[category].types))
        why = "values of another type";
    else if (is_few && !may_be_few(category) && proved < 2)
        why = is_declared_few ? "an enumeration" : "fewer than 4 values";
    if (why)
        add(a, sum, "qualifier", weights[WD_WEIGH_QUALIFIED], why);
}

static void weigh_values(const struct weighing *w, enum wd_category_id category,
                         const struct wd_privacy_reason *values, struct wd_assessment *a, double *sum)
{
    const struct wd_row *row = w->c->row;
    bool is_named = w->named == category;
    if (values->weight > 0) {
        add(a, sum, values->source, values->weight, values->word);
        a->reasons[a->reason_count - 1] = *values;
    } else if (is_named && wd_values_fail(row, category, w->name->word)) {
        add(a, sum, "values", weights[WD_WEIGH_UNPROVED], "fewer than 1 in 5 pass");
    }
    const char *excluded = wd_values_excluded(row, category);
    if (excluded && values->weight < 2)
        add(a, sum, "values", weights[WD_WEIGH_EXCLUDED], excluded);
    if (is_named && is_identifier(category) && wd_values_identify(row))
        add(a, sum, "behaviour", weights[WD_WEIGH_BEHAVIOUR], "constant per connection, different between");
}

static double weigh(const struct weighing *w, enum wd_category_id category, struct wd_assessment *a)
{
    const struct wd_personal_case *c = w->c;
    const struct declared *d = w->declared;
    bool is_declared = d->category == category, is_named = w->named == category;
    struct wd_privacy_reason values = { 0 };
    double sum = 0;
    *a = (struct wd_assessment){ .category = &wd_privacy_categories[category] };
    a->key =
        is_declared && d->key.len && wd_bytes_starts(d->key, "user") ? d->key : wd_bytes_of(a->category->key);
    if (c->row)
        values = wd_values_for(c->row, category, is_named || is_declared);
    a->is_contradicted = d->is_denied && values.weight >= 3.5;
    add(a, &sum, "prior", weights[WD_WEIGH_PRIOR], "before any evidence");
    if (is_declared)
        add(a, &sum, "annotation", weights[WD_WEIGH_ANNOTATED], d->by);
    if (d->is_denied)
        add(a, &sum, "annotation", a->is_contradicted ? 0 : weights[WD_WEIGH_DENIED], d->by);
    if (is_named && !d->is_denied) {
        add(a, &sum, strength_source(w->name), weights[by_strength[w->name->strength]], w->name->word->word);
        weigh_qualifiers(w, category, values.weight, a, &sum);
    } else {
        weigh_qualifiers(w, category, is_declared ? 6 : values.weight, a, &sum);
    }
    weigh_holder(w, category, a, &sum);
    if (c->row)
        weigh_values(w, category, &values, a, &sum);
    return sum;
}

/* Containers hold; what is always null carries nothing. */
static bool is_carrier(const struct wd_personal_case *c)
{
    const uint32_t containers = 1u << WD_TYPE_ARRAY | 1u << WD_TYPE_OBJECT;
    if (!c->row)
        return c->field && (c->field->types == 0 || (c->field->types & ~(containers | 1u << WD_TYPE_NULL)));
    const uint64_t *types = c->row->types;
    return types[WD_TYPE_BOOLEAN] + types[WD_TYPE_INTEGER] + types[WD_TYPE_NUMBER] + types[WD_TYPE_STRING] +
           types[WD_TYPE_BYTES];
}

static bool is_candidate(const struct weighing *w, enum wd_category_id category)
{
    if (w->named == category || w->declared->category == category)
        return true;
    return w->c->row && wd_values_for(w->c->row, category, false).weight > 0;
}

void wd_privacy_assess(const struct wd_personal_case *c, struct wd_assessment *out)
{
    *out = (struct wd_assessment){ .key = wd_bytes_of("") };
    if (!is_carrier(c) || c->path.len == 0 || c->path.at[0] == '(')
        return;
    struct wd_naming name = name_of(c);
    struct declared declared = declared_of(c, &name);
    struct weighing w = { c, &name, &declared, named_category(c, &name) };
    double best = -INFINITY;
    for (size_t i = 0; i < WD_CAT_COUNT; i++) {
        struct wd_assessment a;
        if (!is_candidate(&w, (enum wd_category_id)i))
            continue;
        double sum = weigh(&w, (enum wd_category_id)i, &a);
        if (sum > best || (sum == best && a.key.len > out->key.len)) {
            best = sum;
            *out = a;
        }
    }
    if (!out->category)
        return;
    out->confidence = 1 / (1 + exp(-best));
    if (!c->row && out->confidence > WD_PRIVACY_UNSEEN)
        out->confidence = WD_PRIVACY_UNSEEN;
}

/* ---- for the engine ---- */

struct wd_bytes wd_privacy_category(const struct wd_ask *ask, size_t type_index, size_t row_index,
                                    double *confidence)
{
    const struct wd_audit *audit = ask->audit;
    const struct wd_type_profile *type = &audit->profile->types[type_index];
    const struct wd_row *row = &type->rows[row_index];
    const struct wd_schema_message *message = audit->bindings ? audit->bindings[type_index].message : NULL;
    struct wd_personal_case c = {
        .path = row->path, .type = type, .row = row, .message = message, .config = audit->config,
        .field = message ? wd_schema_field_find(message, row->path) : NULL,
    };
    struct wd_assessment a;
    wd_privacy_assess(&c, &a);
    bool is_sure =
        a.category && a.confidence >= (audit->config ? audit->config->thresholds.min_confidence : 0.5);
    *confidence = is_sure ? a.confidence : 0;
    return is_sure ? a.key : wd_bytes_of("");
}

void wd_privacy_put_reason(struct wd_buf *out, const struct wd_privacy_reason *r)
{
    wd_buf_printf(out, "%s %+.1f: %s", r->source, r->weight, r->word);
    if (r->tried)
        wd_buf_printf(out, ", %llu of %llu tried, %llu distinct", (unsigned long long)r->hits,
                      (unsigned long long)r->tried, (unsigned long long)r->distinct);
}
