/* finding/waste.h - what traffic alone says about a field: the tests that several rules and the verdict
 * share. Each is written beside its rule. They answer for any cell; a type of which too little was seen
 * has no answer. */
#ifndef WD_FINDING_WASTE_H
#define WD_FINDING_WASTE_H

#include "finding/subject.h"

/* Enough messages, and something to compare: nothing compared is not "constant". */
bool wd_is_compared(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell);
/* Scalars only: a container that is not empty is not compared. */
bool wd_is_scalar(const struct wd_cell *cell);
/* It comes and goes on its own, not with the object that holds it: then its presence says something. */
bool wd_comes_and_goes(const struct wd_subject *s, const struct wd_cell *cell);
/* What a delta would not have sent; *is_estimated when that was reckoned from entities. */
uint64_t wd_repeated_bytes(const struct wd_subject *s, const struct wd_cell *cell, bool *is_estimated);

/* Of the bits that a number of bytes took, those of a part of them: an even share. */
uint64_t wd_wire_part(uint64_t part, uint64_t bytes, uint64_t bits);

enum wd_emptiness { WD_EMPTY_NOT, WD_EMPTY_NULL, WD_EMPTY_VALUE, WD_EMPTY_DEFAULT };
enum wd_emptiness wd_emptiness_of(const struct wd_audit *audit, const struct wd_subject *s,
                                  const struct wd_cell *cell);

enum wd_constancy {
    WD_CONSTANT_NOT,
    WD_CONSTANT_OVERALL,
    WD_CONSTANT_PER_CONNECTION,
    WD_CONSTANT_PER_ENTITY
};
enum wd_constancy wd_constancy_of(const struct wd_audit *audit, const struct wd_subject *s,
                                  const struct wd_cell *cell);

/* How seldom it changes, and how long a value lasts (mean, 0: not known). */
struct wd_pace { uint64_t compared, changed, hold_ms; bool is_per_entity; };
struct wd_pace wd_pace_of(const struct wd_subject *s, const struct wd_cell *cell);
bool wd_is_slow(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell);

/* It goes or is sent once anyway, or names the message: no matter how it is encoded. */
bool wd_is_moot(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell);
/* Names or values say that it is personal data. */
bool wd_is_personal(const struct wd_audit *audit, const struct wd_subject *s, const struct wd_cell *cell);

#endif
