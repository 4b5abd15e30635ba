#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct wd_seed wd_seed_draw(void)
{
    struct wd_seed seed;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        fputs("wirediet: the system gives no random bytes (getrandom)\n", stderr);
        exit(4);
    }
    return seed;
}

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1]; v[1] = rotate(v[1], 13); v[1] ^= v[0]; v[0] = rotate(v[0], 32);
    v[2] += v[3]; v[3] = rotate(v[3], 16); v[3] ^= v[2];
    v[0] += v[3]; v[3] = rotate(v[3], 21); v[3] ^= v[0];
    v[2] += v[1]; v[1] = rotate(v[1], 17); v[1] ^= v[2]; v[2] = rotate(v[2], 32);
}

uint64_t wd_siphash(struct wd_seed seed, struct wd_bytes bytes)
{
    uint64_t v[4] = { seed.k0 ^ 0x736f6d6570736575u, seed.k1 ^ 0x646f72616e646f6du,
                      seed.k0 ^ 0x6c7967656e657261u, seed.k1 ^ 0x7465646279746573u };
    uint64_t word = 0;
    size_t i = 0;
    for (; bytes.len - i >= 8; i += 8) {
        memcpy(&word, bytes.at + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)bytes.len << 56;
    for (size_t j = 0; i + j < bytes.len; j++)
        word |= (uint64_t)bytes.at[i + j] << (8 * j);
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int r = 0; r < 3; r++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
