/* finding/privacy: names, holders and values against the category that people would give them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "finding/naming.h"
#include "finding/privacy.h"
#include "model/path.h"

#define CAPTURE_NS INT64_C(1748736000000000000)
#define TOKEN "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJlLW9mLXRlc3Q"

/* `values` are separated by |; `beside` names a sibling path with its values, "path=value|value". "" expects
 * nothing. */
static const struct field { const char *path, *values, *category, *beside; } fields[] = {
    /* the dashboard: an owner's data, a session, and a great deal that is nobody's */
    { "owner.name", "Annika Lindqvist", "user.name", 0 },
    { "owner.email", "annika.lindqvist@example.com", "user.contact.email", 0 },
    { "owner.phone", "+49 30 5550 1177", "user.contact.phone_number", 0 },
    { "owner.team", "platform", "", 0 },
    { "session.token", TOKEN, "user.authorization.credentials", 0 },
    { "session.userId", "4217", "user.unique_id", 0 },
    { "session.locale", "de-DE", "", 0 },
    { "notify.email", "ops@example.com", "user.contact.email", 0 },
    { "notify.sms", "+49 170 5550 1178", "user.contact.phone_number", 0 },
    { "host.hostname", "web-07.fra1.internal.example", "", 0 },
    { "host.ipv4", "10.20.7.31", "", 0 },
    { "host.mac", "02:42:0a:14:07:1f", "", 0 },
    { "host.serial", "CZ2304FKQ9", "", 0 },
    { "host.os", "Debian GNU/Linux 12", "", 0 },
    { "host.kernel", "6.1.0-28-amd64", "", 0 },
    { "host.region", "eu-central-1", "", 0 },
    { "host.rack", "r12-u07", "", 0 },
    { "cpu.user", "19.5|20.1|3.25", "", 0 },
    { "cpu.system", "5.6|5.25", "", 0 },
    { "cpu.cores[]", "37.2|32.4", "", 0 },
    { "memory.total", "16755879936", "", 0 },
    { "memory.free", "7655451222", "", 0 },
    { "requests.total", "918711", "", 0 },
    { "requests.latency.p99", "94.8", "", 0 },
    { "disks[].mount", "/|/var/lib/data", "", 0 },
    { "disks[].device", "/dev/nvme0n1p2|/dev/nvme1n1", "", 0 },
    { "flags.canary", "true", "", 0 },
    { "schemaVersion", "2.4.1", "", 0 },
    { "ts", "1748736000123|1748736001123", "", 0 },
    { "seq", "1|2|3", "", 0 },
    { "type", "metrics", "", 0 },
    { "userAgent", "LiveDash/5.1 (X11; Linux x86_64)", "user.device", 0 },
    { "clientId", "43746|43758", "", 0 },
    { "upTo", "30|60", "", 0 },
    /* the chat: user profiles */
    { "data.profile.id", "u-1000|u-1001", "user.unique_id", 0 },
    { "data.profile.login", "amara|bjorn", "user.account.username", 0 },
    { "data.profile.displayName", "Amara Okafor|Björn Åkesson", "user.name", 0 },
    { "data.profile.fullName", "Amara Okafor|Björn Åkesson", "user.name", 0 },
    { "data.profile.email", "amara@chat.example|bjorn@chat.example", "user.contact.email", 0 },
    { "data.profile.birthday", "1980-02-10|1981-03-11", "user.demographic.date_of_birth", 0 },
    { "data.profile.phone", "+1 202 555 0140|+1 202 555 0141", "user.contact.phone_number", 0 },
    { "data.profile.address.street", "12 Harbour Road|13 Harbour Road", "user.contact.address.street", 0 },
    { "data.profile.address.city", "Galway", "user.contact.address.city", 0 },
    { "data.profile.address.zip", "H91 E2K0|H91 E2K1", "user.contact.address.postal_code", 0 },
    { "data.profile.address.country", "IE", "", 0 },
    { "data.profile.avatarUrl", "https://cdn.chat.example/a/0.png", "user.content.self_image", 0 },
    { "data.profile.bio", "Likes long walks through log files and short stand-ups.",
      "user.content.private", 0 },
    { "data.profile.timezone", "Europe/Dublin", "", 0 },
    { "data.profile.lastLoginIp", "203.0.113.17|203.0.113.18", "user.device.ip_address", 0 },
    { "data.profile.deviceId", "123e4567-e89b-12d3-a456-426614174000", "user.device.device_id", 0 },
    { "data.profile.plan", "team", "", 0 },
    { "data.profile.verified", "true", "", 0 },
    { "data.profile.createdAt", "2021-04-01T08:00:00Z", "", 0 },
    { "data.status", "online|away", "", 0 },
    { "data.room", "general", "", 0 },
    { "data.userId", "u-1000|u-1001|u-1002", "user.unique_id", 0 },
    { "data.items[].fromEmail", "amara@chat.example|chen@chat.example", "user.contact.email", 0 },
    { "data.items[].from", "Amara Okafor|Dolores Peña|Björn Åkesson", "user.name", 0 },
    { "data.items[].text", "the build is green again can you look|lunch maybe tomorrow deploy", "", 0 },
    { "data.clientMsgId", "123e4567-e89b-12d3-a456-426614174000|223e4567-e89b-12d3-a456-426614174000",
      "", 0 },
    { "data.traceId", "123e4567-e89b-12d3-a456-426614174000|223e4567-e89b-12d3-a456-426614174000", "", 0 },
    { "data.attachments[].exif.gps.lat", "53.270011|53.279912|53.273123", "user.location.precise",
      "data.attachments[].exif.gps.lon=-9.051234|-9.052345" },
    { "data.attachments[].exif.camera", "PX-4", "", 0 },
    { "data.attachments[].mime", "image/png", "", 0 },
    /* the ticker, the storm, orders, desks, wards */
    { "subscriber.accountNo", "AC-88123", "user.financial.bank_account", 0 },
    { "subscriber.taxId", "DE 811 907 980", "user.government_id.national_identification_number", 0 },
    { "exchange.name", "Frankfurt", "", 0 },
    { "exchange.mic", "XFRA", "", 0 },
    { "exchange.open", "09:00", "", 0 },
    { "isin", "XS0000001234", "", 0 },
    { "symbol", "ACME|GLOBO", "", 0 },
    { "last", "101.581|42.159", "", 0 },
    { "bid", "101.571|42.149", "", 0 },
    { "headline", "Markets close higher after a quiet day", "", 0 },
    { "author", "Jane Roe|John Doe", "user.name", 0 },
    { "user.email", "user0@storm.example|user1@storm.example", "user.contact.email", 0 },
    { "token", "st.ef68f4a79e5dab53e4e1b8f4bc81f84d64e388f8|st.16150334f8487eb24c1bc8fd8ca521926912e781",
      "user.authorization.credentials", 0 },
    { "clientNo", "1|2|3", "", 0 },
    { "device.model", "Pixel 9", "", 0 },
    { "rooms[].title", "Room 0|Room 1", "", 0 },
    { "order.trader.name", "Mira Sand|Tom Fall", "user.name", 0 },
    { "order.trader.desk", "rates", "", 0 },
    { "order.price_e4", "1015810|1015820", "", 0 },
    { "warehouse.manager", "Ida Holm|Per Lund", "user.name", 0 },
    { "warehouse.managerEmail", "ida.holm@example.com", "user.contact.email", 0 },
    { "warehouse.code", "W12", "", 0 },
    { "customer.vip", "true|false", "", 0 },
    { "customer.address.zip", "10115|10117", "user.contact.address.postal_code", 0 },
    { "carrier.name", "Parcel Post", "", 0 },
    { "items[].sku", "AB-1|AB-2", "", 0 },
    { "patient.mrn", "MRN-0001", "user.health_and_medical.record_id", 0 },
    { "patient.fullName", "Nora Field", "user.name", 0 },
    { "patient.dateOfBirth", "1951-04-03", "user.demographic.date_of_birth", 0 },
    { "patient.sex", "F", "user.demographic.gender", 0 },
    { "patient.insuranceNo", "A123456789", "user.health_and_medical.insurance_beneficiary_id", 0 },
    { "patient.diagnosis[]", "I48.0|I10", "user.health_and_medical", 0 },
    { "patient.nextOfKin.name", "Olaf Field", "user.name", 0 },
    { "patient.nextOfKin.phone", "+47 22 55 01 10", "user.contact.phone_number", 0 },
    { "vitals.heartRate.bpm", "71|72|70", "user.biometric.health", 0 },
    { "vitals.bloodPressure.systolic", "121|122", "user.biometric.health", 0 },
    { "room.temperature", "21.5|22.0", "", 0 },
    /* names alone */
    { "firstName", 0, "user.name.first", 0 },
    { "last_name", 0, "user.name.last", 0 },
    { "emailAddress", 0, "user.contact.email", 0 },
    { "email", 0, "user.contact.email", 0 },
    { "emails[]", 0, "user.contact.email", 0 },
    { "email.value", 0, "user.contact.email", 0 },
    { "phone.number", 0, "user.contact.phone_number", 0 },
    { "password", 0, "user.authorization.password", 0 },
    { "auth.accessToken", 0, "user.authorization.credentials", 0 },
    { "X-Api-Key", 0, "user.authorization.credentials", 0 },
    { "creditCardNumber", 0, "user.financial.credit_card", 0 },
    { "IBAN", 0, "user.financial.bank_account", 0 },
    { "ssn", 0, "user.government_id.national_identification_number", 0 },
    { "dateOfBirth", 0, "user.demographic.date_of_birth", 0 },
    { "user.age", 0, "user.demographic.age_range", 0 },
    { "userName", 0, "user.account.username", 0 },
    { "emailHash", 0, "user.unique_id.pseudonymous", 0 },
    /* other tongues */
    { "vorname", 0, "user.name.first", 0 },
    { "Nachname", 0, "user.name.last", 0 },
    { "telefonnummer", 0, "user.contact.phone_number", 0 },
    { "\"Stra\xc3\x9f" "e\"", 0, "user.contact.address.street", 0 },
    { "\"pr\xc3\xa9nom\"", 0, "user.name.first", 0 }, { "motDePasse", 0, "user.authorization.password", 0 },
    { "date_naissance", 0, "user.demographic.date_of_birth", 0 }, { "apellidos", 0, "user.name.last", 0 },
    { "\"contrase\xc3\xb1" "a\"", 0, "user.authorization.password", 0 },
    { "correoElectronico", 0, "user.contact.email", 0 },
    { "codiceFiscale", 0, "user.government_id.national_identification_number", 0 },
    { "cognome", 0, "user.name.last", 0 },
    { "senha", 0, "user.authorization.password", 0 },
    { "cpf", 0, "user.government_id.national_identification_number", 0 },
    { "achternaam", 0, "user.name.last", 0 }, { "wachtwoord", 0, "user.authorization.password", 0 },
    { "\"has\xc5\x82o\"", 0, "user.authorization.password", 0 },
    { "pesel", 0, "user.government_id.national_identification_number", 0 },
    { "personnummer", 0, "user.government_id.national_identification_number", 0 },
    { "efternamn", 0, "user.name.last", 0 },
    { "shoujihao", 0, "user.contact.phone_number", 0 },
    { "\"姓名\"", 0, "user.name", 0 },
    { "\"手机号\"", 0, "user.contact.phone_number", 0 },
    { "\"パスワード\"", 0, "user.authorization.password", 0 },
    { "\"Телефон\"", 0, "user.contact.phone_number", 0 },
    { "\"фамилия\"", 0, "user.name.last", 0 },
    /* words that turn a name around, homonyms, parts of words */
    { "emailCount", "3|4", "", 0 },
    { "isEmailVerified", "true", "", 0 },
    { "phoneType", "mobile|home", "", 0 },
    { "passwordPolicy", "strong", "", 0 },
    { "passwordChangedAt", "2024-01-31T10:00:00Z", "", 0 },
    { "tokenUrl", "https://example.com/token", "", 0 },
    { "emailTemplate", "welcome", "", 0 },
    { "addressFormat", "short", "", 0 },
    { "max_users", "500", "", 0 },
    { "compass", "NNE", "", 0 },
    { "hostname", "web-07", "", 0 },
    { "filename", "a.txt", "", 0 },
    { "product.name", "Garden Chair", "", 0 },
    { "company.name", "Acme Goods", "", 0 },
    { "company.phone", "+49 30 5550 1177", "", 0 },
    { "server.ip", "10.0.0.1|10.0.0.2", "", 0 },
    { "name", "metrics", "", 0 },
    { "state", "on|off", "", 0 },
    { "race.laps", "12|13", "", 0 },
    { "key", "cpu|memory", "", 0 },
    { "tokens", "512|1024", "", 0 },
    { "lat", "12.31|9.82|11.4", "", 0 },
    { "height", "1080", "", 0 },
    { "card.title", "Daily Summary", "", 0 },
    { "pinned", "true", "", 0 },
    { "email", "true|false", "", 0 },
    { "address", "0x1f", "", 0 },
    { "diagnostics", "ok", "", 0 },
    { "session", "open|closed", "", 0 },
    { "firstName", "123e4567-e89b-12d3-a456-426614174000|223e4567-e89b-12d3-a456-426614174000", "", 0 },
    { "cardNumber", "Visa ending in 42|Visa ending in 17", "", 0 }, { "email", "n/a|none", "", 0 },
    { "parent.id", "12|13", "", 0 },
    { "city.name", "Oslo|Bergen", "", 0 },
    { "store.location.lat", "53.27001|53.27912", "", "store.location.lon=9.05123|9.05234" },
    /* values alone */
    { "contact", "ops@example.com", "user.contact.email", 0 },
    { "x", "a@example.com|b@example.com", "user.contact.email", 0 },
    { "blob", "ghp_0123456789abcdefghijklmnopqrstuvwxyz", "user.authorization.credentials", 0 },
    { "dsn", "postgres://app:hunter2@db.internal/orders", "user.authorization.credentials", 0 },
    { "ref", "4111111111111111|5555555555554444|378282246310005", "user.financial.credit_card", 0 },
    { "account", "DE89370400440532013000|GB82WEST12345698765432", "user.financial.bank_account", 0 },
    { "peer", "10.1.2.3|10.1.2.4", "", 0 },
    { "note", "call me|at a@example.com|ok|fine|yes|no|maybe|later|soon|done", "", 0 },
    { "id", "4111111111111111|1234567890123456|2345678901234567|3456789012345678|9876543210987654", "", 0 },
};

