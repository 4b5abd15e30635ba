/* message/lines.h - lines of JSON in, messages out: logs and broker dumps, one message a line.
 *
 * Shape   open / feed / finish. The layout says which members of a line's object hold what; where it says
 *         nothing of the payload, the line is the message. A payload that is an object or array is its bytes
 *         as they stand, one that is a string its text with the escapes undone.
 * Units   captured_bytes are those of the file: payload as it stands there, all other bytes are framing.
 * Owns    one line, at most the limit `message` and what stands around it; connections until finish().
 * Errors  a line that is no JSON or lacks its payload counts as undecoded (malformed-framing); fault() names
 *         the first one by its number and says how many there are. A negative return is the sink's.
 * Source  github.com/ndjson/ndjson-spec section 3; jsonlines.org.
 */
#ifndef WD_MESSAGE_LINES_H
#define WD_MESSAGE_LINES_H

#include "base/err.h"
#include "base/window.h"
#include "message/messages.h"
#include "message/told.h"

/* What a member can say of a message. */
#define WD_LINE_MEMBERS(X) \
    X(PAYLOAD, "payload") X(CHANNEL, "channel") X(TYPE, "type") X(TIME, "time") X(DIRECTION, "direction") \
    X(CONNECTION, "connection")
enum wd_line_member {
#define ROW(id, name) WD_LINE_##id,
    WD_LINE_MEMBERS(ROW)
#undef ROW
    WD_LINE_MEMBER_COUNT
};

/* Members by dotted path ("message.topic"); NULL: not there. */
struct wd_lines_layout {
    bool is_forced;                             /* lines, whatever the first bytes and the name say */
    const char *path[WD_LINE_MEMBER_COUNT];
};

/* "payload=message.body,time=ts": adds to *out, which points into `text`, a heap copy that the caller frees.
 * WD_EUSAGE. */
int wd_lines_layout_read(char *text, struct wd_lines_layout *out, struct wd_err *err);

struct wd_lines;
struct wd_lines *wd_lines_open(const char *name, const struct wd_lines_layout *layout,
                               const struct wd_limits *limits, struct wd_ledger *ledger,
                               struct wd_messages *messages, struct wd_window *window);
int wd_lines_feed(struct wd_lines *lines, struct wd_bytes bytes, struct wd_err *err);
int wd_lines_finish(struct wd_lines *lines, struct wd_err *err);
void wd_lines_free(struct wd_lines *lines);   /* NULL is fine */
const char *wd_lines_fault(const struct wd_lines *lines);
const struct wd_told *wd_lines_told(const struct wd_lines *lines);

#endif
