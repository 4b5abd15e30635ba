/* finding/vocabulary.h - the words that tell what a field is about: data, no code.
 *
 * Shape   words are written as the tokens of a name run together: "firstname" is first_name, firstName,
 *         first-name and firstname, never a part of a token. Folded: lower case, no accents (strasse,
 *         telefono), so that they compare bytewise. Other scripts stand as they are, in lower case.
 * Owns    nothing: everything is static and constant.
 * Source  privacy taxonomy 1, 2a and 2b. Keys are those of the Fideslang data categories (CC BY 4.0).
 */
#ifndef WD_FINDING_VOCABULARY_H
#define WD_FINDING_VOCABULARY_H

#include "base/bytes.h"

/* C credentials, S special or irreplaceable, D direct and private, P pseudonymous or weak. The values that a
 * field of that category can have: T text, I integer, N number, B boolean, in letters. What a sentence calls
 * it. */
#define WD_CATEGORIES(X) \
    X(PASSWORD,      "user.authorization.password",                      'C', "TI",  "a password") \
    X(CREDENTIALS,   "user.authorization.credentials",                   'C', "T",   "a credential") \
    X(CARD,          "user.financial.credit_card",                       'S', "TI",  "a payment card") \
    X(NATIONAL_ID,   "user.government_id.national_identification_number", 'S', "TI", "a national identification number") \
    X(PASSPORT,      "user.government_id.passport_number",               'S', "TI",  "a passport number") \
    X(LICENSE,       "user.government_id.drivers_license_number",        'S', "TI",  "a driving licence number") \
    X(MEDICAL,       "user.health_and_medical",                          'S', "TIN", "medical data") \
    X(RECORD_ID,     "user.health_and_medical.record_id",                'S', "TI",  "a medical record number") \
    X(INSURANCE,     "user.health_and_medical.insurance_beneficiary_id", 'S', "TI",  "an insurance number") \
    X(BIOMETRIC,     "user.biometric",                                   'S', "TIN", "biometric data") \
    X(HEALTH,        "user.biometric.health",                            'S', "TIN", "a person's vital signs") \
    X(RACE,          "user.demographic.race_ethnicity",                  'S', "TI",  "a person's ethnicity") \
    X(RELIGION,      "user.demographic.religious_belief",                'S', "TI",  "a person's religion") \
    X(POLITICS,      "user.demographic.political_opinion",               'S', "TI",  "a person's political opinion") \
    X(ORIENTATION,   "user.demographic.sexual_orientation",              'S', "TI",  "a person's sexual orientation") \
    X(CRIMINAL,      "user.criminal_history",                            'S', "TI",  "a criminal record") \
    X(CHILDREN,      "user.childrens",                                   'S', "TI",  "data about children") \
    X(NAME,          "user.name",                                        'D', "T",   "a person's name") \
    X(FIRST_NAME,    "user.name.first",                                  'D', "T",   "a first name") \
    X(LAST_NAME,     "user.name.last",                                   'D', "T",   "a family name") \
    X(EMAIL,         "user.contact.email",                               'D', "T",   "an e-mail address") \
    X(PHONE,         "user.contact.phone_number",                        'D', "TI",  "a telephone number") \
    X(ADDRESS,       "user.contact.address",                             'D', "T",   "a postal address") \
    X(STREET,        "user.contact.address.street",                      'D', "T",   "a street address") \
    X(CITY,          "user.contact.address.city",                        'D', "T",   "a home town") \
    X(POSTAL_CODE,   "user.contact.address.postal_code",                 'D', "TI",  "a postal code") \
    X(CONTACT,       "user.contact",                                     'D', "T",   "contact data") \
    X(PRECISE,       "user.location.precise",                            'D', "TN",  "a precise location") \
    X(BIRTH,         "user.demographic.date_of_birth",                   'D', "TI",  "a date of birth") \
    X(FINANCIAL,     "user.financial",                                   'D', "TIN", "a person's finances") \
    X(BANK_ACCOUNT,  "user.financial.bank_account",                      'D', "TI",  "a bank account") \
    X(PRIVATE,       "user.content.private",                             'D', "T",   "private content") \
    X(SELF_IMAGE,    "user.content.self_image",                          'D', "T",   "a picture of a person") \
    X(SEARCHES,      "user.behavior.search_history",                     'D', "T",   "what a person searched for") \
    X(BROWSING,      "user.behavior.browsing_history",                   'D', "T",   "what a person looked at") \
    X(PURCHASES,     "user.behavior.purchase_history",                   'D', "TIN", "what a person bought") \
    X(VEHICLE,       "user.government_id.vehicle_registration",          'D', "T",   "a vehicle registration") \
    X(USERNAME,      "user.account.username",                            'P', "T",   "a user name") \
    X(JOB,           "user.job_title",                                   'P', "T",   "a job title") \
    X(WORKPLACE,     "user.workplace",                                   'P', "T",   "a workplace") \
    X(GENDER,        "user.demographic.gender",                          'P', "TI",  "a gender") \
    X(AGE,           "user.demographic.age_range",                       'P', "TIN", "an age") \
    X(MARITAL,       "user.demographic.marital_status",                  'P', "TI",  "a marital status") \
    X(IP_ADDRESS,    "user.device.ip_address",                           'P', "T",   "an IP address") \
    X(DEVICE_ID,     "user.device.device_id",                            'P', "TI",  "a device's identifier") \
    X(COOKIE,        "user.device.cookie_id",                            'P', "T",   "a cookie") \
    X(DEVICE,        "user.device",                                      'P', "T",   "what tells a device apart") \
    X(UNIQUE_ID,     "user.unique_id",                                   'P', "TI",  "a person's identifier") \
    X(PSEUDONYMOUS,  "user.unique_id.pseudonymous",                      'P', "TI",  "a pseudonymous identifier") \
    X(IMPRECISE,     "user.location.imprecise",                          'P', "TN",  "a rough location") \
    X(USER,          "user",                                             'D', "TINB", "personal data")

