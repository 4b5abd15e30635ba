/* Whatever a capture does to a conversation, the bytes come out in order, each once, cause before effect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "talk.h"
#include "stream/tcp.h"

enum { SEEDS = 3000 };

struct listener {
    struct wd_talk *talk;
    uint64_t seed;
    int opens, closes, ends[2];
    bool is_midway;
    uint64_t data_bytes, gap_bytes;
    uint32_t off[2];            /* of the stream; UINT32_MAX: not known yet */
    uint32_t heard[2][TALK_BYTES + 1];  /* what a side had heard of the other when it first sent this byte */
    bool is_causal;
};

#define CHECK(l, cond)                                                                                       \
    do {                                                                                                     \
        if (!(cond))                                                                                         \
            fail_msg("seed %llu: %s", (unsigned long long)(l)->seed, #cond);                                 \
    } while (0)

/* The side of the talk: in the connection, 0 is who was captured first. */
static int side_of(const struct wd_chunk *chunk)
{
    return chunk->connection->key.port[chunk->side] == 80;
}

static void hear(struct listener *l, const struct wd_chunk *chunk, int side)
{
    struct wd_talk *talk = l->talk;
    uint32_t len = (uint32_t)chunk->bytes.len;
    CHECK(l, len > 0);
    l->data_bytes += len;
    if (l->off[side] == UINT32_MAX) {
        const struct wd_talk_packet *p = &talk->packets[chunk->packet - 1];
        CHECK(l, memcmp(talk->stream[side] + p->off, chunk->bytes.at, len < p->len ? len : p->len) == 0);
        l->off[side] = p->off;
    }
    CHECK(l, l->off[side] + len <= talk->len[side]);
    CHECK(l, memcmp(talk->stream[side] + l->off[side], chunk->bytes.at, len) == 0);
    if (l->is_causal)
        CHECK(l, l->heard[side][l->off[side]] <= l->off[1 - side] + 1);
    l->off[side] += len;
}

static int listen(void *ctx, const struct wd_chunk *chunk)
{
    struct listener *l = ctx;
    int side = side_of(chunk);
    CHECK(l, (l->opens == 1 && l->closes == 0) || chunk->kind == WD_CHUNK_OPEN);
    switch (chunk->kind) {
    case WD_CHUNK_OPEN:
        l->opens++;
        l->is_midway = chunk->connection->is_midway;
        CHECK(l, chunk->connection->key.port[chunk->connection->client] == 40000);
        CHECK(l, l->is_midway == (chunk->connection->client_by != WD_CLIENT_BY_SYN));
        if (l->is_midway)
            l->off[0] = l->off[1] = UINT32_MAX;
        break;
    case WD_CHUNK_DATA:
        CHECK(l, !l->ends[side]);
        hear(l, chunk, side);
        break;
    case WD_CHUNK_GAP:
        CHECK(l, !l->ends[side] && chunk->missing > 0);
        l->gap_bytes += chunk->missing;
        if (l->off[side] != UINT32_MAX)
            l->off[side] += (uint32_t)chunk->missing;
        break;
    case WD_CHUNK_END:
        l->ends[side]++;
        break;
    case WD_CHUNK_CLOSE:
        l->closes++;
        break;
    case WD_CHUNK_SEALED:
        CHECK(l, false);   /* TLS says that */
        break;
    }
    return WD_OK;
}

static void note_causes(struct listener *l)
{
    for (size_t i = l->talk->count; i-- > 0;) {
        const struct wd_talk_packet *p = &l->talk->packets[i];
        for (uint32_t k = 0; k < p->len && !p->is_probe; k++)
            l->heard[p->side][p->off + k] = p->heard;
    }
}

static uint64_t play(struct listener *l, struct wd_ledger *ledger)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_tcp *tcp = wd_tcp_open(&limits, ledger, listen, l);
    uint64_t fed = 0;
    for (size_t i = 0; i < l->talk->count; i++) {
        struct wd_segment segment = wd_talk_segment(l->talk, i);
        uint8_t *copy = malloc(segment.payload.len + 1);  /* so that a view that is kept is found out */
        memcpy(copy, segment.payload.at, segment.payload.len);
        segment.payload.at = copy;
        fed += segment.payload.len;
        assert_int_equal(wd_tcp_feed(tcp, &segment), WD_OK);
        memset(copy, 0xdd, segment.payload.len);
        free(copy);
    }
    assert_int_equal(wd_tcp_finish(tcp), WD_OK);
    CHECK(l, wd_tcp_connections(tcp) == 1);
    wd_tcp_free(tcp);
    return fed;
}

static void check_whole(struct listener *l, const struct wd_ledger *ledger, uint64_t fed)
{
    CHECK(l, l->opens == 1 && l->closes == 1 && l->ends[0] == 1 && l->ends[1] == 1);
    CHECK(l, !l->is_midway);
    CHECK(l, l->off[0] == l->talk->len[0] && l->off[1] == l->talk->len[1]);
    CHECK(l, l->gap_bytes == 0 && ledger->missing_bytes == 0);
    CHECK(l, ledger->layer[WD_LAYER_UNDECODED] == 0 && ledger->ambiguous_bytes == 0);
    CHECK(l, l->data_bytes + ledger->layer[WD_LAYER_RETRANSMITTED] == fed);
}

static void play_whole(uint64_t seed, void disturb(struct wd_talk *talk), bool is_causal)
{
    static struct wd_talk talk;
    static struct listener l;
    struct wd_ledger ledger = { 0 };
    memset(&l, 0, sizeof l);
    l.talk = &talk;
    l.seed = seed;
    l.is_causal = is_causal;
    wd_talk_make(&talk, seed);
    note_causes(&l);
    disturb(&talk);
    check_whole(&l, &ledger, play(&l, &ledger));
}

static void nothing(struct wd_talk *talk) { (void)talk; }

static void everything(struct wd_talk *talk)
{
    wd_talk_retransmit(talk, wd_talk_draw(talk, 300));
    wd_talk_duplicate(talk, wd_talk_draw(talk, 100));
    wd_talk_reorder(talk, wd_talk_draw(talk, 60), 10);
}

/* Retransmissions acknowledge more than the originals did, so that cause and effect cannot always be told;
 * without them they can. */
static void no_retransmission(struct wd_talk *talk)
{
    wd_talk_duplicate(talk, wd_talk_draw(talk, 100));
    wd_talk_reorder(talk, wd_talk_draw(talk, 60), 10);
}

static void in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++)
        play_whole(seed, nothing, true);
}

static void disturbed(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play_whole(seed, everything, false);
}

static void cause_before_effect(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play_whole(seed, no_retransmission, true);
}

/* With losses, what comes out is where it belongs, and nothing that was captured is lost. */
static void lossy(void **state)
{
    (void)state;
    static struct wd_talk talk;
    static struct listener l;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct wd_ledger ledger = { 0 };
        memset(&l, 0, sizeof l);
        l.talk = &talk;
        l.seed = seed;
        wd_talk_make(&talk, seed);
        wd_talk_drop(&talk, 10);
        wd_talk_duplicate(&talk, 10);
        wd_talk_reorder(&talk, 10, 10);
        uint64_t fed = play(&l, &ledger);
        CHECK(&l, l.opens == 1 && l.closes == 1);
        CHECK(&l, l.data_bytes + ledger.layer[WD_LAYER_RETRANSMITTED] == fed);
        CHECK(&l, l.gap_bytes == ledger.missing_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(disturbed),
        cmocka_unit_test(cause_before_effect),
        cmocka_unit_test(lossy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
