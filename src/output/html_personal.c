/* output/html_personal.c - personal data: by category, where, how exposed, for what purpose. Never a value.
 */
#include "output/html_part.h"

#include <stdlib.h>

/* Fideslang keys in the words of people, by class: credentials, special, direct, weak. Others are shown by
 * their key. */
static const struct category { const char *key, *words, *klass;
} categories[] = {
    { "user.authorization.password", "Password", "a credential" },
    { "user.authorization.credentials", "Token, key or session", "a credential" },
    { "user.authorization", "Credential", "a credential" },
    { "user.financial.credit_card", "Payment card", "irreplaceable" },
    { "user.government_id", "Official number", "irreplaceable" },
    { "user.government_id.national_identification_number", "National identification", "irreplaceable" },
    { "user.government_id.passport_number", "Passport number", "irreplaceable" },
    { "user.government_id.drivers_license_number", "Driving licence number", "irreplaceable" },
    { "user.health_and_medical", "Health and medical data", "a special category" },
    { "user.health_and_medical.record_id", "Medical record number", "a special category" },
    { "user.health_and_medical.insurance_beneficiary_id", "Health insurance number", "a special category" },
    { "user.biometric", "Biometric data", "a special category" },
    { "user.biometric.health", "Body measurements", "a special category" },
    { "user.demographic.race_ethnicity", "Ethnicity", "a special category" },
    { "user.demographic.religious_belief", "Religion", "a special category" },
    { "user.demographic.political_opinion", "Political opinion", "a special category" },
    { "user.demographic.sexual_orientation", "Sexual orientation", "a special category" },
    { "user.criminal_history", "Criminal history", "a special category" },
    { "user.childrens", "Data about children", "a special category" },
    { "user.name", "Name", "identifies directly" },
    { "user.name.first", "First name", "identifies directly" },
    { "user.name.last", "Last name", "identifies directly" },
    { "user.contact", "Contact details", "identifies directly" },
    { "user.contact.email", "E-mail address", "identifies directly" },
    { "user.contact.phone_number", "Telephone number", "identifies directly" },
    { "user.contact.phone", "Telephone number", "identifies directly" },
    { "user.contact.address", "Postal address", "identifies directly" },
    { "user.contact.address.street", "Street address", "identifies directly" },
    { "user.contact.address.city", "City", "identifies directly" },
    { "user.contact.address.postal_code", "Postal code", "identifies directly" },
    { "user.location.precise", "Precise location", "a private matter" },
    { "user.demographic.date_of_birth", "Date of birth", "a private matter" },
    { "user.financial", "Financial data", "a private matter" },
    { "user.financial.bank_account", "Bank account", "a private matter" },
    { "user.content.private", "Private messages", "a private matter" },
    { "user.content.self_image", "Picture of a person", "a private matter" },
    { "user.behavior.search_history", "Searches", "a private matter" },
    { "user.behavior.browsing_history", "Pages visited", "a private matter" },
    { "user.behavior.purchase_history", "Purchases", "a private matter" },
    { "user.government_id.vehicle_registration", "Vehicle registration", "a private matter" },
    { "user.account.username", "User name", "weakly identifying" },
    { "user.job_title", "Job title", "weakly identifying" },
    { "user.workplace", "Workplace", "weakly identifying" },
    { "user.demographic.gender", "Gender", "weakly identifying" },
    { "user.demographic.age_range", "Age", "weakly identifying" },
    { "user.demographic.marital_status", "Marital status", "weakly identifying" },
    { "user.device", "Device or browser", "weakly identifying" },
    { "user.device.ip_address", "IP address", "weakly identifying" },
    { "user.device.device_id", "Device identifier", "weakly identifying" },
    { "user.device.cookie_id", "Cookie identifier", "weakly identifying" },
    { "user.unique_id", "User identifier", "weakly identifying" },
    { "user.unique_id.pseudonymous", "Pseudonym", "weakly identifying" },
    { "user.location.imprecise", "Rough location", "weakly identifying" },
};

/* One field: of the traffic (type, row), or of the schema alone. */
struct item {
    struct wd_bytes category;
    size_t type, row, rank;            /* rank: place in `categories` */
    const struct wd_finding *finding;  /* NULL when nothing was found against it */
    bool is_measured;
};

static size_t rank_of(struct wd_bytes category)
{
    size_t i = 0;
    while (i < WD_COUNT(categories) && !wd_bytes_is(category, categories[i].key))
        i++;
    return i;
}

