/* message/http2_head.h - what matters of one HTTP/2 header block: request, response or trailers.
 *
 * Shape   reset(), then read() with the block, then value(). Fields that occur twice are joined by commas.
 * Units   bytes.
 * Owns    copies of the few fields that are asked for; valid until the next reset().
 * Errors  `fault`: header-list, header-count. A block that cannot be read is for the caller to say.
 * Source  RFC 9113 section 8, RFC 8441, gRPC over HTTP/2.
 */
#ifndef WD_MESSAGE_HTTP2_HEAD_H
#define WD_MESSAGE_HTTP2_HEAD_H

#include "base/buf.h"
#include "message/hpack.h"

#define WD_H2_FIELDS(X) \
    X(METHOD, ":method") X(PATH, ":path") X(STATUS, ":status") X(PROTOCOL, ":protocol") \
    X(CONTENT_TYPE, "content-type") X(CONTENT_ENCODING, "content-encoding") \
    X(GRPC_ENCODING, "grpc-encoding") \
    X(WS_PROTOCOL, "sec-websocket-protocol") X(WS_EXTENSIONS, "sec-websocket-extensions")

enum wd_h2_field {
#define ROW(id, name) WD_H2_##id,
    WD_H2_FIELDS(ROW)
#undef ROW
    WD_H2_FIELD_COUNT
};

struct wd_h2_head {
    struct wd_host *host;
    struct wd_buf value[WD_H2_FIELD_COUNT];
    bool has[WD_H2_FIELD_COUNT];
    bool has_unknown;          /* some field could not be resolved: what is not there may have been */
    uint64_t list_len, count;  /* as SETTINGS_MAX_HEADER_LIST_SIZE counts, RFC 9113 section 6.5.2 */
    enum wd_reason fault;      /* WD_FINE, or a limit */
};

void wd_h2_head_reset(struct wd_h2_head *head, struct wd_host *host);   /* `host`: of the connection */
void wd_h2_head_free(struct wd_h2_head *head);
/* As wd_hpack_read. */
enum wd_reason wd_h2_head_read(struct wd_h2_head *head, struct wd_hpack *hpack, struct wd_bytes block,
                               uint64_t *unresolved);
static inline struct wd_bytes wd_h2_head_value(const struct wd_h2_head *head, enum wd_h2_field field)
{
    return wd_buf_bytes(&head->value[field]);
}
int wd_h2_head_status(const struct wd_h2_head *head);   /* 0: none, or none that could be */

#endif
