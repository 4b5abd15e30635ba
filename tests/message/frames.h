/* tests/message/frames.h - writes HTTP/2 for scripts of play.h.
 *
 * Shape   a talk collects frames; each call appends to the side's current step, which a call for the other side, a gap or
 *         next() ends. Header lists are pairs in one string: ":method GET|:path /a".
 * Owns    the steps' bytes, until talk_free().
 */
#ifndef WD_TESTS_MESSAGE_FRAMES_H
#define WD_TESTS_MESSAGE_FRAMES_H

#include "play.h"

#define STEPS_MAX 4096

struct talk {
    struct step steps[STEPS_MAX];
    struct wd_buf bytes[STEPS_MAX];
    size_t count;
    bool is_open;              /* the last step may grow */
};

enum { CLIENT, SERVER };
enum { END_STREAM = 1, END_HEADERS = 4, PADDED = 8, PRIORITIZED = 0x20 };

void raw(struct talk *t, int side, struct wd_bytes bytes);
void next(struct talk *t);                       /* what follows is in a chunk of its own */
void hole(struct talk *t, int side, uint64_t missing);   /* 0: of unknown size */
void preface(struct talk *t);                    /* the client's, and SETTINGS of both */
void frame(struct talk *t, int side, int type, int flags, uint32_t stream, struct wd_bytes payload);
/* A header block of literals that are not indexed, or with is_indexed entered into the table. */
struct wd_bytes block_of(struct wd_buf *out, const char *fields, bool is_indexed);
void headers(struct talk *t, int side, uint32_t stream, const char *fields, int flags);    /* END_HEADERS added */
void data_of(struct talk *t, int side, uint32_t stream, struct wd_bytes bytes, int flags);
void data(struct talk *t, int side, uint32_t stream, const char *text, int flags);
void padded(struct talk *t, int side, uint32_t stream, const char *text, int padding, int flags);
void talk_free(struct talk *t);

#define PLAY(p, t, expected) play_check((p), (t)->steps, (t)->count, (expected))

#endif
