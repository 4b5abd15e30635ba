/* What the pipeline makes of files: compressed captures are the captures, windows leave out and say so, rotated files come in
 * the order of their packets, HARs, lines and captures stand side by side. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "pipeline/gather.h"
#include "pipeline/measure.h"
#include "usage/config.h"

static struct wd_config config;
static struct wd_arena *arena;
static char work[] = "/tmp/wirediet-intake-XXXXXX";

static const char *testdata(const char *name)
{
    const char *srcdir = getenv("srcdir");
    return (const char *)wd_arena_printf(arena, "%s/testdata/%s", srcdir ? srcdir : ".", name).at;
}

static const char *in_work(const char *name)
{
    return (const char *)wd_arena_printf(arena, "%s/%s", work, name).at;
}

static struct wd_bytes read_file(const char *name)
{
    struct wd_bytes bytes;
    struct wd_err err = { 0 };
    if (wd_file_read(name, UINT64_MAX, arena, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

static void write_file(const char *name, struct wd_bytes bytes)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static struct wd_bytes gzip(struct wd_bytes bytes)
{
    z_stream z = { 0 };
    uint8_t *out = wd_arena_alloc(arena, bytes.len + 1000);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)bytes.at;
    z.avail_in = (uInt)bytes.len;
    z.next_out = out;
    z.avail_out = (uInt)(bytes.len + 1000);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return wd_bytes_at(out, z.total_out);
}

static struct wd_profile *measure_bytes(struct wd_bytes bytes, size_t piece)
{
    struct wd_profile *p = NULL;
    struct wd_err err = { 0 };
    struct wd_buf why = { 0 };
    if (wd_measure_bytes(&config, NULL, bytes, piece, &p, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(wd_profile_balances(p, &why));
    wd_buf_free(&why);
    return p;
}

static void assert_same(const struct wd_profile *a, const struct wd_profile *b)
{
    assert_memory_equal(&a->ledger, &b->ledger, sizeof a->ledger);
    assert_int_equal(a->messages, b->messages);
    assert_int_equal(a->type_count, b->type_count);
    for (size_t t = 0; t < a->type_count; t++) {
        assert_true(wd_bytes_eq(a->types[t].name, b->types[t].name));
        assert_int_equal(a->types[t].payload_bytes, b->types[t].payload_bytes);
        assert_int_equal(a->types[t].row_count, b->types[t].row_count);
        for (size_t r = 0; r < a->types[t].row_count; r++) {
            assert_int_equal(a->types[t].rows[r].compared, b->types[t].rows[r].compared);
            assert_int_equal(a->types[t].rows[r].changed, b->types[t].rows[r].changed);
            assert_int_equal(wd_row_bytes(&a->types[t].rows[r]), wd_row_bytes(&b->types[t].rows[r]));
        }
    }
}

static const char *const inputs[] = { "captures/chat-deflate.pcapng", "captures/ticker-sse-gzip.pcapng",
                                      "captures/home-panel.har" };

static void test_compressed(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 5000, 0 };
    for (size_t i = 0; i < WD_COUNT(inputs); i++) {
        struct wd_bytes plain = read_file(testdata(inputs[i])), packed = gzip(plain);
        struct wd_profile *want = measure_bytes(plain, 0);
        for (size_t k = 0; k < WD_COUNT(pieces); k++) {
            struct wd_profile *got = measure_bytes(packed, pieces[k]);
            assert_same(got, want);
            assert_int_equal(got->inputs[0].bytes, packed.len);
            wd_profile_free(got);
        }
        struct wd_profile *split = measure_bytes(plain, 777);
        assert_same(split, want);
        wd_profile_free(split);
        wd_profile_free(want);
    }
}

struct run { struct wd_profile *profile; struct wd_buf diagnostics; struct wd_err err; int rc; };

static struct run run_with(struct wd_selection selection, size_t count, const char *const *names)
{
    struct run run = { 0 };
    struct wd_names list;
    run.rc = wd_gather(names, count, &config.limits, arena, &list, &run.diagnostics, &run.err);
    if (run.rc < 0)
        return run;
    struct wd_measure m = {
        .captures = list.at, .capture_count = list.count, .config = &config, .selection = selection
    };
    run.rc = wd_measure_any(&m, &run.profile, &run.diagnostics, &run.err);
    struct wd_buf why = { 0 };
    if (run.rc >= 0 && !wd_profile_balances(run.profile, &why))
        fail_msg("%s", wd_buf_cstr(&why));
    wd_buf_free(&why);
    return run;
}

static void end(struct run *run)
{
    wd_profile_free(run->profile);
    wd_buf_free(&run->diagnostics);
}

#define RUN(selection, ...)                                                                                  \
    run_with(selection, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                            \
             (const char *[]){ __VA_ARGS__ })

static const struct wd_selection everything;

static void test_window(void **state)
{
    (void)state;
    struct wd_selection s = { 0 };
    const char *name = testdata("captures/dashboard-naive.pcapng");
    struct run whole = RUN(everything, name);
    assert_int_equal(wd_bound_read("--from", "+1", &s.window.from, NULL), WD_OK);
    assert_int_equal(wd_bound_read("--to", "+2", &s.window.to, NULL), WD_OK);
    struct run part = RUN(s, name);
    const struct wd_input *in = &part.profile->inputs[0];
    assert_int_equal(in->packets + in->left_out, whole.profile->inputs[0].packets);
    assert_true(in->packets > 100 && in->left_out > 1000);
    assert_true(in->first_ns >= whole.profile->inputs[0].first_ns + 1000000000);
    assert_true(in->last_ns < whole.profile->inputs[0].first_ns + 2000000000);
    assert_int_equal(part.diagnostics.len, 0);
    end(&part);

    s.filter = "tcp port 1";
    part = RUN(s, name);
    assert_int_equal(part.profile->ledger.captured_bytes, 0);
    assert_non_null(strstr(wd_buf_cstr(&part.diagnostics), "nothing is left: --from and --to left out "));
    assert_non_null(strstr(wd_buf_cstr(&part.diagnostics), ", --filter 'tcp port 1' left out "));
    end(&part);
    end(&whole);

    part = RUN(s, testdata("captures/home-panel.har"));
    assert_int_equal(part.rc, WD_EUSAGE);
    assert_non_null(strstr(part.err.text, "--filter looks at packets"));
    end(&part);
}

/* A capture in three files: whatever their names and their order, they are one. */
static void test_rotated(void **state)
{
    (void)state;
    struct wd_bytes bytes = read_file(testdata("captures/chat-deflate.pcapng"));
    size_t cuts[4] = { 0 }, blocks = 0, head = 0, off = 0, n = 0;
    for (uint32_t len; bytes.len - off >= 12; off += len, blocks++) {
        memcpy(&len, bytes.at + off + 4, 4);
        uint32_t type;
        memcpy(&type, bytes.at + off, 4);
        if (type == 6 && !head)
            head = off;
        if (head && n < 3 && off >= head + n * (bytes.len - head) / 3)
            cuts[n++] = off;
    }
    cuts[3] = off;
    static const char *const names[] = { "c.pcapng", "a.pcapng", "b.pcapng.gz" };
    mkdir(in_work("ring"), 0700);
    for (size_t i = 0; i < 3; i++) {
        struct wd_buf part = { 0 };
        wd_buf_put(&part, wd_bytes_at(bytes.at, head));
        wd_buf_put(&part, wd_bytes_at(bytes.at + cuts[i], cuts[i + 1] - cuts[i]));
        const char *name = in_work((const char *)wd_arena_printf(arena, "ring/%s", names[i]).at);
        write_file(name, i == 2 ? gzip(wd_buf_bytes(&part)) : wd_buf_bytes(&part));
        wd_buf_free(&part);
    }
    struct run whole = RUN(everything, testdata("captures/chat-deflate.pcapng"));
    struct run given =
        RUN(everything, in_work("ring/a.pcapng"), in_work("ring/b.pcapng.gz"), in_work("ring/c.pcapng"));
    assert_same(given.profile, whole.profile);
    assert_true(wd_bytes_is(given.profile->inputs[0].name, "c.pcapng"));
    assert_int_equal(given.diagnostics.len, 0);
    write_file(in_work("ring/README"), wd_bytes_of("no capture"));
    write_file(in_work("ring/.hidden"), wd_bytes_of("no capture"));
    mkdir(in_work("ring/below"), 0700);
    struct run ring = RUN(everything, in_work("ring"));
    assert_same(ring.profile, whole.profile);
    assert_non_null(
        strstr(wd_buf_cstr(&ring.diagnostics), "ring: skipped 1 file that is no capture (README)\n"));
    struct run empty = RUN(everything, in_work("ring/below"));
    assert_int_equal(empty.rc, WD_EPARSE);
    assert_non_null(strstr(empty.err.text, "holds no capture"));
    end(&empty);
    end(&ring);
    end(&given);
    end(&whole);
}

