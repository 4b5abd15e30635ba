/* message/chunked.h - the chunked transfer coding.
 *
 * Shape   take() alternates: framing it consumed, or data it found, until the last chunk and its trailer are
 *         over.
 * Units   bytes. `pending` is framing of a line that is not complete yet, reported with the rest of the line.
 * Owns    nothing. Errors: see enum.
 * Source  RFC 9112 section 7.1.
 */
#ifndef WD_MESSAGE_CHUNKED_H
#define WD_MESSAGE_CHUNKED_H

#include "message/host.h"

struct wd_chunked {
    uint8_t state;
    uint8_t digits;
    bool is_blank;             /* trailer: nothing but a line end on this line so far */
    uint64_t left;             /* data of this chunk still to come */
    uint64_t pending;          /* bytes of the current line */
    uint64_t trailer;          /* bytes of the trailer so far */
};

enum wd_chunked_got { WD_CHUNKED_MORE, WD_CHUNKED_DATA, WD_CHUNKED_END, WD_CHUNKED_BAD, WD_CHUNKED_LIMIT };
/* *data: a view of the front of *bytes. *framing grows by the bytes of complete lines. */
enum wd_chunked_got wd_chunked_take(struct wd_chunked *c, const struct wd_limits *limits,
                                    struct wd_bytes *bytes, struct wd_bytes *data, uint64_t *framing);
/* `missing` bytes of data were lost: true when the framing survives that. */
bool wd_chunked_skip(struct wd_chunked *c, uint64_t missing);
/* True when a chunk seems to begin here: its size line, and what follows its data when that is at hand.
 * *data: its data. */
bool wd_chunked_sniff(struct wd_bytes bytes, struct wd_bytes *data);

#endif
