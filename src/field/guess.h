/* field/guess.h - the member that comes next is most often the one that came there the last time.
 *
 * Shape   a walker that stands at a key asks wd_guess_member() first: one or two comparisons against what the
 *         tree remembers. When that fails it reads the key, finds its node and tells wd_guess_learn().
 * Units   a token is a key as it stands on the wire, quotes or head included. It ends itself: what begins
 *         with all of it is it. One tree can hold tokens of several codecs, so a codec asks only where a key
 *         begins as no other codec's does: with a quote, with a head of MessagePack's text, with one of
 *         CBOR's.
 * Owns    nothing; the guesses are the tree's (field/path.h).
 * Errors  none: a guess that fails costs time.
 */
#ifndef WD_FIELD_GUESS_H
#define WD_FIELD_GUESS_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "field/path.h"

#define WD_HOT static inline __attribute__((always_inline))

/* Whether the `left` bytes at `at` begin with the token of `node`. Tokens are padded to 16 bytes (arena
 * blocks are). */
WD_HOT bool wd_guess_fits(const uint8_t *at, uint32_t left, const struct wd_path *node)
{
    uint32_t len = node->token_len;
#ifdef __SSE2__
    if (len <= 16 && left >= 16) {
        __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at),
                                      _mm_load_si128((const __m128i *)(const void *)node->token));
        uint32_t mask = (1u << len) - 1;
        return ((uint32_t)_mm_movemask_epi8(same) & mask) == mask;
    }
#endif
    return len <= left && memcmp(at, node->token, len) == 0;
}

/* The member of `parent` that stood after member `before` (WD_PATH_NONE: that stood first) in one of the last
 * messages, if it is the one that stands at `at` now; else WD_PATH_NONE. */
WD_HOT uint32_t wd_guess_member(const struct wd_paths *paths, uint32_t parent, uint32_t before,
                                const uint8_t *at, uint32_t left)
{
    const struct wd_path *nodes = wd_paths_nodes(paths);
    bool is_first = before == WD_PATH_NONE;
    uint32_t guess = is_first ? nodes[parent].guess_first : nodes[before].guess_next;
    if (guess == WD_PATH_NONE || wd_guess_fits(at, left, &nodes[guess]))
        return guess;
    guess = is_first ? WD_PATH_NONE : nodes[before].guess_other;
    return guess != WD_PATH_NONE && wd_guess_fits(at, left, &nodes[guess]) ? guess : WD_PATH_NONE;
}

/* `path` stood there instead. A map's member, or one beyond the limits, is no guess, so that a guess needs no
 * second look. */
static inline void wd_guess_learn(struct wd_paths *paths, uint32_t parent, uint32_t before, uint32_t path)
{
    struct wd_path *nodes = wd_paths_nodes(paths);
    if (!nodes[path].token || nodes[path].parent != parent)
        return;
    if (before == WD_PATH_NONE) {
        nodes[parent].guess_first = path;
    } else if (nodes[before].parent == parent) {
        nodes[before].guess_other = nodes[before].guess_next;
        nodes[before].guess_next = path;
    }
}

#endif
