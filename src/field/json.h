/* field/json.h - the loop over the tokens of JSON, for codecs whose bodies hold JSON texts. Not for other
 * folders.
 *
 * Shape   begin a walk, then ask for values: each call reads one with all that is in it, from one place of
 *         the body to the next. A place is handed around by value, so that it lives in registers. What
 *         stands between the values is the caller's: it adds to `space` and `syntax`, which the next value
 *         takes over.
 * Units   offsets and lengths in bytes from the start of the body.
 * Owns    nothing; the entries go to the tape.
 * Errors  place.fault says what is wrong at place.off.
 * Source  RFC 8259.
 */
#ifndef WD_FIELD_JSON_H
#define WD_FIELD_JSON_H

#include "field/codec.h"

/* An open container. */
struct level {
    uint32_t field;       /* index of the container on the tape */
    uint32_t path;
    uint32_t child_path;  /* node of the last member, of [] in arrays; WD_PATH_NONE at first */
    uint8_t end;          /* its closing bracket */
};

/* What changes with every token. */
struct place {
    uint32_t off;
    uint32_t space, syntax;       /* bytes that wait for the value they belong to */
    uint32_t key_off, key_len;
    const char *fault;
};

struct walk {
    const uint8_t *body;
    uint32_t len;
    struct wd_paths *paths;
    struct wd_tape *tape;
    uint32_t depth, max_depth;
    struct level stack[WD_DEPTH_MAX];
};

static inline void json_begin(struct walk *w, struct wd_bytes body, struct wd_paths *paths,
                              const struct wd_limits *limits, struct wd_tape *tape)
{
    w->body = body.at;
    w->len = (uint32_t)body.len;
    w->paths = paths;
    w->tape = tape;
    w->depth = 0;
    w->max_depth = limits->depth < WD_DEPTH_MAX ? (uint32_t)limits->depth : WD_DEPTH_MAX;
    wd_tape_reset(tape);
    wd_tape_bound(tape, limits);
}

/* The value at p.off, white space before it included, as an entry at `path` and one for each value in it. */
struct place json_value(struct walk *w, struct place p, uint32_t path);

#endif
