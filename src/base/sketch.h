/* base/sketch.h - how many different values: exact to WD_SPARSE, then HyperLogLog (2^11 registers, error 2.3
 * %).
 *
 * Shape   values come in as 64-bit hashes made with a fixed seed, so sketches of different runs merge; union
 *         is associative and commutative.
 * Owns    its memory (heap). Source  Flajolet et al. 2007; Ertl 2017 for the estimate.
 */
#ifndef WD_BASE_SKETCH_H
#define WD_BASE_SKETCH_H

#include "base/arena.h"
#include "base/buf.h"

#define WD_SPARSE 64

struct wd_sketch;
struct wd_sketch *wd_sketch_open(void);
void wd_sketch_close(struct wd_sketch *s);  /* NULL is fine */
void wd_sketch_add(struct wd_sketch *s, uint64_t hash);
void wd_sketch_merge(struct wd_sketch *into, const struct wd_sketch *from);
uint64_t wd_sketch_count(const struct wd_sketch *s);
bool wd_sketch_is_exact(const struct wd_sketch *s);
/* 1 it holds the hash, 0 it does not, -1 cannot say (no longer exact). */
int wd_sketch_has(const struct wd_sketch *s, uint64_t hash);
/* Text form for the profile file, base64 of a tagged binary form; and back (false: not one of ours). */
void wd_sketch_write(const struct wd_sketch *s, struct wd_buf *out);
bool wd_sketch_read(struct wd_bytes text, struct wd_sketch **out);

/* The hash of a scalar by meaning, fixed seed: `json` is its JSON text ("\"a\"", "1.0", "true"). Equal values
 * hash equally however they are written. */
uint64_t wd_sketch_hash_json(struct wd_bytes json);

/* What it is made of, for the hot path and for other seeds: `decoded` without quotes and escapes; `text` a
 * JSON number in any notation (1.0 = 1 = 1e0, -0 = 0); `text` one of true, false, null, {} and []; bytes that
 * are no text. The four never hash equally for the same text. */
#define WD_SKETCH_SEED UINT64_C(0x7769726564696574)
uint64_t wd_hash_string_value(struct wd_bytes decoded, uint64_t seed);
uint64_t wd_hash_number_value(struct wd_bytes text, uint64_t seed);
uint64_t wd_hash_literal_value(struct wd_bytes text, uint64_t seed);
uint64_t wd_hash_bytes_value(struct wd_bytes bytes, uint64_t seed);
/* The same as wd_hash_number_value of mantissa * 10^exponent, the mantissa without zeros at its end, zero not
 * negative. */
uint64_t wd_hash_decimal_value(uint64_t mantissa, int64_t exponent, bool is_negative, uint64_t seed);

#endif
