#include "message/http2_head.h"

static const char *const names[] = {
#define ROW(id, name) [WD_H2_##id] = name,
    WD_H2_FIELDS(ROW)
#undef ROW
};

#define FIELD_OVERHEAD 32

void wd_h2_head_reset(struct wd_h2_head *head, struct wd_host *host)
{
    for (size_t i = 0; i < WD_H2_FIELD_COUNT; i++) {
        wd_buf_reset(&head->value[i]);
        head->has[i] = false;
    }
    head->host = host;
    head->has_unknown = false;
    head->list_len = head->count = 0;
    head->fault = WD_FINE;
}

void wd_h2_head_free(struct wd_h2_head *head)
{
    for (size_t i = 0; i < WD_H2_FIELD_COUNT; i++)
        wd_buf_free(&head->value[i]);
}

static void keep_limits(struct wd_h2_head *head)
{
    const struct wd_limits *limits = head->host->limits;
    bool is_long = head->list_len > limits->header_list;
    if (head->fault != WD_FINE || (!is_long && head->count <= limits->header_count))
        return;
    head->fault = WD_REASON_LIMIT;
    wd_host_limit(head->host, is_long ? WD_LIMIT_header_list : WD_LIMIT_header_count);
}

static void take(void *ctx, struct wd_bytes name, struct wd_bytes value)
{
    struct wd_h2_head *head = ctx;
    head->list_len += name.len + value.len + FIELD_OVERHEAD;
    head->count++;
    keep_limits(head);
    if (name.len == 0)
        head->has_unknown = true;
    if (head->fault != WD_FINE)
        return;
    for (size_t i = 0; i < WD_H2_FIELD_COUNT; i++) {
        if (!wd_bytes_is(name, names[i]))
            continue;
        if (head->has[i])
            wd_buf_byte(&head->value[i], ',');
        head->has[i] = true;
        wd_buf_put(&head->value[i], value);
        return;
    }
}

enum wd_reason wd_h2_head_read(struct wd_h2_head *head, struct wd_hpack *hpack, struct wd_bytes block,
                               uint64_t *unresolved)
{
    return wd_hpack_read(hpack, block, take, head, unresolved);
}

int wd_h2_head_status(const struct wd_h2_head *head)
{
    uint64_t status;
    if (!wd_bytes_uint(wd_h2_head_value(head, WD_H2_STATUS), &status) || status > 999)
        return 0;
    return (int)status;
}
