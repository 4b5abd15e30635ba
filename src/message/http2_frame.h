/* message/http2_frame.h - HTTP/2 frame headers.
 *
 * Shape   read() takes nine bytes; evidence() says how much bytes look like frames: used where nobody told
 *         that they are.
 * Units   bytes; evidence in bits.
 * Owns    nothing. Errors: see read().
 * Source  RFC 9113 sections 3.4, 4.1 and 6.
 */
#ifndef WD_MESSAGE_HTTP2_FRAME_H
#define WD_MESSAGE_HTTP2_FRAME_H

#include "base/bytes.h"

enum {
    WD_H2_DATA, WD_H2_HEADERS, WD_H2_PRIORITY, WD_H2_RST_STREAM, WD_H2_SETTINGS,
    WD_H2_PUSH_PROMISE, WD_H2_PING, WD_H2_GOAWAY, WD_H2_WINDOW_UPDATE, WD_H2_CONTINUATION,
};
enum {
    WD_H2_END_STREAM = 0x01, WD_H2_ACK = 0x01, WD_H2_END_HEADERS = 0x04, WD_H2_PADDED = 0x08,
    WD_H2_PRIORITIZED = 0x20,
};

#define WD_H2_HEAD 9
#define WD_H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define WD_H2_PREFACE_LEN 24

struct wd_h2_frame {
    uint32_t len;              /* of the payload */
    uint8_t type, flags;
    uint32_t stream;
};

/* The first nine bytes. False: no frame has that length, or belongs to that stream. */
bool wd_h2_frame_read(struct wd_bytes bytes, struct wd_h2_frame *out);
/* Bytes begin as the client's side must. 1: they do, 0: too short to tell, -1: they do not. */
int wd_h2_frame_is_preface(struct wd_bytes bytes);
/* As the server's side must: with SETTINGS that acknowledge nothing. */
int wd_h2_frame_is_start(struct wd_bytes bytes);
/* How sure it is that frames begin here and follow one another to the end of the bytes, of which the last may
 * be cut. 0: they do not. */
unsigned wd_h2_frame_evidence(struct wd_bytes bytes);

#endif
