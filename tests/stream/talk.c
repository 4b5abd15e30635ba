#include "talk.h"

#include <assert.h>

static uint64_t next_random(struct wd_talk *talk)
{
    uint64_t x = talk->random += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint32_t wd_talk_draw(struct wd_talk *talk, uint32_t below)
{
    return (uint32_t)(next_random(talk) >> 32) % below;
}

static void say(struct wd_talk *talk, struct wd_talk_packet packet)
{
    if (talk->count < TALK_PACKETS)
        talk->packets[talk->count++] = packet;
}

static void shake_hands(struct wd_talk *talk)
{
    say(talk, (struct wd_talk_packet){ .side = 0, .flags = WD_TCP_SYN, .heard = UINT32_MAX });
    say(talk, (struct wd_talk_packet){ .side = 1, .flags = WD_TCP_SYN | WD_TCP_ACK });
    say(talk, (struct wd_talk_packet){ .side = 0, .flags = WD_TCP_ACK });
}

/* One side says something in several segments, the other acknowledges now and then, and in the end. */
static void speak(struct wd_talk *talk, int side, uint32_t sent[2])
{
    uint32_t total = 1 + wd_talk_draw(talk, wd_talk_draw(talk, 4) ? 600 : 6000);
    uint32_t most = 1 + wd_talk_draw(talk, 1460);
    if (total > TALK_BYTES - sent[side])
        total = TALK_BYTES - sent[side];
    while (total && talk->count < TALK_PACKETS - 64) {
        uint32_t len = 1 + wd_talk_draw(talk, total < most ? total : most);
        say(talk, (struct wd_talk_packet){ .side = side, .flags = WD_TCP_ACK, .off = sent[side], .len = len,
                                           .heard = sent[1 - side] });
        sent[side] += len;
        total -= len;
        if (total == 0 || wd_talk_draw(talk, 3) == 0)
            say(talk, (struct wd_talk_packet){ .side = 1 - side, .flags = WD_TCP_ACK, .off = sent[1 - side],
                                               .heard = sent[side] });
        if (wd_talk_draw(talk, 50) == 0 && sent[side])
            say(talk, (struct wd_talk_packet){.side = side,
                                              .flags = WD_TCP_ACK,
                                              .off = sent[side] - 1,
                                              .len = 1,
                                              .heard = sent[1 - side],
                                              .is_probe = true});
    }
}

static void part(struct wd_talk *talk, int side, const uint32_t sent[2])
{
    say(talk, (struct wd_talk_packet){ .side = side, .flags = WD_TCP_FIN | WD_TCP_ACK, .off = sent[side],
                                       .heard = sent[1 - side] });
    say(talk, (struct wd_talk_packet){.side = 1 - side,
                                      .flags = WD_TCP_FIN | WD_TCP_ACK,
                                      .off = sent[1 - side],
                                      .heard = sent[side],
                                      .heard_fin = true});
    say(talk, (struct wd_talk_packet){ .side = side, .flags = WD_TCP_ACK, .off = sent[side] + 1,
                                       .heard = sent[1 - side], .heard_fin = true });
}

void wd_talk_make(struct wd_talk *talk, uint64_t seed)
{
    uint32_t sent[2] = { 0, 0 };
    talk->random = seed;
    talk->count = 0;
    for (int side = 0; side < 2; side++) {
        talk->isn[side] = wd_talk_draw(talk, 2) ? (uint32_t)next_random(talk) : -wd_talk_draw(talk, 3000);
        for (uint32_t i = 0; i < TALK_BYTES; i++)
            talk->stream[side][i] = (uint8_t)next_random(talk);
    }
    shake_hands(talk);
    uint32_t turns = 1 + wd_talk_draw(talk, 30);
    int side = wd_talk_draw(talk, 5) == 0;
    for (uint32_t i = 0; i < turns; i++, side = wd_talk_draw(talk, 4) ? 1 - side : side)
        speak(talk, side, sent);
    part(talk, (int)wd_talk_draw(talk, 2), sent);
    talk->len[0] = sent[0];
    talk->len[1] = sent[1];
}

static void insert(struct wd_talk *talk, size_t at, struct wd_talk_packet packet)
{
    if (talk->count == TALK_PACKETS)
        return;
    if (at > talk->count)
        at = talk->count;
    memmove(talk->packets + at + 1, talk->packets + at, (talk->count - at) * sizeof packet);
    talk->packets[at] = packet;
    talk->count++;
}

static void drop_at(struct wd_talk *talk, size_t at)
{
    talk->count--;
    memmove(talk->packets + at, talk->packets + at + 1, (talk->count - at) * sizeof *talk->packets);
}

void wd_talk_duplicate(struct wd_talk *talk, unsigned per_mille)
{
    for (size_t i = 0; i < talk->count; i++)
        if (wd_talk_draw(talk, 1000) < per_mille)
            insert(talk, i + 1 + wd_talk_draw(talk, 10), talk->packets[i]);
}

/* Some part of what its side sent so far, cut anew. It acknowledges what that side knows by now. */
void wd_talk_retransmit(struct wd_talk *talk, unsigned per_mille)
{
    for (size_t i = 3; i < talk->count; i++) {
        struct wd_talk_packet p = talk->packets[i];
        if (!p.off || p.flags & WD_TCP_FIN || p.is_probe || wd_talk_draw(talk, 1000) >= per_mille)
            continue;
        uint32_t end = p.off + p.len > talk->len[p.side] ? talk->len[p.side] : p.off + p.len;
        if (end == 0)
            continue;
        uint32_t len = 1 + wd_talk_draw(talk, end < 1460 ? end : 1460);
        p.off = end - len - (wd_talk_draw(talk, 2) ? 0 : wd_talk_draw(talk, end - len + 1));
        p.len = len;
        insert(talk, ++i, p);
    }
}

void wd_talk_reorder(struct wd_talk *talk, unsigned per_mille, unsigned distance)
{
    for (size_t i = 0; i < talk->count; i++) {
        struct wd_talk_packet p = talk->packets[i];
        if (p.is_moved || wd_talk_draw(talk, 1000) >= per_mille)
            continue;
        p.is_moved = true;
        drop_at(talk, i);
        insert(talk, i + 1 + wd_talk_draw(talk, distance), p);
    }
}

void wd_talk_drop(struct wd_talk *talk, unsigned per_mille)
{
    for (size_t i = 0; i < talk->count;)
        if (wd_talk_draw(talk, 1000) < per_mille)
            drop_at(talk, i);
        else
            i++;
}

struct wd_segment wd_talk_segment(const struct wd_talk *talk, size_t i)
{
    const struct wd_talk_packet *p = &talk->packets[i];
    int side = p->side, peer = 1 - side;
    assert(p->off + p->len <= TALK_BYTES + 1);
    struct wd_segment s = { .flags = p->flags, .window = 65535, .wire_len = p->len, .packet = i + 1,
                            .ts_ns = 1000000000 + (int64_t)i * 1000000 };
    s.key.ip_version = 4;
    s.key.addr[side][0] = s.key.addr[peer][0] = 10;
    s.key.addr[0][3] = (uint8_t)(side + 1);
    s.key.addr[1][3] = (uint8_t)(peer + 1);
    s.key.port[0] = side == 0 ? 40000 : 80;
    s.key.port[1] = side == 0 ? 80 : 40000;
    s.seq = talk->isn[side] + p->off + !(p->flags & WD_TCP_SYN);
    if (p->heard != UINT32_MAX)
        s.ack = talk->isn[peer] + 1 + p->heard + p->heard_fin;
    s.payload = wd_bytes_at(talk->stream[side] + (p->len ? p->off : 0), p->len - p->cut);
    return s;
}
