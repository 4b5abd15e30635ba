/* tests/fuzz/walked.h - any bytes to a codec: the tape always tiles them, and a tree that knows their keys changes nothing.
 * For the targets of the codecs of payloads. */
#ifndef WD_TESTS_FUZZ_WALKED_H
#define WD_TESTS_FUZZ_WALKED_H

#include <stdlib.h>
#include <string.h>

#include "field/codec.h"
#include "field/cost.h"
#include "field/text.h"

static inline uint64_t walked_sum(const struct wd_tape *tape)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        sum = sum * 31 + f->path + f->type * 7u + f->key_len * 11u + f->value_len * 13u + f->syntax_len * 17u + f->space_len * 19u;
    }
    return sum;
}

/* One bit for each byte: where they lie must add up too. */
static inline void walked_cost(const struct wd_tape *tape, size_t size)
{
    struct wd_bit_mark *marks = calloc(size + 1, sizeof *marks);
    uint64_t *costs = calloc(tape->count + 1u, sizeof *costs), sum = 0;
    for (uint32_t i = 0; i < size; i++)
        marks[i] = (struct wd_bit_mark){ i + 1, 1 };
    wd_tape_cost(tape, size, (struct wd_bit_marks){ marks, size }, size, costs);
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        if (costs[i] != (uint64_t)f->key_len + f->value_len + f->syntax_len + f->space_len)
            abort();
        sum += costs[i];
    }
    if (tape->count && sum != size)
        abort();
    free(marks);
    free(costs);
}

/* Every value can be asked what it says. */
static inline void walked_texts(const struct wd_tape *tape, struct wd_bytes body)
{
    struct wd_buf scratch = { 0 };
    for (uint32_t i = 0; i < tape->count; i++)
        wd_field_text(&tape->fields[i], body, &scratch);
    wd_buf_free(&scratch);
}

/* The fault that the body has, NULL: none. */
static inline const char *walked(const struct wd_codec *codec, const uint8_t *data, size_t size)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes body = wd_bytes_at(data, size);
    struct wd_tape tape = { 0 };
    limits.map_keys = 8;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    codec->walk(body, NULL, paths, &limits, &tape);
    if (wd_tape_bytes(&tape) != size || (codec->bid(body) > 0 && tape.fault))
        abort();
    uint32_t folds = wd_paths_folds(paths);
    codec->walk(body, NULL, paths, &limits, &tape);
    uint64_t second = walked_sum(&tape);
    codec->walk(body, NULL, paths, &limits, &tape);
    if (wd_tape_bytes(&tape) != size || (wd_paths_folds(paths) == folds && walked_sum(&tape) != second))
        abort();
    const char *fault = tape.fault;
    walked_cost(&tape, size);
    walked_texts(&tape, body);
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return fault;
}

#endif
