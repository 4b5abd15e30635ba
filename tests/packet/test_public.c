/* Captures made by others: packets, segments and payload bytes as counted once with tshark 4.0, and again
 * where it is installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "packet/capture.h"
#include "packet/dissect.h"

static const struct sample { const char *name; unsigned packets, segments, payload_bytes; } samples[] = {
    { "arkime-http2-nghttp2.pcap", 101, 101, 64897 },
    { "arkime-mqtt_big.pcap", 51, 51, 38373 },
    { "arkime-mqtt_synthetic.pcap", 63, 63, 8868 },
    { "arkime-tcp-reassembly-synthetic.pcap", 106, 106, 757 },
    { "arkime-websocket.pcap", 19, 19, 886 },
    { "zeek-broker-websocket.pcap", 22, 22, 3259 },
    { "zeek-mqtt.pcap", 19, 19, 231 },
    { "zeek-pubsub.pcap", 60, 60, 458 },
    { "zeek-two-binary-fragments.pcap", 18, 18, 510 },
    { "zeek-vxlan-encapsulated-http.pcap", 12, 12, 9299 },
};

struct count { unsigned packets, segments, payload_bytes; };

static char *path_of(const struct sample *sample)
{
    static char path[4096];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/testdata/public/%s", srcdir ? srcdir : ".", sample->name);
    return path;
}

static int count_segment(void *ctx, const struct wd_segment *segment)
{
    struct count *count = ctx;
    count->segments++;
    count->payload_bytes += (unsigned)segment->payload.len;
    return WD_OK;
}

static int dissect(void *ctx, const struct wd_packet *packet)
{
    return wd_dissect_feed(ctx, packet);
}

static struct count read_capture(const char *path)
{
    struct count count = { 0, 0, 0 };
    struct wd_ledger ledger = { 0 };
    struct wd_limits limits = wd_limits_default();
    struct wd_err err = { 0 };
    struct wd_dissect *d = wd_dissect_open(&limits, &ledger, count_segment, &count);
    struct wd_capture *c = wd_capture_open(path, &limits, &ledger, dissect, d);
    uint8_t piece[1000];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        assert_int_equal(wd_capture_feed(c, wd_bytes_at(piece, n), &err), WD_OK);
    fclose(file);
    assert_int_equal(wd_capture_finish(c, &err), WD_OK);
    assert_null(wd_capture_fault(c));
    count.packets = (unsigned)wd_capture_packets(c);
    wd_capture_free(c);
    wd_dissect_close(d);
    assert_int_equal(ledger.captured_bytes, wd_ledger_sum(&ledger) + count.payload_bytes);
    assert_int_equal(ledger.packets, count.packets);
    assert_int_equal(ledger.damaged, 0);
    return count;
}

static void as_counted_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(samples); i++) {
        struct count count = read_capture(path_of(&samples[i]));
        assert_int_equal(count.packets, samples[i].packets);
        assert_int_equal(count.segments, samples[i].segments);
        assert_int_equal(count.payload_bytes, samples[i].payload_bytes);
    }
}

/* One line per packet, with tcp.len or nothing. */
static bool ask_tshark(const char *path, struct count *out)
{
    char command[4352], line[256];
    snprintf(command, sizeof command,
             "tshark -r '%s' -T fields -E occurrence=f -e frame.protocols -e tcp.len 2>/dev/null", path);
    FILE *pipe = popen(command, "r");
    *out = (struct count){ 0, 0, 0 };
    while (pipe && fgets(line, sizeof line, pipe)) {
        const char *len = strchr(line, '\t');
        out->packets++;
        if (!len || len[1] == '\n')
            continue;
        out->segments++;
        out->payload_bytes += (unsigned)strtoul(len + 1, NULL, 10);
    }
    return pipe && pclose(pipe) == 0;
}

static void as_tshark_counts(void **state)
{
    (void)state;
    if (system("tshark -v >/dev/null 2>&1") != 0)
        skip();
    for (size_t i = 0; i < WD_COUNT(samples); i++) {
        struct count ours = read_capture(path_of(&samples[i])), theirs;
        assert_true(ask_tshark(path_of(&samples[i]), &theirs));
        assert_int_equal(ours.packets, theirs.packets);
        assert_int_equal(ours.segments, theirs.segments);
        assert_int_equal(ours.payload_bytes, theirs.payload_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_counted_once),
        cmocka_unit_test(as_tshark_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