/* The HAR and the capture of one session, and what they say as one. */
static void test_mixed(void **state)
{
    (void)state;
    static const char line[] = "{\"time\":1,\"a\":2}\n{\"time\":2,\"a\":2}\n";
    write_file(in_work("x.jsonl"), wd_bytes_of(line));
    write_file(in_work("named-by-nothing"), wd_bytes_of(line));
    struct run both = RUN(everything, testdata("captures/home-panel.har"), in_work("x.jsonl"),
                          testdata("captures/home-panel.pcapng"), in_work("named-by-nothing"));
    const struct wd_profile *p = both.profile;
    assert_int_equal(p->messages, 331 * 2 + 4);
    assert_int_equal(p->input_count, 4);
    assert_int_equal(p->inputs[0].kind, WD_INPUT_CAPTURE);
    assert_int_equal(p->inputs[1].kind, WD_INPUT_HAR);
    assert_int_equal(p->inputs[2].kind, WD_INPUT_NDJSON);
    assert_int_equal(p->inputs[3].kind, WD_INPUT_NDJSON);
    assert_int_equal(p->inputs[1].messages, 331);
    assert_int_equal(p->connections, 3 + 3 + 1 + 1);
    for (size_t t = 0; t < p->type_count; t++)
        assert_false(p->types[t].has_wire_bits);
    end(&both);

    struct run capture = RUN(everything, testdata("captures/home-panel.pcapng"));
    for (size_t t = 0; t < capture.profile->type_count; t++)
        assert_true(capture.profile->types[t].has_wire_bits);
    end(&capture);
}

