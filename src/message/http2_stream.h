/* message/http2_stream.h - the streams of an HTTP/2 connection: requests and responses.
 *
 * Shape   heads, data and ends come in as frames are read; bodies go to message/content.h. After CONNECT the
 *         stream belongs to the protocol that :protocol names, or to whatever is inside. A stream is a host
 *         of its own, so that its channels live as long as it does. Each half (by side) ends for itself; with
 *         the second the stream is gone. A stream that was reset lingers for a while: what the other side had
 *         sent before it heard of that still counts.
 * Units   bytes of DATA content: without padding.
 * Owns    streams. At most the limit `streams` are open in all connections within one TCP connection; the one
 *         used least lately is given up for a new one.
 * Errors  the sink's. Source: RFC 9113 sections 5.1 and 8, RFC 8441.
 */
#ifndef WD_MESSAGE_HTTP2_STREAM_H
#define WD_MESSAGE_HTTP2_STREAM_H

#include "message/content.h"
#include "message/http2_head.h"

enum wd_h2_phase {
    WD_H2_WAIT,                /* for its head */
    WD_H2_BODY,
    WD_H2_STRANGE,             /* its head was not seen: undecoded for `reason` unless the bytes tell more */
    WD_H2_LOST,                /* undecoded for `reason` */
    WD_H2_HELD,                /* client: after CONNECT, until it is answered */
    WD_H2_TUNNEL,
    WD_H2_OVER,
};

struct wd_h2_half {
    enum wd_h2_phase phase;
    enum wd_reason reason;
    struct wd_content content; /* BODY */
};

struct wd_h2_stream {
    struct wd_host host;
    uint32_t id;
    struct wd_h2_half half[2];
    struct wd_buf *request;    /* method, path, :protocol */
    size_t method_len, path_len;
    struct wd_buf *held;       /* HELD */
    bool is_held_over;         /* the client ended while it was held */
    bool is_lingering;
    struct wd_h2_stream *next; /* in its bucket */
    struct wd_h2_stream *older, *newer;
};

struct wd_h2_queue { struct wd_h2_stream *oldest, *newest; size_t count; };

struct wd_h2_streams {
    struct wd_host *host;
    struct wd_polls *polls;
    int client;
    struct wd_h2_stream **buckets;
    size_t bucket_count;
    struct wd_h2_queue live, lingering;   /* by last use; by reset */
    size_t held_len;           /* of all streams */
    uint32_t highest[2];       /* ids seen, of those that the server opens and those that the client does */
};

/* What may be wrong with the side that frames come from. */
struct wd_h2_doubt {
    enum wd_reason reason;     /* why something may be unknown */
    bool is_lost;              /* bytes of it were missed */
};

void wd_h2_streams_open(struct wd_h2_streams *streams, struct wd_host *host, int client);
/* NULL: there is none. Never one that is over. */
struct wd_h2_stream *wd_h2_stream_find(const struct wd_h2_streams *streams, uint32_t id);
/* A new one. NULL in *out: the limit leaves no room. */
int wd_h2_stream_add(struct wd_h2_streams *streams, uint32_t id, struct wd_h2_stream **out);
bool wd_h2_stream_is_new(const struct wd_h2_streams *streams, uint32_t id);

/* A head, or trailers. */
int wd_h2_stream_head(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side,
                      const struct wd_h2_head *head, bool is_end, struct wd_h2_doubt doubt);
/* The request that a push answers, or that was upgraded from HTTP/1.1: the client's half is over. */
int wd_h2_stream_asked(struct wd_h2_streams *streams, struct wd_h2_stream *stream, struct wd_bytes method,
                       struct wd_bytes path);
/* frame_left: of the content of the frame, with these; is_start: they are the first of it. */
int wd_h2_stream_data(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side,
                      struct wd_bytes bytes, bool is_start, uint64_t frame_left, struct wd_h2_doubt doubt);
int wd_h2_stream_gap(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side, uint64_t missing);
int wd_h2_streams_gap(struct wd_h2_streams *streams, int side);   /* in all of them, of unknown size */
/* These may be the last of the stream: it is not to be used afterwards. */
int wd_h2_stream_end(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side);
int wd_h2_stream_reset(struct wd_h2_streams *streams, struct wd_h2_stream *stream, int side);

int wd_h2_streams_close(struct wd_h2_streams *streams, enum wd_reason reason);   /* all that are open */
void wd_h2_streams_free(struct wd_h2_streams *streams);

#endif
