#include "replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "packet/capture.h"
#include "packet/dissect.h"
#include "stream/tcp.h"

static int on_segment(void *ctx, const struct wd_segment *segment)
{
    struct wd_tcp **tcp = ctx;
    return wd_tcp_feed(*tcp, segment);
}

static int on_packet(void *ctx, const struct wd_packet *packet)
{
    struct wd_dissect **dissect = ctx;
    return wd_dissect_feed(*dissect, packet);
}

void replay(const char *name, const struct wd_limits *limits, struct wd_ledger *ledger,
            int (*on_chunk)(void *ctx, const struct wd_chunk *chunk), void *ctx)
{
    struct wd_err err = { 0 };
    char path[512];
    struct wd_tcp *tcp = wd_tcp_open(limits, ledger, on_chunk, ctx);
    struct wd_dissect *dissect = wd_dissect_open(limits, ledger, on_segment, &tcp);
    struct wd_capture *capture = wd_capture_open(name, limits, ledger, on_packet, &dissect);
    snprintf(path, sizeof path, "%s/testdata/%s", getenv("srcdir") ? getenv("srcdir") : ".", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static uint8_t buffer[1 << 16];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        assert_int_equal(wd_capture_feed(capture, wd_bytes_at(buffer, n), &err), 0);
    fclose(file);
    assert_int_equal(wd_capture_finish(capture, &err), 0);
    wd_capture_free(capture);
    wd_dissect_close(dissect);
    assert_int_equal(wd_tcp_finish(tcp), 0);
    wd_tcp_free(tcp);
}
