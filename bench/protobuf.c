/* bench/protobuf.c - how fast our walker reads Protobuf messages of a trading desk with their layout, and how
 * fast protobuf-c unpacks the same, which it gives memory from one block: prints both in MB/s. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "bench/clock.h"
#include "bench/desk-ws.pb-c.h"
#include "field/codec.h"
#include "schema/descriptor.pb-c.h"
#include "schema/proto_layout.h"

enum { MESSAGES = 100000, ROUNDS = 7, ROOM = 256, BLOCK = 64 << 10 };

struct bodies {
    uint8_t *at;
    uint32_t start[MESSAGES + 1];
};

/* Two orders and a fill, as they come. */
static size_t pack(unsigned i, uint8_t *out)
{
    char id[24], *routes[] = {"XNAS", "XNYS"};
    Desk__Trader trader = {.base = PROTOBUF_C_MESSAGE_INIT(&desk__trader__descriptor),
                           .id = 100 + i % 7,
                           .name = "Ada Example",
                           .email = "ada@example.org",
                           .lei = "529900T8BM49AURSDO55",
                           .desk = "EQ"};
    Desk__Order order = {.base = PROTOBUF_C_MESSAGE_INIT(&desk__order__descriptor),
                         .id = id,
                         .symbol = i % 2 ? "ABCD" : "WXYZ",
                         .price_e4 = 1000000 + i % 5000,
                         .qty = 100 * (i % 9),
                         .side = i % 2 ? DESK__SIDE__BUY : DESK__SIDE__SELL,
                         .trader = &trader,
                         .algo = "VWAP",
                         .note = "",
                         .routes = routes,
                         .n_routes = 2,
                         .created_us = 1700000000000000 + i};
    Desk__Fill fill = {.base = PROTOBUF_C_MESSAGE_INIT(&desk__fill__descriptor),
                       .order_id = id,
                       .price_e4 = 1000000 + i % 5000,
                       .qty = 100 * (i % 9),
                       .venue = "XNAS",
                       .counterparty = "",
                       .last = i % 2};
    Desk__Envelope envelope = {.base = PROTOBUF_C_MESSAGE_INIT(&desk__envelope__descriptor), .seq = i};
    snprintf(id, sizeof id, "o%u", i);
    bool is_fill = i % 3 == 2;
    envelope.body_case = is_fill ? DESK__ENVELOPE__BODY_FILL : DESK__ENVELOPE__BODY_ORDER;
    if (is_fill)
        envelope.fill = &fill;
    else
        envelope.order = &order;
    return desk__envelope__pack(&envelope, out);
}

static struct bodies make_bodies(void)
{
    struct bodies b = {.at = wd_alloc((size_t)MESSAGES * ROOM)};
    for (unsigned i = 0; i < MESSAGES; i++)
        b.start[i + 1] = b.start[i] + (uint32_t)pack(i, b.at + b.start[i]);
    return b;
}

static void walk(const struct bodies *b, const struct wd_proto_message *message)
{
    const struct wd_layout layout = {.proto = message};
    struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = {0};
    for (unsigned i = 0; i < MESSAGES; i++) {
        struct wd_bytes body = wd_bytes_at(b->at + b->start[i], b->start[i + 1] - b->start[i]);
        wd_codec_protobuf.walk(body, message ? &layout : NULL, paths, &limits, &tape);
        if (tape.fault)
            bench_fail(tape.fault);
    }
    wd_tape_free(&tape);
    wd_paths_close(paths);
}

struct block {
    size_t used;
    max_align_t at[BLOCK / sizeof(max_align_t)];
};

static void *take(void *data, size_t size)
{
    struct block *block = data;
    void *at = (uint8_t *)block->at + block->used;
    block->used += (size + 15) & ~(size_t)15;
    return block->used <= BLOCK ? at : NULL;
}

static void give(void *data, void *at)
{
    (void)data;
    (void)at;
}

static void unpack(const struct bodies *b)
{
    static struct block block;
    ProtobufCAllocator allocator = {.alloc = take, .free = give, .allocator_data = &block};
    for (unsigned i = 0; i < MESSAGES; i++) {
        block.used = 0;
        if (!desk__envelope__unpack(&allocator, b->start[i + 1] - b->start[i], b->at + b->start[i]))
            bench_fail("protobuf-c did not unpack its own message");
    }
}

static const struct wd_proto_message *read_layout(const char *file, struct wd_arena *arena)
{
    struct wd_err err = {0};
    struct wd_proto_layouts layouts;
    struct wd_bytes bytes;
    if (wd_file_read(file, 1 << 20, arena, &bytes, &err) < 0)
        bench_fail(err.text);
    Google__Protobuf__FileDescriptorSet *set =
        google__protobuf__file_descriptor_set__unpack(NULL, bytes.len, bytes.at);
    if (!set || wd_proto_layouts(set, file, arena, &layouts, &err) < 0)
        bench_fail("no descriptor set");
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
    return wd_proto_layouts_find(&layouts, wd_bytes_of("desk.Envelope"));
}

/* The best of some rounds, in MB/s; the three take turns. */
static void measure(const struct bodies *b, const struct wd_proto_message *message, double best[3])
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int who = 0; who < 3; who++) {
            double start = cpu_seconds();
            if (who == 2)
                unpack(b);
            else
                walk(b, who ? NULL : message);
            double rate = b->start[MESSAGES] / (cpu_seconds() - start) / 1e6;
            best[who] = rate > best[who] ? rate : best[who];
        }
    }
}

int main(int argc, char **argv)
{
    struct wd_arena *arena = wd_arena_open();
    double best[3] = {0};
    if (argc != 2)
        bench_fail("usage: protobuf SET");
    struct bodies b = make_bodies();
    measure(&b, read_layout(argv[1], arena), best);
    printf("%.0f %.0f %.0f\n", best[0], best[1], best[2]);
    wd_free(b.at);
    wd_arena_close(arena);
    return 0;
}
