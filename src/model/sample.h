/* model/sample.h - what a schema can learn from the values of one field, where they are at hand.
 *
 * Shape   a row has one when it was asked for (config.samples); each value that is new at its place is taken.
 *         What the values have in common is kept, and of words, when asked for those too, the first few: they
 *         are captured values, never saved and never read back.
 * Owns    itself, on the heap: wd_sample_close.
 * Errors  none. More words than fit, or a string that is no word: is_over.
 */
#ifndef WD_MODEL_SAMPLE_H
#define WD_MODEL_SAMPLE_H

#include "base/format.h"
#include "model/field.h"

enum wd_samples { WD_SAMPLES_NONE, WD_SAMPLES_KINDS, WD_SAMPLES_WORDS };
enum { WD_SAMPLE_WORDS = 16, WD_SAMPLE_WORD = 32 };

struct wd_sample_word { uint8_t len; char text[WD_SAMPLE_WORD]; };

struct wd_sample {
    bool has_negative;       /* a number below zero */
    bool is_wide;            /* an integer that 64 bits with a sign do not hold */
    uint8_t formats;         /* bits 1 << enum wd_string_format: all strings satisfied them */
    bool is_over;            /* not all of its strings are among the words */
    uint8_t word_count;
    struct wd_sample_word *words;   /* sorted; NULL: not asked for */
};

struct wd_sample *wd_sample_open(enum wd_samples what);   /* NULL for NONE */
void wd_sample_close(struct wd_sample *sample);           /* NULL is fine */
/* `text` as in profiles: of a string decoded, of a number as written. */
void wd_sample_take(struct wd_sample *sample, const struct wd_field *field, struct wd_bytes text);
/* Both or neither can be NULL: what only one part looked at is not known of the whole. */
void wd_sample_merge(struct wd_sample **into, const struct wd_sample *from);
struct wd_sample *wd_sample_copy(const struct wd_sample *sample);

#endif