/* Two rows: the field, and its sibling if it has one, in the order of their paths. */
struct traffic {
    struct wd_type_profile type;
    struct wd_row rows[2];
};

static enum wd_type type_of(const char *value)
{
    char *end;
    double number = strtod(value, &end);
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
        return WD_TYPE_BOOLEAN;
    if (*end || end == value || strlen(value) > 19)
        return WD_TYPE_STRING;
    return number == floor(number) ? WD_TYPE_INTEGER : WD_TYPE_NUMBER;
}

static void observe(struct wd_row *row, const char *values)
{
    for (const char *p = values; *p; p += *p == '|') {
        size_t n = strcspn(p, "|");
        char value[256];
        snprintf(value, sizeof value, "%.*s", (int)n, p);
        enum wd_type type = type_of(value);
        uint64_t shapes = wd_shape_of(wd_bytes_of(value), type == WD_TYPE_STRING, CAPTURE_NS);
        for (int s = 0; s < WD_SHAPE_COUNT && type != WD_TYPE_BOOLEAN; s++)
            row->shapes[s] += shapes >> s & 1;
        row->types[type] += 100;
        row->shape_values += type != WD_TYPE_BOOLEAN;
        row->present += 100;
        row->occurrences += 100;
        row->distinct++;
        p += n;
    }
}

