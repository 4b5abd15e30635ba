/* message/content.h - what becomes of the body of one HTTP message.
 *
 * Shape   open / feed / close with the bytes that are left when the transfer coding is undone. A stream of
 *         messages goes to its decoder, a structured body is kept whole for poll.c, anything else is `http`.
 * Units   wire bytes; all that are fed end in a layer, at the latest in close().
 * Owns    codings, decoder, buffers. A closed content may be opened again.
 * Errors  the sink's. Source: RFC 9110 section 6.4.
 */
#ifndef WD_MESSAGE_CONTENT_H
#define WD_MESSAGE_CONTENT_H

#include "message/body.h"
#include "message/poll.h"

struct wd_content_spec {
    enum wd_direction direction;
    bool is_stream_allowed;            /* server-sent events: only of a 200 response */
    bool is_midway;                    /* its beginning was not captured */
    struct wd_bytes method, path;      /* of the request; method "" when it was not seen */
    struct wd_bytes content_type;      /* with parameters */
    struct wd_bytes codings;           /* as wd_body_open takes them */
    struct wd_bytes message_coding;    /* grpc-encoding */
};

/* A body that begins like a line of an event stream: seen where a capture starts inside one. */
bool wd_content_is_event(struct wd_bytes body);

enum wd_content_kind { WD_CONTENT_PLAIN, WD_CONTENT_STREAM, WD_CONTENT_WHOLE };

struct wd_content {
    enum wd_content_kind kind;
    struct wd_host *host;
    struct wd_polls *polls;
    enum wd_direction direction;
    struct wd_body *codings;           /* NULL: plain */
    enum wd_reason fault;              /* WD_FINE while it can be read */
    const struct wd_decoder *decoder;  /* STREAM */
    void *state;
    struct wd_channel *channel;
    uint64_t wire_len;                 /* STREAM: bytes the decoder has had; WHOLE: all */
    struct wd_mark_list marks;         /* WHOLE: of the body, where they are known */
    bool is_shared;                    /* WHOLE: compressed, and they are not */
    struct wd_buf *text;               /* WHOLE: method, path, media type, then the body */
    size_t method_len, path_len, type_len;
    uint64_t body_len;
};

int wd_content_open(struct wd_content *content, struct wd_host *host, struct wd_polls *polls,
                    const struct wd_content_spec *spec);
int wd_content_feed(struct wd_content *content, struct wd_bytes bytes);
int wd_content_gap(struct wd_content *content);
/* is_whole: its end was seen. What is unfinished is undecoded for `reason`. is_last: the connection is over,
 * too. */
int wd_content_close(struct wd_content *content, bool is_whole, enum wd_reason reason, bool is_last);
void wd_content_free(struct wd_content *content);   /* accounts for nothing */

#endif
