/* message/request.h - requests that wait for their responses, in order.
 * Owns    the strings. A queue that runs empty keeps its memory. */
#ifndef WD_MESSAGE_REQUEST_H
#define WD_MESSAGE_REQUEST_H

#include "base/buf.h"

struct wd_request {
    struct wd_buf text;        /* method, path */
    size_t method_len;
    bool is_holding;           /* it asked for another protocol: the client is held until the answer */
};

struct wd_requests {
    struct wd_request *at;
    size_t first, count, cap;  /* waiting: first .. count */
};

/* False: `most` wait already. */
bool wd_requests_push(struct wd_requests *requests, struct wd_bytes method, struct wd_bytes path,
                      bool is_holding, uint64_t most);
/* The oldest, or the newest when is_misaligned (older ones are forgotten); NULL: none. Valid until the next
 * push. */
const struct wd_request *wd_requests_pop(struct wd_requests *requests, bool is_misaligned);
void wd_requests_free(struct wd_requests *requests);

/* Empty views for NULL. */
struct wd_bytes wd_request_method(const struct wd_request *request);
struct wd_bytes wd_request_path(const struct wd_request *request);

#endif