static int by_category(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->rank != y->rank)
        return (x->rank > y->rank) - (x->rank < y->rank);
    int c = wd_bytes_cmp(x->category, y->category);
    if (c)
        return c;
    if (x->is_measured != y->is_measured)
        return x->is_measured ? -1 : 1;
    if (!x->is_measured)
        return (x->finding > y->finding) - (x->finding < y->finding);  /* one array: its order */
    return x->type != y->type ? (x->type > y->type) - (x->type < y->type)
                              : (x->row > y->row) - (x->row < y->row);
}

static bool is_privacy(const struct wd_finding *f)
{
    return strncmp(f->rule->id, "WD4", 3) == 0;
}

static struct wd_bytes category_of(const struct wd_finding *f)
{
    const struct wd_fact *fact = wd_html_fact(f, "category");
    return !fact ? wd_bytes_of("") : fact->kind == WD_FACT_WORD ? wd_bytes_of(fact->word) : fact->text;
}

static const struct wd_finding *finding_for(const struct wd_html *h, const struct wd_row *row)
{
    for (size_t i = 0; i < h->audit->finding_count; i++)
        if (h->audit->findings[i].row == row && is_privacy(&h->audit->findings[i]))
            return &h->audit->findings[i];
    return NULL;
}

static size_t count_measured(const struct wd_html *h)
{
    size_t n = 0;
    for (size_t t = 0; h->profile && t < h->profile->type_count; t++)
        for (size_t r = 0; r < h->profile->types[t].row_count; r++)
            n += wd_html_personal(h, t, r).len > 0;
    return n;
}

static struct item *collect(const struct wd_html *h, size_t *count)
{
    size_t n = 0;
    struct item *items = wd_arena_array(h->arena, struct item, count_measured(h) + h->audit->finding_count);
    for (size_t t = 0; h->profile && t < h->profile->type_count; t++)
        for (size_t r = 0; r < h->profile->types[t].row_count; r++) {
            struct wd_bytes category = wd_html_personal(h, t, r);
            if (category.len)
                items[n++] = (struct item){ 
                    category, t, r, rank_of(category), finding_for(h, &h->profile->types[t].rows[r]), true };
        }
    for (size_t i = 0; i < h->audit->finding_count; i++) {
        const struct wd_finding *f = &h->audit->findings[i];
        if (!is_privacy(f) || f->row)
            continue;
        struct wd_bytes category = category_of(f);
        items[n++] = (struct item){ category, 0, 0, rank_of(category), f, false };
    }
    *count = n;
    qsort(items, n, sizeof *items, by_category);
    return items;
}

static void put_category(struct wd_html *h, const struct item *item)
{
    wd_html_puts(h, "</tbody>\n<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"6\">");
    if (item->rank < WD_COUNT(categories))
        wd_buf_printf(h->out, "%s <span class=\"where\">%s; ", categories[item->rank].words,
                      categories[item->rank].klass);
    else
        wd_html_puts(h, "<span class=\"where\">");
    wd_html_text(h, item->category.len ? item->category : wd_bytes_of("personal data of no stated category"));
    wd_html_puts(h, "</span></th></tr>\n");
}

static void put_list(struct wd_html *h, const struct wd_fact *fact)
{
    for (size_t i = 0; i < fact->list_count; i++) {
        wd_html_puts(h, i ? ", " : "");
        wd_html_text(h, fact->list[i]);
    }
}

static void put_exposure(struct wd_html *h, const struct item *item)
{
    const struct wd_fact *exposure = item->finding ? wd_html_fact(item->finding, "exposure") : NULL;
    if (!item->is_measured) {
        wd_html_puts(h, "not measured");
        return;
    }
    const struct wd_type_profile *t = &h->profile->types[item->type];
    wd_html_puts(h, "sent ");
    wd_html_plural(h, t->rows[item->row].present, "time", "times");
    wd_html_puts(h, " on ");
    wd_html_plural(h, t->connections, "connection", "connections");
    if (exposure && exposure->kind == WD_FACT_LIST && exposure->list_count) {
        wd_html_puts(h, "; ");
        put_list(h, exposure);
    } else if (exposure && exposure->kind == WD_FACT_WORD) {
        wd_buf_printf(h->out, "; %s", exposure->word);
    }
}

