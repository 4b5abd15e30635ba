/* base/hash.h - SipHash for maps keyed by input, and the seeds of a run.
 * Source  SipHash-1-3 (Aumasson, Bernstein). Value hashes are XXH3 and live in profile/. */
#ifndef WD_BASE_HASH_H
#define WD_BASE_HASH_H

#include "base/bytes.h"

/* 128 random bits, drawn once per process from getrandom(2); ends the program when there are none. */
struct wd_seed { uint64_t k0, k1; };
struct wd_seed wd_seed_draw(void);

uint64_t wd_siphash(struct wd_seed seed, struct wd_bytes bytes);

#endif
