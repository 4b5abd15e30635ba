/* model/usage.h - who reads what. Three-valued: used, unused, unknown. Unknown is never unused.
 * Owns    everything is in the arena given to usage/. */
#ifndef WD_MODEL_USAGE_H
#define WD_MODEL_USAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/message.h"

enum wd_use { WD_USE_UNUSED, WD_USE_UNKNOWN, WD_USE_USED };  /* ordered: the maximum over places wins */
extern const char *const wd_use_names[3];

#define WD_USAGE_SOURCES(X) X(STATIC, "static") X(TRACE, "trace") X(CONTRACT, "contract") X(MANIFEST, "manifest")
enum wd_usage_source {
#define ROW(id, name) WD_USAGE_##id,
    WD_USAGE_SOURCES(ROW)
#undef ROW
    WD_USAGE_SOURCE_COUNT
};

struct wd_read {
    struct wd_bytes path;
    uint64_t count;                    /* times seen; 0 when not counted */
    const struct wd_bytes *where;      /* "src/app.js:31" */
    size_t where_count;
    struct wd_place at;                /* of the path */
};

struct wd_escape { struct wd_bytes path; struct wd_bytes where; struct wd_place at; };

struct wd_consumer_message {
    struct wd_bytes message;           /* name; "*" is every message */
    struct wd_bytes channel;           /* "" any */
    int direction;                     /* enum wd_direction, -1 any */
    const struct wd_read *reads;
    size_t read_count;
    const struct wd_escape *escapes;
    size_t escape_count;
    bool is_complete;
    struct wd_place at, channel_at, direction_at;
};

struct wd_consumer {
    struct wd_bytes name;
    enum wd_usage_source source;
    const struct wd_consumer_message *messages;
    size_t message_count;
    bool is_assumed_unused;            /* --assume-unused: its unknowns count as unused */
    struct wd_place at;
};

struct wd_usage {
    const struct wd_consumer *consumers;
    size_t consumer_count;
};

/* What one consumer does with (message, path). *where, when not NULL, is set to the read or escape that
 * decided ("src/log.js:10"), or to the reason for unknown, as text to be escaped. A read of a path is a read
 * of its ancestors; a read of an object or array is NOT a read of its members, but an escape of it makes
 * everything below unknown; complete: false makes every path that is not read unknown. A consumer that does
 * not list the message: unused if the file lists others (it subscribes to nothing of it). Entries (`[]`,
 * `{}`) of an array or map that is read are read: their number shows. `{}` meets any key, on either side. A
 * direction out of range, and channel "", are not known and meet every entry. */
enum wd_use wd_usage_of(const struct wd_consumer *consumer, struct wd_bytes message, struct wd_bytes channel,
                        enum wd_direction direction, struct wd_bytes path, struct wd_bytes *where);
/* Over all consumers: used if one uses it, else unknown if one is unknown or there is no consumer, else
 * unused. */
enum wd_use wd_usage_all(const struct wd_usage *usage, struct wd_bytes message, struct wd_bytes channel,
                         enum wd_direction direction, struct wd_bytes path);
/* Whether the consumer lists the message at all. */
bool wd_usage_subscribes(const struct wd_consumer *consumer, struct wd_bytes message, struct wd_bytes channel,
                         enum wd_direction direction);

#endif