/* By itself and by its directory. */
static void test_named_twice(void **state)
{
    (void)state;
    mkdir(in_work("twice"), 0700);
    write_file(in_work("twice/x.jsonl"), wd_bytes_of("{\"time\":1,\"a\":2}\n{\"time\":2,\"a\":2}\n"));
    struct run run = RUN(everything, in_work("twice/x.jsonl"), in_work("twice"), in_work("twice/../twice/x.jsonl"));
    assert_int_equal(run.rc, WD_OK);
    assert_int_equal(run.profile->messages, 2);
    assert_int_equal(run.profile->input_count, 1);
    assert_non_null(strstr(wd_buf_cstr(&run.diagnostics), "twice/x.jsonl: named more than once; read once\n"));
    end(&run);
}

static void test_cut(void **state)
{
    (void)state;
    struct wd_bytes packed = gzip(read_file(testdata("captures/dashboard-naive.pcapng")));
    write_file(in_work("cut.gz"), wd_bytes_at(packed.at, packed.len / 2));
    struct run run = RUN(everything, in_work("cut.gz"));
    assert_int_equal(run.rc, WD_OK);
    assert_int_equal(run.profile->ledger.damaged, 1);
    assert_true(run.profile->messages > 100);
    const char *said = wd_buf_cstr(&run.diagnostics);
    assert_non_null(strstr(said, "the gzip data is cut short after "));
    assert_ptr_equal(strchr(said, '\n') + 1, said + strlen(said));   /* one line */
    end(&run);
    write_file(in_work("cut.gz"), wd_bytes_at(packed.at, 30));
    run = RUN(everything, in_work("cut.gz"));
    assert_int_equal(run.rc, WD_EPARSE);
    assert_non_null(strstr(run.err.text, "cut.gz:30: the gzip data is cut short after 0 unpacked bytes; "));
    end(&run);
    write_file(in_work("twice.gz"), gzip(packed));
    run = RUN(everything, in_work("twice.gz"));
    assert_int_equal(run.rc, WD_EPARSE);
    assert_non_null(strstr(run.err.text, "found gzip); unpack it first"));
    end(&run);
}

int main(void)
{
    arena = wd_arena_open();
    config = wd_config_default();
    if (!mkdtemp(work))
        return 99;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compressed), cmocka_unit_test(test_window), cmocka_unit_test(test_rotated),
        cmocka_unit_test(test_mixed), cmocka_unit_test(test_named_twice),      cmocka_unit_test(test_cut),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    if (system((const char *)wd_arena_printf(arena, "rm -rf %s", work).at) != 0)
        rc = 99;
    wd_arena_close(arena);
    return rc;
}
