#include "pipeline/road.h"

#include "message/messages.h"
#include "packet/dissect.h"
#include "profile/observe.h"
#include "stream/tcp.h"
#include "stream/tls.h"

static int on_segment(void *ctx, const struct wd_segment *segment)
{
    return wd_tcp_feed(((struct wd_road *)ctx)->tcp, segment);
}

static int on_chunk(void *ctx, const struct wd_chunk *chunk)
{
    return wd_tls_feed(((struct wd_road *)ctx)->tls, chunk);
}

static int on_plain_chunk(void *ctx, const struct wd_chunk *chunk)
{
    return wd_messages_feed(((struct wd_road *)ctx)->messages, chunk);
}

void wd_road_open(struct wd_road *road, const struct wd_config *config, const struct wd_schema *schema)
{
    *road = (struct wd_road){ .config = config };
    road->observer = wd_observer_open(config, schema);
    wd_observer_note_limits(road->observer, &road->ledger);
    struct wd_message_sink sink = wd_observer_sink(road->observer);
    road->messages = wd_messages_open(&config->limits, &road->ledger, &road->counts, &sink);
    road->keylog = wd_keylog_open(&config->limits);
    road->tls =
        wd_tls_open(&config->limits, &road->ledger, &road->tls_counts, road->keylog, on_plain_chunk, road);
    if (config->shows_servers)
        wd_tls_keep_names(road->tls);
    road->tcp = wd_tcp_open(&config->limits, &road->ledger, on_chunk, road);
    road->dissect = wd_dissect_open(&config->limits, &road->ledger, on_segment, road);
}

void wd_road_close(struct wd_road *road)
{
    if (road->dissect)
        wd_dissect_close(road->dissect);
    wd_messages_free(road->messages);  /* before the connections that its hosts point to */
    wd_tls_free(road->tls);
    wd_tcp_free(road->tcp);
    wd_keylog_free(road->keylog);
    wd_observer_close(road->observer);
    for (size_t i = 0; i < road->input_count; i++)
        wd_free((void *)road->inputs[i].name.at);
    wd_free(road->inputs);
}

static struct wd_bytes base_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return wd_bytes_of(strcmp(name, "-") == 0 ? "standard input" : slash ? slash + 1 : name);
}

struct wd_input *wd_road_begin_input(struct wd_road *road, const char *name)
{
    WD_GROW(road->inputs, road->input_count, road->input_cap);
    struct wd_bytes base = base_name(name);
    char *copy = wd_alloc(base.len + 1);
    memcpy(copy, base.at, base.len);
    struct wd_input *input = &road->inputs[road->input_count++];
    *input = (struct wd_input){ .name = wd_bytes_at(copy, base.len), .last_ns = INT64_MIN };
    road->ledger.input = road->input_count;
    return input;
}

int wd_road_packet(void *ctx, const struct wd_packet *packet)
{
    struct wd_road *road = ctx;
    struct wd_input *input = &road->inputs[road->input_count - 1];
    if (input->packets++ == 0)
        input->first_ns = packet->ts_ns;
    if (packet->ts_ns < input->first_ns)
        input->first_ns = packet->ts_ns;
    if (packet->ts_ns > input->last_ns)
        input->last_ns = packet->ts_ns;
    return wd_dissect_feed(road->dissect, packet);
}

uint64_t wd_road_messages(const struct wd_road *road)
{
    return wd_observer_messages(road->observer);
}

static void name_servers(const struct wd_road *road, struct wd_profile *p)
{
    const struct wd_map *names = wd_tls_names(road->tls);
    for (size_t i = 0; names && i < wd_map_count(names); i++)
        wd_profile_name_server(p, wd_map_key(names, i), *wd_map_value(names, i));
}

int wd_road_finish(struct wd_road *road, struct wd_profile **out)
{
    wd_dissect_close(road->dissect);
    road->dissect = NULL;
    TRY(wd_tcp_finish(road->tcp));
    struct wd_profile *p = wd_observer_finish(road->observer);
    p->ledger = road->ledger;
    p->ledger.input = 0;   /* none is being read any more */
    p->counts = road->counts;
    p->tls = road->tls_counts;
    name_servers(road, p);
    p->connections = wd_tcp_connections(road->tcp) + road->told_connections;
    p->inputs = wd_arena_array(p->arena, struct wd_input, road->input_count);
    for (size_t i = 0; i < road->input_count; i++) {
        p->inputs[i] = road->inputs[i];
        p->inputs[i].name = wd_arena_copy(p->arena, road->inputs[i].name);
        if (p->inputs[i].last_ns == INT64_MIN)
            p->inputs[i].last_ns = 0;
    }
    p->input_count = road->input_count;
    *out = p;
    return WD_OK;
}