enum wd_category_id {
#define ROW(id, key, class, types, noun) WD_CAT_##id,
    WD_CATEGORIES(ROW)
#undef ROW
    WD_CAT_COUNT
};

struct wd_category { const char *key; char class; const char *types; const char *noun; };
extern const struct wd_category wd_privacy_categories[WD_CAT_COUNT];

/* How much a word says when it is the head of a name. */
enum wd_strength { WD_HOMONYM, WD_USUAL, WD_UNAMBIGUOUS };

/* When it says so. */
enum wd_condition {
    WD_ANYWHERE,
    WD_OF_PERSON,    /* only when what holds it is a person: user.name, authorId */
    WD_OF_BODY,      /* only in the company of a patient, an athlete, vital signs */
};

struct wd_word { const char *word; uint8_t category, strength, condition; };
extern const struct wd_word wd_words[];      /* ends with word NULL */

/* What a field stands in, or what a token before the head says it belongs to. */
enum wd_holder {
    WD_HOLDER_UNKNOWN,
    WD_HOLDER_PERSON,    /* user, driver, owner */
    WD_HOLDER_BODY,      /* patient, athlete, vitals: a person's health */
    WD_HOLDER_SECRET,    /* session, auth: credentials live there */
    WD_HOLDER_THING,     /* host, product, company: has names and addresses that are no person's */
    WD_HOLDER_CLEAR,     /* data, item, address: says nothing, look further out */
};
struct wd_holder_word { const char *word; uint8_t holder; };
extern const struct wd_holder_word wd_holder_words[];   /* ends with word NULL */

/* Beside the matched word, these make the field be about the data instead: emailCount, isEmail, phoneType. */
enum wd_qualifier_place { WD_QUALIFIES_ANYWHERE, WD_QUALIFIES_FIRST, WD_QUALIFIES_LAST };
struct wd_qualifier { const char *word; uint8_t place; };
extern const struct wd_qualifier wd_qualifiers[];       /* ends with word NULL */

/* Heads that only stand for what is above them: email.value, phone.number. */
extern const char *const wd_neutral_words[];            /* ends with NULL */
/* After a word: a digest of it, which still tells people apart. */
extern const char *const wd_digest_words[];             /* ends with NULL */

#endif
