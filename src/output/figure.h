/* output/figure.h - numbers as people read them, the same in every output that is meant for people.
 *
 * Shape   each appends to `out`. Decimals are made from integers, so no locale shows through.
 * Units   sizes are bytes, in powers of ten as networks count; times nanoseconds since 1970, UTC.
 * Errors  none.
 */
#ifndef WD_OUTPUT_FIGURE_H
#define WD_OUTPUT_FIGURE_H

#include "model/profile.h"

void wd_put_count(struct wd_buf *out, uint64_t n);        /* 1,135,724 */
void wd_put_size(struct wd_buf *out, uint64_t bytes);     /* 812 B, 1.25 MB, 432 kB: three digits */
void wd_put_share(struct wd_buf *out, double share);      /* 12.7 %, <0.1 %, >99.9 %, 100 % */
void wd_put_percent(struct wd_buf *out, double share);    /* 13 %, <1 %, >99 %, 100 % only of all */
void wd_put_duration(struct wd_buf *out, int64_t ns);     /* 250 ms, 11.2 s, 4 min 12 s, 3 d 4 h */
void wd_put_about(struct wd_buf *out, int64_t ns);        /* ~30 s, ~1.4 s: two digits, for a mean */
void wd_put_time(struct wd_buf *out, int64_t ns);         /* RFC 3339, UTC, nine digits */
/* Of `count` messages each, in bytes: 294, 7.2, <0.1 */
void wd_put_bits(struct wd_buf *out, uint64_t bits, uint64_t count);
void wd_put_plural(struct wd_buf *out, uint64_t n, const char *one, const char *many); /* 1 field, 3 fields */
/* At most `digits` decimals, without trailing zeros: a JSON number. Not finite: 0. */
void wd_put_decimal(struct wd_buf *out, double value, int digits);

double wd_share_of(uint64_t part, uint64_t whole);        /* 0 when whole is 0 */
uint64_t wd_each(uint64_t bytes, uint64_t count);         /* per message, rounded; 0 when count is 0 */

uint64_t wd_profile_dropped(const struct wd_profile *profile);   /* packets that a recording lost */
/* A sentence about them; false: there were none. */
bool wd_put_dropped(struct wd_buf *out, const struct wd_profile *profile);
/* Seconds that the inputs cover together, in nanoseconds: each input from its first to its last packet. */
int64_t wd_profile_span(const struct wd_profile *profile);
/* Bytes of a field that said again what was said: equal to the value before, or, where the type names an
 * entity, to that entity's value before (then by messages, at the field's average size). And of all fields of
 * a type. */
uint64_t wd_row_repeated(const struct wd_type_profile *type, const struct wd_row *row);
uint64_t wd_type_repeated(const struct wd_type_profile *type);
/* True when the figures of change of this field are told per entity. */
bool wd_row_is_per_entity(const struct wd_type_profile *type, const struct wd_row *row);
/* The mean time that a value lasted; 0 when nothing is known, or when it is known of the stream but not of
 * the entity. */
int64_t wd_row_lasts(const struct wd_type_profile *type, const struct wd_row *row);
/* Compared and changed: per entity where the type has one, else in a row. */
void wd_row_change(const struct wd_type_profile *type, const struct wd_row *row, uint64_t *compared,
                   uint64_t *changed);
/* "never", "always", "9 %", "once" (nothing to compare with), "" for a container. */
void wd_put_change(struct wd_buf *out, const struct wd_type_profile *type, const struct wd_row *row);
bool wd_row_is_container(const struct wd_row *row);
/* "string", "number or null", "" when it never had a value. */
void wd_put_types(struct wd_buf *out, const struct wd_row *row);
/* The name of a file as it may be shown: as the user gave it; of an absolute name the last part. */
struct wd_bytes wd_file_shown(const char *file);
struct wd_bytes wd_base_name(struct wd_bytes name);

#endif
