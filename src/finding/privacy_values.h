/* finding/privacy_values.h - what the values of a row say for and against a category. Private to
 * finding/privacy*.c. */
#ifndef WD_FINDING_PRIVACY_VALUES_H
#define WD_FINDING_PRIVACY_VALUES_H

#include "finding/privacy.h"

/* The strongest validator of this category, capped; weight 0 when none says anything. `is_named`: other
 * evidence names the category, so validators that ordinary values pass too may speak. */
struct wd_privacy_reason wd_values_for(const struct wd_row *row, enum wd_category_id category, bool is_named);
/* A validator exists for the category and fewer than one in five values pass. */
bool wd_values_fail(const struct wd_row *row, enum wd_category_id category, const struct wd_word *word);
/* The name of the excluded shape that most values have (epoch-ms, version, hash), where the category cannot
 * have it; else NULL. */
const char *wd_values_excluded(const struct wd_row *row, enum wd_category_id category);
/* Most values are digests. */
bool wd_values_are_digests(const struct wd_row *row);
/* The share of the values that are of a type which the category can have; 1 when there is none. */
double wd_values_of_type(const struct wd_row *row, const char *types);
/* Fewer than four values that come and go. */
bool wd_values_are_few(const struct wd_row *row);
/* Values that prove a person beside them: mail, phones, accounts. */
bool wd_values_prove_person(const struct wd_row *row);
/* Constant on a connection and different between connections: 5 connections, 3 messages each. */
bool wd_values_identify(const struct wd_row *row);

#endif