static void put_readers(struct wd_html *h, const struct item *item)
{
    if (!h->usage) {
        wd_html_puts(h, "not known");
        return;
    }
    struct wd_bytes message, channel, path;
    int direction;
    if (item->is_measured) {
        const struct wd_type_profile *t = &h->profile->types[item->type];
        message = t->name, channel = t->channel, direction = t->direction, path = t->rows[item->row].path;
    } else {
        message = item->finding->message, channel = item->finding->channel, path = item->finding->path;
        direction = item->finding->direction < 0 ? WD_S2C : item->finding->direction;
    }
    static const char *const words[] = {
        [WD_USE_UNUSED] = "<b>nobody</b>", [WD_USE_UNKNOWN] = "unknown", [WD_USE_USED] = ""};
    enum wd_use use = wd_usage_all(h->usage, message, channel, (enum wd_direction)direction, path);
    wd_html_puts(h, words[use]);
    size_t shown = 0;
    for (size_t c = 0; use == WD_USE_USED && c < h->usage->consumer_count && shown < 8; c++) {
        const struct wd_consumer *consumer = &h->usage->consumers[c];
        if (wd_usage_of(consumer, message, channel, (enum wd_direction)direction, path, NULL) != WD_USE_USED)
            continue;
        wd_html_puts(h, shown++ ? ", " : "");
        wd_html_text(h, consumer->name);
    }
}

static void put_purpose(struct wd_html *h, const struct item *item)
{
    const struct wd_schema_field *f =
        item->finding && item->finding->field ? item->finding->field
        : item->is_measured
            ? wd_html_declared(h, item->type, h->profile->types[item->type].rows[item->row].path)
            : NULL;
    if (f && f->purpose.len)
        wd_html_text(h, f->purpose);
    else
        wd_html_puts(h, !h->audit->schema                          ? "no schema given"
                        : item->is_measured && !h->audit->bindings ? "not known"
                        : !f                                       ? "<b>not even declared</b>"
                                                                   : "<b>missing</b>");
}

static void put_item(struct wd_html *h, const struct item *item)
{
    wd_html_puts(h, "<tr><th scope=\"row\">");
    wd_html_path(h, item->is_measured ? h->profile->types[item->type].rows[item->row].path
                                      : item->finding->path);
    wd_html_puts(h, "</th><td>");
    wd_html_path(h, item->is_measured ? h->profile->types[item->type].name : item->finding->message);
    wd_html_puts(h, "</td><td>");
    put_exposure(h, item);
    wd_html_puts(h, "</td><td>");
    put_readers(h, item);
    wd_html_puts(h, "</td><td>");
    put_purpose(h, item);
    wd_html_puts(h, "</td><td class=\"n\">");
    if (item->finding)
        wd_html_share(h, item->finding->confidence, 1);
    wd_html_puts(h, "</td></tr>\n");
}

static void say_none(struct wd_html *h)
{
    if (!h->profile && !h->audit->schema) {
        wd_html_empty(h, "Nothing was searched.", "Give a capture, a profile or a schema.");
        return;
    }
    wd_html_empty(
        h, "No field looked personal.",
        h->profile ? "Names, the shapes of values and the annotations of the schema were searched. This says "
                     "nothing about the "
                     "bytes that could not be read (<a href=\"#unseen\">Not seen</a>), nor about free text."
                   : "Only names and annotations of the schema were searched; with traffic, the shapes of "
                     "values are too.");
}

void wd_html_privacy(struct wd_html *h)
{
    size_t count;
    const struct item *items = collect(h, &count);
    if (count == 0) {
        say_none(h);
        return;
    }
    static const struct wd_html_column columns[] = {
        { "Field", false },   { "Message", false },        { "Exposure", false },
        { "Read by", false }, { "Purpose stated", false }, { "Confidence", true },
    };
    wd_html_puts(h, "<p>");
    wd_html_plural(h, count, "field carries", "fields carry");
    wd_html_puts(h, " personal data or secrets, judged by names, by the shapes of values and by the schema. "
                    "No value is in this "
                    "report, nor in the profile behind it.</p>\n");
    wd_html_table(h, "privacy", "Personal data by category", columns, WD_COUNT(columns));
    size_t shown = count < h->row_limit ? count : h->row_limit;
    for (size_t i = 0; i < shown; i++) {
        if (i == 0 || !wd_bytes_eq(items[i].category, items[i - 1].category))
            put_category(h, &items[i]);
        put_item(h, &items[i]);
    }
    wd_html_more(h, count - shown, WD_COUNT(columns));
    wd_html_table_end(h);
}