static const struct wd_row *make_traffic(struct traffic *t, const struct field *f)
{
    const char *eq = f->beside ? strchr(f->beside, '=') : NULL;
    size_t self = 0;
    t->type = (struct wd_type_profile){ .rows = t->rows, .row_count = 1 };
    memset(t->rows, 0, sizeof t->rows);
    if (eq) {
        struct wd_bytes beside = wd_bytes_at(f->beside, (size_t)(eq - f->beside));
        self = wd_bytes_cmp(wd_bytes_of(f->path), beside) > 0;
        t->rows[!self].path = beside;
        observe(&t->rows[!self], eq + 1);
        t->type.row_count = 2;
    }
    t->rows[self].path = wd_bytes_of(f->path);
    observe(&t->rows[self], f->values);
    return &t->rows[self];
}

static struct wd_assessment assess(const struct field *f, const struct wd_config *config)
{
    struct traffic t;
    struct wd_schema_field declared = { .path = wd_bytes_of(f->path), .types = 0 };
    struct wd_personal_case c = {
        .path = declared.path, .field = f->values ? NULL : &declared, .config = config};
    if (f->values) {
        c.row = make_traffic(&t, f);
        c.type = &t.type;
    }
    struct wd_assessment a;
    wd_privacy_assess(&c, &a);
    return a;
}

