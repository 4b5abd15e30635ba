#include "message/request.h"

#include "base/arena.h"

/* The slots of answered requests move behind the waiting ones, and with them their memory. */
static void make_room(struct wd_requests *r)
{
    size_t waiting = r->count - r->first;
    if (r->first == 0)
        return;
    for (size_t i = 0; i < waiting; i++) {
        struct wd_request slot = r->at[i];
        r->at[i] = r->at[r->first + i];
        r->at[r->first + i] = slot;
    }
    r->first = 0;
    r->count = waiting;
}

bool wd_requests_push(struct wd_requests *r, struct wd_bytes method, struct wd_bytes path, bool is_holding,
                      uint64_t most)
{
    if (r->count - r->first >= most)
        return false;
    if (r->first == r->count)
        r->first = r->count = 0;
    if (r->count == r->cap)
        make_room(r);
    WD_GROW(r->at, r->count, r->cap);
    struct wd_request *request = &r->at[r->count++];
    wd_buf_reset(&request->text);
    wd_buf_put(&request->text, method);
    wd_buf_put(&request->text, path);
    request->method_len = method.len;
    request->is_holding = is_holding;
    return true;
}

const struct wd_request *wd_requests_pop(struct wd_requests *r, bool is_misaligned)
{
    if (r->first == r->count)
        return NULL;
    if (is_misaligned)
        r->first = r->count - 1;
    return &r->at[r->first++];
}

void wd_requests_free(struct wd_requests *r)
{
    for (size_t i = 0; i < r->cap; i++)
        wd_buf_free(&r->at[i].text);
    wd_free(r->at);
}

struct wd_bytes wd_request_method(const struct wd_request *request)
{
    return request ? wd_bytes_at(request->text.at, request->method_len) : wd_bytes_at(NULL, 0);
}

struct wd_bytes wd_request_path(const struct wd_request *request)
{
    if (!request)
        return wd_bytes_at(NULL, 0);
    return wd_bytes_at(request->text.at + request->method_len, request->text.len - request->method_len);
}
