/* A capture file, and the packets in it. Whatever it holds: fed in pieces it gives the same packets and the
 * same fault as at once, and each captured byte is in one layer or was handed on as payload.
 *
 * The first byte is the size of the pieces; the second, when not 0, a link type: a pcap header is then put
 * in front, so that the rest is records. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "packet/capture.h"
#include "packet/dissect.h"

struct run {
    struct wd_ledger ledger;
    struct wd_dissect *dissect;
    uint64_t packets, digest, payload_bytes;
    uint64_t secrets, secret_bytes;
    struct wd_err err;
    int rc;
    char fault[sizeof ((struct wd_err *)0)->text];
};

static void mix(struct run *run, const void *at, size_t len)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < len; i++)
        run->digest = (run->digest ^ byte[i]) * 0x100000001b3u;
}

static int take_segment(void *ctx, const struct wd_segment *segment)
{
    struct run *run = ctx;
    assert(segment->payload.len <= segment->wire_len);
    run->payload_bytes += segment->payload.len;
    mix(run, &segment->key, sizeof segment->key);
    mix(run, &segment->seq, sizeof segment->seq);
    mix(run, segment->payload.at, segment->payload.len);
    return WD_OK;
}

static int take_packet(void *ctx, const struct wd_packet *packet)
{
    struct run *run = ctx;
    assert(packet->number == ++run->packets);
    mix(run, &packet->ts_ns, sizeof packet->ts_ns);
    mix(run, &packet->offset, sizeof packet->offset);
    mix(run, packet->bytes.at, packet->bytes.len);
    assert(wd_dissect_feed(run->dissect, packet) == WD_OK);
    return WD_OK;
}

static void take_secrets(void *ctx, struct wd_bytes text)
{
    struct run *run = ctx;
    run->secrets++;
    run->secret_bytes += text.len;
    mix(run, text.at, text.len);
}

static void feed(struct run *run, struct wd_capture *c, struct wd_bytes bytes, size_t piece)
{
    while (bytes.len && run->rc >= 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        run->rc = wd_capture_feed(c, wd_bytes_at(bytes.at, n), &run->err);
        bytes.at += n;
        bytes.len -= n;
    }
}

static void play(struct run *run, struct wd_bytes file, size_t piece)
{
    struct wd_limits limits = wd_limits_default();
    limits.interfaces = 8;
    limits.packet = 4096;
    run->dissect = wd_dissect_open(&limits, &run->ledger, take_segment, run);
    struct wd_capture *c = wd_capture_open("f", &limits, &run->ledger, take_packet, run);
    wd_capture_on_secrets(c, take_secrets, run);
    feed(run, c, file, piece);
    if (run->rc >= 0)
        run->rc = wd_capture_finish(c, &run->err);
    if (wd_capture_fault(c))
        strcpy(run->fault, wd_capture_fault(c));
    assert(wd_capture_packets(c) == run->packets);
    wd_capture_free(c);
    wd_dissect_close(run->dissect);
    assert(run->ledger.packets == run->packets);
    assert(wd_ledger_sum(&run->ledger) + run->payload_bytes == run->ledger.captured_bytes);
    assert((run->rc == WD_OK) == (run->err.code == 0));
}

/* A search for secrets alone sees those that reading meets, hopping over what it may; damage in packets does not stop it. */
static void search(const struct run *whole, struct wd_bytes file)
{
    static struct run found;
    memset(&found, 0, sizeof found);
    struct wd_limits limits = wd_limits_default();
    limits.interfaces = 8;
    struct wd_capture *c = wd_capture_open("f", &limits, &found.ledger, NULL, NULL);
    wd_capture_only_secrets(c);
    wd_capture_on_secrets(c, take_secrets, &found);
    for (struct wd_bytes left = file; left.len;) {
        size_t n = left.len < 100 ? left.len : 100;
        if (wd_capture_feed(c, wd_bytes_at(left.at, n), &found.err) < 0)
            break;
        n += wd_capture_skips(c, left.len - n);
        left = wd_bytes_at(left.at + n, left.len - n);
    }
    wd_capture_free(c);
    assert(found.secrets >= whole->secrets && found.secret_bytes >= whole->secret_bytes && found.packets == 0);
    assert(whole->fault[0] || whole->rc < 0 || (found.secrets == whole->secrets && found.secret_bytes == whole->secret_bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run whole, split;
    struct wd_buf file = { 0 };
    if (size < 2)
        return 0;
    if (data[1]) {
        uint8_t header[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [20] = data[1] };
        wd_buf_put(&file, wd_bytes_at(header, sizeof header));
    }
    wd_buf_put(&file, wd_bytes_at(data + 2, size - 2));
    memset(&whole, 0, sizeof whole);
    memset(&split, 0, sizeof split);
    play(&whole, wd_buf_bytes(&file), SIZE_MAX);
    play(&split, wd_buf_bytes(&file), 1u + data[0]);
    search(&whole, wd_buf_bytes(&file));
    wd_buf_free(&file);
    assert(whole.rc == split.rc && whole.digest == split.digest && whole.packets == split.packets);
    assert(strcmp(whole.fault, split.fault) == 0 && strcmp(whole.err.text, split.err.text) == 0);
    assert(memcmp(&whole.ledger, &split.ledger, sizeof whole.ledger) == 0);
    return 0;
}
