/* message/frame.h - WebSocket frame headers and masks.
 *
 * Shape   read() is given the front of a stream and answers with the header's length; unmask() is the only
 *         copy. evidence() says how much bytes look like frames: used where nobody told that they are.
 * Units   bytes; evidence in bits.
 * Owns    nothing. Errors: see read().
 * Source  RFC 6455 section 5.2.
 */
#ifndef WD_MESSAGE_FRAME_H
#define WD_MESSAGE_FRAME_H

#include "base/bytes.h"

enum {
    WD_WS_CONTINUATION = 0, WD_WS_TEXT = 1, WD_WS_BINARY = 2,
    WD_WS_CLOSE = 8, WD_WS_PING = 9, WD_WS_PONG = 10,
};
enum { WD_WS_RSV1 = 0x40, WD_WS_RSV2 = 0x20, WD_WS_RSV3 = 0x10 };

#define WD_FRAME_HEAD_MAX 14

struct wd_frame {
    uint8_t opcode, rsv;       /* rsv: WD_WS_RSV* bits */
    bool is_fin, is_masked;
    uint8_t head_len;
    uint8_t key[4];
    uint64_t payload_len;
};

static inline bool wd_frame_is_control(const struct wd_frame *frame) { return frame->opcode & 8; }

/* Length of the header; 0: more bytes are needed; -1: no header begins like this (reserved opcode, fragmented
 * or long control frame, length with its highest bit set). */
int wd_frame_read(struct wd_bytes bytes, struct wd_frame *out);

/* out = in with the mask undone; `phase` is the offset of in[0] in the frame's payload. May work in place. */
void wd_frame_unmask(uint8_t *out, struct wd_bytes in, const uint8_t key[4], uint64_t phase);

/* How sure it is that frames begin here and follow one another to the end of the bytes, of which the last may
 * be cut. 0: they do not. `is_masked` is -1 when the side's habit is not known. */
unsigned wd_frame_evidence(struct wd_bytes bytes, int is_masked);

#endif
