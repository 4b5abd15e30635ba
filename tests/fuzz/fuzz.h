/* tests/fuzz/fuzz.h - what libFuzzer calls for each input; for the one file of a target that defines it. */
#ifndef WD_TESTS_FUZZ_FUZZ_H
#define WD_TESTS_FUZZ_FUZZ_H

#include "base/bytes.h"

#ifndef FUZZ_OPTIONS
#define FUZZ_OPTIONS ""   /* what a target adds, each after a colon */
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input allocates little and is gone soon. A quarantine of 16 MB, not 256, still holds all of it, and stays in the
 * cache: half as many runs again in a second, in fuzz_road twice as many. ASAN_OPTIONS go before. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16" FUZZ_OPTIONS;
}

#endif
