/* message/head.h - HTTP/1.1 heads: a start line and fields.
 *
 * Shape   feed() takes bytes until the empty line; then method, target or status and the fields can be asked
 *         for. Values are trimmed, folded lines joined by spaces, repeated fields joined by commas. Line ends
 *         may be LF alone.
 * Units   bytes.
 * Owns    the text of one head; views into it live until the next feed() or reset().
 * Errors  a start line that is none: WD_REASON_MALFORMED_HTTP; header-line, header-list, header-count:
 *         WD_REASON_LIMIT.
 * Source  RFC 9112 sections 2 to 5, RFC 9110 section 5.
 */
#ifndef WD_MESSAGE_HEAD_H
#define WD_MESSAGE_HEAD_H

#include "base/buf.h"
#include "base/limits.h"
#include "message/host.h"

struct wd_head_field { uint32_t name_off, name_len, value_off, value_len; };

struct wd_head {
    struct wd_buf text;
    size_t line_off;           /* of the line that is being read */
    bool is_line_checked;      /* the start line was looked at */
    struct wd_head_field *fields;
    size_t field_count, field_cap;
    bool is_request;
    int status;                /* responses */
    struct wd_bytes method, target;   /* requests */
};

enum wd_start { WD_START_NEVER = -1, WD_START_MORE, WD_START_REQUEST, WD_START_RESPONSE };
/* What the bytes begin with. Only the first KiB counts: a longer line is a request when it begins like
 * one. */
enum wd_start wd_head_sniff(struct wd_bytes bytes);

/* Takes bytes from the front of *bytes. True when the head is whole. *fault is WD_FINE, or the reason why
 * not: then text.len bytes were taken. *blank: bytes of empty lines before the start line, which are not part
 * of the head. */
bool wd_head_feed(struct wd_head *head, const struct wd_limits *limits, struct wd_bytes *bytes,
                  uint64_t *blank, enum wd_reason *fault);
/* The limit that it is over, when the fault was a limit. */
enum wd_limit wd_head_limit(const struct wd_head *head, const struct wd_limits *limits);
void wd_head_reset(struct wd_head *head);
void wd_head_free(struct wd_head *head);

/* The first field of that name (lower case), or an empty view. */
struct wd_bytes wd_head_value(const struct wd_head *head, const char *name);
/* All fields of that name, joined by commas, appended to out. */
void wd_head_list(const struct wd_head *head, const char *name, struct wd_buf *out);
/* Content-Length: false when there is none; *fault when it contradicts itself. */
bool wd_head_length(const struct wd_head *head, uint64_t *out, enum wd_reason *fault);

/* The next item of a list, trimmed; separators inside quotes do not count. False at the end. Empty items are
 * skipped. */
bool wd_list_next(struct wd_bytes *rest, char separator, struct wd_bytes *item);

/* Path of a request target, without scheme, authority, query and fragment. */
struct wd_bytes wd_target_path(struct wd_bytes target);

#endif