static void print_reasons(const struct wd_assessment *a)
{
    struct wd_buf out = { 0 };
    for (size_t i = 0; i < a->reason_count; i++) {
        wd_buf_puts(&out, "    ");
        wd_privacy_put_reason(&out, &a->reasons[i]);
        wd_buf_byte(&out, '\n');
    }
    print_error("%s", wd_buf_cstr(&out));
    wd_buf_free(&out);
}

static void fields_get_their_category(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < WD_COUNT(fields); i++) {
        struct wd_assessment a = assess(&fields[i], NULL);
        const char *got = a.category && a.confidence >= 0.5 ? a.category->key : "";
        if (strcmp(got, fields[i].category) == 0)
            continue;
        print_error("%s (%s): %s %.2f, not %s\n", fields[i].path, fields[i].values ? fields[i].values : "-",
                    *got ? got : "nothing", a.confidence,
                    *fields[i].category ? fields[i].category : "nothing");
        print_reasons(&a);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static const char *category_at(const struct wd_assessment *a) { return a->category ? a->category->key : ""; }

/* One schema field under a name that says nothing, or a name that says it all. */
static struct wd_assessment assess_declared(const char *path, struct wd_schema_field field,
                                            const char *values)
{
    struct field f = { path, values, "", 0 };
    struct traffic t;
    field.path = wd_bytes_of(path);
    struct wd_personal_case c = { .path = field.path, .field = &field };
    if (values) {
        c.row = make_traffic(&t, &f);
        c.type = &t.type;
    }
    struct wd_assessment a;
    wd_privacy_assess(&c, &a);
    return a;
}

static void annotations_are_strongest(void **state)
{
    (void)state;
    struct wd_assessment a = assess_declared("x1", (struct wd_schema_field){ .privacy = 1 }, "7|8");
    assert_string_equal(category_at(&a), "user");
    assert_true(a.confidence > 0.9);
    a = assess_declared(
        "x1", (struct wd_schema_field){.privacy = 1, .privacy_category = wd_bytes_of("user.biometric")},
        "7|8");
    assert_string_equal(category_at(&a), "user.biometric");
    a = assess_declared(
        "x1", (struct wd_schema_field){.privacy = 1, .privacy_category = wd_bytes_of("EMAIL_ADDRESS")},
        "a|b");
    assert_string_equal(category_at(&a), "user.contact.email");
    a = assess_declared("x1", (struct wd_schema_field){ .format = wd_bytes_of("email") }, NULL);
    assert_string_equal(category_at(&a), "user.contact.email");
    /* no silences the name ... */
    a = assess_declared("owner.firstName", (struct wd_schema_field){ .privacy = -1 }, "Ida|Olaf");
    assert_true(a.confidence < 0.1);
    /* ... but not the values that prove the opposite */
    a = assess_declared("owner.email", (struct wd_schema_field){.privacy = -1},
                        "a@example.com|b@example.com");
    assert_string_equal(category_at(&a), "user.contact.email");
    assert_true(a.is_contradicted && a.confidence > 0.9);
}

static void configuration_names_categories(void **state)
{
    (void)state;
    struct wd_config_sensitive sensitive[] = {
        {wd_bytes_of("x.lot"), wd_bytes_of("user.health_and_medical")},
        {wd_bytes_of("x.own"), wd_bytes_of("user.sensor")},
    };
    struct wd_config config = { .sensitive = sensitive, .sensitive_count = 2 };
    struct wd_assessment a = assess(&(struct field){ "x.lot", "A1|A2", "", 0 }, &config);
    assert_string_equal(category_at(&a), "user.health_and_medical");
    a = assess(&(struct field){ "x.own", "1|2", "", 0 }, &config);
    assert_true(wd_bytes_is(a.key, "user.sensor"));   /* not one of ours: kept as it is written */
    a = assess(&(struct field){ "x.other", "A1|A2", "", 0 }, &config);
    assert_null(a.category);
}

static void without_traffic_belief_is_capped(void **state)
{
    (void)state;
    struct wd_assessment a = assess_declared("owner.email", (struct wd_schema_field){ .privacy = 1 }, NULL);
    assert_true(a.confidence > 0.79 && a.confidence <= WD_PRIVACY_UNSEEN);
    a = assess_declared("owner.email", (struct wd_schema_field){ .types = 1u << WD_TYPE_BOOLEAN }, NULL);
    assert_true(a.confidence < 0.5);
    a = assess_declared("owner", (struct wd_schema_field){.types = 1u << WD_TYPE_OBJECT, .privacy = 1}, NULL);
    assert_null(a.category);
    a = assess_declared("kind", (struct wd_schema_field){.has_const = true, .types = 1u << WD_TYPE_STRING},
                        NULL);
    assert_null(a.category);
}

/* A container's row is never personal, and neither is what is always null. */
static void only_leaves_carry(void **state)
{
    (void)state;
    struct wd_row row = { .path = wd_bytes_of("emails"), .present = 10, .occurrences = 10 };
    struct wd_type_profile type = { .rows = &row, .row_count = 1 };
    struct wd_personal_case c = { .path = row.path, .row = &row, .type = &type };
    struct wd_assessment a;
    row.types[WD_TYPE_ARRAY] = 10;
    wd_privacy_assess(&c, &a);
    assert_null(a.category);
    row.types[WD_TYPE_ARRAY] = 0;
    row.types[WD_TYPE_NULL] = 10;
    wd_privacy_assess(&c, &a);
    assert_null(a.category);
    row.types[WD_TYPE_STRING] = 1;
    wd_privacy_assess(&c, &a);
    assert_string_equal(category_at(&a), "user.contact.email");
}

static void behaviour_raises_confidence(void **state)
{
    (void)state;
    struct wd_row row = {.path = wd_bytes_of("clientId"),
                         .present = 300,
                         .occurrences = 300,
                         .series = 10,
                         .constant_series = 10,
                         .distinct = 10,
                         .shape_values = 10};
    row.types[WD_TYPE_STRING] = 300;
    struct wd_type_profile type = { .rows = &row, .row_count = 1 };
    struct wd_personal_case c = { .path = row.path, .row = &row, .type = &type };
    struct wd_assessment a;
    wd_privacy_assess(&c, &a);
    assert_string_equal(category_at(&a), "user.unique_id.pseudonymous");
    assert_true(a.confidence > 0.7);
    row.distinct = 1;   /* shared by all: a build or a tenant */
    wd_privacy_assess(&c, &a);
    assert_true(a.confidence < 0.5);
}

/* A sibling proven personal makes a person of what holds both; an id there is still the message's. */
static void siblings_lend_their_holder(void **state)
{
    (void)state;
    struct wd_assessment a = assess(
        &(struct field){"name", "Ida Holm|Per Lund", "", "email=ida@example.com|per@example.com"}, NULL);
    assert_string_equal(category_at(&a), "user.name");
    assert_true(a.confidence > 0.7);
    a = assess(&(struct field){ "id", "1|2", "", "email=ida@example.com|per@example.com" }, NULL);
    assert_null(a.category);
}

/* The words themselves: folded, of one reading each, and with categories that exist. */
static void vocabulary_is_sound(void **state)
{
    (void)state;
    for (const struct wd_word *w = wd_words; w->word; w++) {
        for (const char *p = w->word; *p; p++)
            if (*p <= ' ' && *p >= 0)
                fail_msg("'%s' has a blank", w->word);
        for (const struct wd_word *v = w + 1; v->word; v++)
            if (strcmp(w->word, v->word) == 0)
                fail_msg("'%s' stands twice", w->word);
        char path[80];
        snprintf(path, sizeof path, "user.\"%s\"", w->word);
        const struct wd_word *found = wd_naming_of(wd_bytes_of(path), WD_HOLDER_PERSON).word;
        if (w->condition != WD_OF_BODY && found != w)
            fail_msg("'%s' is read as '%s'", w->word, found ? found->word : "nothing");
    }
    for (size_t i = 0; i < WD_CAT_COUNT; i++)
        assert_true(strncmp(wd_privacy_categories[i].key, "user", 4) == 0 &&
                    strchr("CSDP", wd_privacy_categories[i].class));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_get_their_category),
        cmocka_unit_test(annotations_are_strongest),
        cmocka_unit_test(configuration_names_categories),
        cmocka_unit_test(without_traffic_belief_is_capped),
        cmocka_unit_test(only_leaves_carry),
        cmocka_unit_test(behaviour_raises_confidence),
        cmocka_unit_test(siblings_lend_their_holder),
        cmocka_unit_test(vocabulary_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
