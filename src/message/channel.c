#include "message/host.h"

static struct wd_bytes copy(struct wd_bytes bytes)
{
    uint8_t *at = wd_alloc(bytes.len + 1);
    if (bytes.len)
        memcpy(at, bytes.at, bytes.len);
    return wd_bytes_at(at, bytes.len);
}

static struct wd_bytes copy_lower(struct wd_bytes bytes)
{
    struct wd_bytes out = copy(bytes);
    uint8_t *at = (uint8_t *)out.at;   /* ours: allocated just now */
    for (size_t i = 0; i < out.len; i++)
        if (at[i] >= 'A' && at[i] <= 'Z')
            at[i] |= 0x20;
    return out;
}

static struct wd_channel *find(const struct wd_host *host, enum wd_transport transport, struct wd_bytes path)
{
    for (size_t i = 0; i < host->channel_count; i++) {
        struct wd_channel *channel = host->channels[i];
        if (channel->transport == transport && wd_bytes_eq(channel->path, path))
            return channel;
    }
    return NULL;
}

struct wd_channel *wd_host_channel(struct wd_host *host, enum wd_transport transport, struct wd_bytes path,
                                   struct wd_bytes media_type, struct wd_bytes subprotocol)
{
    struct wd_channel *channel = find(host, transport, path);
    if (channel)
        return channel;
    if (host->channel_count >= host->limits->channels) {
        wd_host_limit(host, WD_LIMIT_channels);
        return NULL;
    }
    WD_GROW(host->channels, host->channel_count, host->channel_cap);
    channel = wd_alloc(sizeof *channel);
    *channel = (struct wd_channel){
        .connection = host->connection,
        .transport = transport,
        .path = copy(path),
        .media_type = copy_lower(media_type),
        .subprotocol = copy(subprotocol),
    };
    return host->channels[host->channel_count++] = channel;
}

/* Transports whose channels are streams that are accepted and last: a poll is none, nor is a call. */
static const bool is_stream[WD_TRANSPORT_COUNT] = {
    [WD_TRANSPORT_WEBSOCKET] = true,
    [WD_TRANSPORT_SSE] = true,
};

int wd_host_channel_open(struct wd_host *host, struct wd_channel *channel)
{
    channel->openings++;
    channel->is_open = is_stream[channel->transport] || host->connection->is_sealed;
    return host->sink->opened(host->sink->ctx, channel, host->ts_ns);
}

void wd_host_channel_closed(struct wd_host *host, struct wd_channel *channel)
{
    host->sink->closed(host->sink->ctx, channel, host->ts_ns, false);
    channel->is_open = false;
}

void wd_host_channels_free(struct wd_host *host, bool is_told)
{
    for (size_t i = 0; i < host->channel_count; i++) {
        struct wd_channel *channel = host->channels[i];
        if (is_told)
            host->sink->closed(host->sink->ctx, channel, host->ts_ns, true);
        wd_free((void *)channel->path.at);
        wd_free((void *)channel->media_type.at);
        wd_free((void *)channel->subprotocol.at);
        wd_free(channel);
    }
    wd_free(host->channels);
    host->channels = NULL;
    host->channel_count = host->channel_cap = 0;
}
