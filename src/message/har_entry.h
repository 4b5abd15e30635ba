/* message/har_entry.h - one entry of a HAR, as har.c reads it and har_entry.c retells it. For these two
 * alone.
 *
 * Shape   har.c fills the fields, in whatever order they come, and the two lists; then wd_har_retell() makes
 *         messages of them.
 * Owns    the entry: the bytes its spans point into. The book: connections, and what it takes to tell
 *         reconnections. */
#ifndef WD_MESSAGE_HAR_ENTRY_H
#define WD_MESSAGE_HAR_ENTRY_H

#include "message/har.h"
#include "message/host.h"

/* Places in the archive that hold something we read. */
enum wd_har_place {
    WD_HAR_NOWHERE, WD_HAR_ROOT, WD_HAR_LOG, WD_HAR_ENTRIES, WD_HAR_ENTRY, WD_HAR_REQUEST, WD_HAR_POST,
    WD_HAR_RESPONSE, WD_HAR_CONTENT, WD_HAR_SOCKET, WD_HAR_FRAME, WD_HAR_STREAM, WD_HAR_EVENT,
};

enum wd_har_room { WD_HAR_SHORT, WD_HAR_ADDRESS, WD_HAR_LONG };

/* id, place, name, how much of it is kept */
#define WD_HAR_FIELDS(X) \
    X(STARTED, ENTRY, "startedDateTime", SHORT) X(TIME, ENTRY, "time", SHORT) \
    X(CONNECTION, ENTRY, "connection", SHORT) X(CONNECTION_ID, ENTRY, "_connectionId", SHORT) \
    X(FROM_CACHE, ENTRY, "_fromCache", SHORT) X(FETCH_TYPE, ENTRY, "_fetchType", SHORT) \
    X(METHOD, REQUEST, "method", SHORT) X(URL, REQUEST, "url", ADDRESS) \
    X(REQUEST_HEAD, REQUEST, "headersSize", SHORT) X(REQUEST_SIZE, REQUEST, "bodySize", SHORT) \
    X(POST_TYPE, POST, "mimeType", SHORT) X(POST_TEXT, POST, "text", LONG) \
    X(POST_ENCODING, POST, "encoding", SHORT) X(STATUS, RESPONSE, "status", SHORT) \
    X(RESPONSE_HEAD, RESPONSE, "headersSize", SHORT) X(RESPONSE_SIZE, RESPONSE, "bodySize", SHORT) \
    X(CONTENT_SIZE, CONTENT, "size", SHORT) X(CONTENT_TYPE, CONTENT, "mimeType", SHORT) \
    X(CONTENT_TEXT, CONTENT, "text", LONG) X(CONTENT_ENCODING, CONTENT, "encoding", SHORT) \
    X(FRAME_TYPE, FRAME, "type", SHORT) X(FRAME_TIME, FRAME, "time", SHORT) \
    X(FRAME_OPCODE, FRAME, "opcode", SHORT) X(FRAME_DATA, FRAME, "data", LONG) \
    X(EVENT_NAME, EVENT, "eventName", ADDRESS) X(EVENT_TIME, EVENT, "time", SHORT) \
    X(EVENT_DATA, EVENT, "data", LONG)

enum wd_har_field {
#define ROW(id, place, name, room) WD_HAR_##id,
    WD_HAR_FIELDS(ROW)
#undef ROW
    WD_HAR_FIELD_COUNT
};

struct wd_har_span {
    size_t off, len;             /* in `held` */
    uint64_t whole;              /* length of all of it; more than len where the limit cut it */
    bool is_there;
};

/* A frame, or an event: type is its name. */
struct wd_har_item { struct wd_har_span type, time, opcode, data; };

struct wd_har_entry {
    struct wd_buf held;
    struct wd_har_span fields[WD_HAR_FIELD_COUNT];
    struct wd_har_item *frames, *events;
    size_t frame_count, frame_cap, event_count, event_cap;
    bool is_full;                /* no more items are kept; of the others: */
    uint64_t lost_items, lost_bytes;
};

struct wd_har_stream;
struct wd_har_peer;

struct wd_har_book {
    struct wd_limits limits;
    struct wd_ledger *ledger;
    struct wd_messages *messages;
    struct wd_window *window;    /* NULL: everything */
    struct wd_told told;
    struct wd_message_sink sink; /* ours, before the receiver's */
    const struct wd_message_sink *receiver;
    uint64_t mute_sockets, missing_bodies;   /* what the HAR does not hold */
    uint64_t cut_messages;       /* what the limit of an entry left no room for */
    int64_t now_ns;              /* of the last entry that said when */
    struct wd_buf body;          /* scratch */

    struct wd_map *peer_of;
    struct wd_har_peer **peers;
    size_t peer_count, peer_cap;

    const struct wd_har_entry *timed;   /* its events tell when the messages came; NULL: none do */
    size_t timed_next;

    struct wd_har_stream *streams;      /* that were open, for reconnections */
    size_t stream_count, stream_cap;
};

void wd_har_book_open(struct wd_har_book *book);
int wd_har_retell(struct wd_har_book *book, const struct wd_har_entry *entry);
/* Ends all connections. */
int wd_har_book_close(struct wd_har_book *book);
void wd_har_book_free(struct wd_har_book *book);

#endif
