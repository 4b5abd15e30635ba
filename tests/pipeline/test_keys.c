/* Where the secrets of TLS stand: in a key log, in the capture before or behind the packets, in another capture; and what is
 * said of those that were of no use. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "pipeline/measure.h"
#include "usage/config.h"

enum { SECRETS = 10 };
enum { MESSAGES = 312 };

static struct wd_config config;
static struct wd_arena *arena;
static char work[64];

static const char *in_testdata(const char *name)
{
    const char *srcdir = getenv("srcdir");
    return (const char *)wd_arena_printf(arena, "%s/testdata/captures/%s", srcdir ? srcdir : ".", name).at;
}

static struct wd_bytes content_of(const char *name)
{
    struct wd_bytes bytes = { 0 };
    struct wd_err err = { 0 };
    if (wd_file_read(name, UINT64_MAX, arena, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

static const char *write_file(const char *name, struct wd_bytes bytes)
{
    const char *path = (const char *)wd_arena_printf(arena, "%s/%s", work, name).at;
    struct wd_err err = { 0 };
    assert_int_equal(wd_file_write(path, bytes, 0600, &err), WD_OK);
    return path;
}

static const char *keylog(const char *name)
{
    return write_file(name, content_of(in_testdata(name)));
}

static uint32_t le32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The secrets blocks of a capture to its end; only they, behind its section header, when `alone`. */
static struct wd_bytes secrets_last(struct wd_bytes capture, bool alone)
{
    struct wd_buf front = { 0 }, back = { 0 };
    for (size_t off = 0, len; off < capture.len; off += len) {
        len = le32(capture.at + off + 4);
        bool is_secrets = le32(capture.at + off) == SECRETS;
        if (is_secrets || !alone || off == 0)
            wd_buf_put(is_secrets ? &back : &front, wd_bytes_at(capture.at + off, len));
    }
    assert_true(back.len > 0);
    wd_buf_put(&front, wd_buf_bytes(&back));
    struct wd_bytes kept = wd_arena_copy(arena, wd_buf_bytes(&front));
    wd_buf_free(&front);
    wd_buf_free(&back);
    return kept;
}

/* Messages of the captures; *said gets the diagnostics. */
static uint64_t messages(const char *const *captures, size_t count, const char *log, struct wd_buf *said)
{
    const struct wd_measure measure = {.captures = captures,
                                       .capture_count = count,
                                       .config = &config,
                                       .keylogs = &log,
                                       .keylog_count = log != NULL};
    struct wd_profile *p = NULL;
    struct wd_buf why = { 0 };
    struct wd_err err = { 0 };
    wd_buf_reset(said);
    if (wd_measure_run(&measure, &p, said, &err) != WD_OK)
        fail_msg("%s", err.text);
    if (!wd_profile_balances(p, &why))
        fail_msg("%s", wd_buf_cstr(&why));
    uint64_t n = p->messages;
    assert_int_equal(p->tls.connections, p->connections);
    assert_int_equal(p->tls.decrypted, n ? p->connections : 0);
    wd_profile_free(p);
    wd_buf_free(&why);
    return n;
}

static void expect(struct wd_buf *said, const char *part)
{
    if (part ? !strstr(wd_buf_cstr(said), part) : said->len > 0)
        fail_msg("expected '%s', was told '%s'", part ? part : "nothing", wd_buf_cstr(said));
}

static const char *const versions[] = { "12", "13" };

static void test_places(void **state)
{
    struct wd_buf said = { 0 };
    (void)state;
    for (size_t v = 0; v < WD_COUNT(versions); v++) {
        char plain[32], with[32], log[32];
        snprintf(plain, sizeof plain, "vitals-tls%s.pcapng", versions[v]);
        snprintf(with, sizeof with, "vitals-tls%s-dsb.pcapng", versions[v]);
        snprintf(log, sizeof log, "vitals-tls%s.keylog", versions[v]);
        const char *bare = in_testdata(plain), *inside = in_testdata(with);
        assert_int_equal(messages(&bare, 1, NULL, &said), 0);
        expect(&said, NULL);
        assert_int_equal(messages(&bare, 1, keylog(log), &said), MESSAGES);
        expect(&said, NULL);
        assert_int_equal(messages(&inside, 1, NULL, &said), MESSAGES);
        const char *behind = write_file("behind.pcapng", secrets_last(content_of(inside), false));
        assert_int_equal(messages(&behind, 1, NULL, &said), MESSAGES);
        expect(&said, NULL);
        const char *two[] = { bare, write_file("alone.pcapng", secrets_last(content_of(inside), true)) };
        assert_int_equal(messages(two, 2, NULL, &said), MESSAGES);
        expect(&said, NULL);
    }
    wd_buf_free(&said);
}

/* From memory too, in pieces of any size. */
static void test_memory(void **state)
{
    static const size_t pieces[] = { 0, 1000, 7 };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(pieces); i++) {
        struct wd_bytes bytes = secrets_last(content_of(in_testdata("vitals-tls13-dsb.pcapng")), false);
        struct wd_profile *p = NULL;
        struct wd_err err = { 0 };
        assert_int_equal(wd_measure_bytes(&config, NULL, bytes, pieces[i], &p, &err), WD_OK);
        assert_int_equal(p->messages, MESSAGES);
        wd_profile_free(p);
    }
}

/* A pipe cannot be searched: what comes behind the packets is late, and it is said. */
static void test_pipe(void **state)
{
    struct wd_buf said = { 0 };
    (void)state;
    for (int is_behind = 0; is_behind < 2; is_behind++) {
        struct wd_bytes bytes = content_of(in_testdata("vitals-tls13-dsb.pcapng"));
        int ends[2];
        if (is_behind)
            bytes = secrets_last(bytes, false);
        assert_int_equal(pipe(ends), 0);
        pid_t writer = fork();
        if (writer == 0) {
            close(ends[0]);
            while (bytes.len) {
                ssize_t n = write(ends[1], bytes.at, bytes.len);
                if (n < 0)
                    _exit(1);
                bytes = wd_bytes_at(bytes.at + n, bytes.len - (size_t)n);
            }
            _exit(0);
        }
        close(ends[1]);
        const char *name = (const char *)wd_arena_printf(arena, "/dev/fd/%d", ends[0]).at;
        assert_int_equal(messages(&name, 1, NULL, &said), is_behind ? 0 : MESSAGES);
        expect(&said, is_behind ? "the keys of 2 TLS sessions came after the packets" : NULL);
        close(ends[0]);
        waitpid(writer, NULL, 0);
    }
    wd_buf_free(&said);
}

static void test_no_use(void **state)
{
    static const struct { const char *text, *said; } logs[] = {
        { "", "holds no key" },
        { "RSA 0011223344556677 00112233\n", "1 RSA line cannot be used" },
        { "this is\nno key log\n", "2 lines cannot be read" },
    };
    struct wd_buf said = { 0 };
    const char *tls13 = in_testdata("vitals-tls13.pcapng"), *chat = in_testdata("storm-fixed.pcapng");
    (void)state;
    assert_int_equal(messages(&tls13, 1, keylog("vitals-tls12.keylog"), &said), 0);
    expect(&said, "no key of it fits any of the 2 TLS sessions seen");
    for (size_t i = 0; i < WD_COUNT(logs); i++) {
        assert_int_equal(messages(&tls13, 1, write_file("odd.keylog", wd_bytes_of(logs[i].text)), &said), 0);
        expect(&said, logs[i].said);
    }
    struct wd_bytes keys = content_of(in_testdata("vitals-tls13.keylog"));
    uint8_t *wrong = (uint8_t *)wd_arena_copy(arena, keys).at;
    for (size_t i = 1; i < keys.len; i++)
        if (wrong[i] == '\n')
            wrong[i - 1] = wrong[i - 1] == '0' ? '1' : '0';
    assert_int_equal(messages(&tls13, 1, write_file("wrong.keylog", wd_bytes_at(wrong, keys.len)), &said), 0);
    expect(&said, "its keys for 2 TLS sessions open nothing");
    struct wd_profile *p = NULL;
    const char *log = keylog("vitals-tls13.keylog");
    const struct wd_measure measure = {
        .captures = &chat, .capture_count = 1, .config = &config, .keylogs = &log, .keylog_count = 1};
    struct wd_err err = { 0 };
    wd_buf_reset(&said);
    assert_int_equal(wd_measure_run(&measure, &p, &said, &err), WD_OK);
    assert_int_equal(p->tls.connections, 0);
    expect(&said, "not needed, since no connection speaks TLS");
    wd_profile_free(p);
    wd_buf_free(&said);
}

/* The capture of TLS 1.2, had its servers chosen another version or suite. */
static struct wd_bytes choosing(uint16_t version, uint16_t suite)
{
    static const uint8_t hello[] = { 2, 0, 0 };
    struct wd_bytes capture = content_of(in_testdata("vitals-tls12.pcapng"));
    uint8_t *copy = (uint8_t *)wd_arena_copy(arena, capture).at;
    unsigned found = 0;
    for (size_t i = 5; i + 100 < capture.len; i++) {
        if (copy[i - 5] != 22 || copy[i - 4] != 3 || memcmp(copy + i, hello, 3) != 0 || copy[i + 4] != 3)
            continue;
        uint8_t *at = copy + i + 6 + 32;   /* the session, behind version and random */
        at += 1 + at[0];
        copy[i + 5] = (uint8_t)version;
        at[0] = (uint8_t)(suite >> 8);
        at[1] = (uint8_t)suite;
        found++;
    }
    assert_int_equal(found, 2);
    return wd_bytes_at(copy, capture.len);
}

/* Said by name, and counted under it. */
static void test_unsupported(void **state)
{
    static const struct { uint16_t version, suite; const char *said; } choices[] = {
        { 0x0303, 0x0005, "2 TLS sessions cannot be read, keys or not: TLS_RSA_WITH_RC4_128_SHA is not supported" },
        { 0x0303, 0xfafa, "2 TLS sessions cannot be read, keys or not: 0xfafa is not supported" },
        { 0x0302, 0x002f, "2 TLS sessions cannot be read, keys or not: TLS 1.1; read are 1.2 and 1.3" },
    };
    struct wd_buf said = { 0 };
    (void)state;
    for (size_t i = 0; i < WD_COUNT(choices); i++) {
        const char *name = write_file("alone.pcapng", choosing(choices[i].version, choices[i].suite)), *log = keylog("vitals-tls12.keylog");
        const struct wd_measure measure = { .captures = &name, .capture_count = 1, .config = &config, .keylogs = &log,
                                            .keylog_count = 1 };
        struct wd_profile *p = NULL;
        struct wd_err err = { 0 };
        wd_buf_reset(&said);
        assert_int_equal(wd_measure_run(&measure, &p, &said, &err), WD_OK);
        expect(&said, choices[i].said);
        assert_null(strstr(wd_buf_cstr(&said), "no key of it fits"));
        assert_int_equal(p->messages, 0);
        assert_true(p->ledger.reason_bytes[WD_REASON_TLS_UNSUPPORTED] > 200000);
        assert_int_equal(p->ledger.reason_streams[WD_REASON_TLS_UNSUPPORTED], 2);
        wd_profile_free(p);
    }
    wd_buf_free(&said);
}

/* Standard input may be the key log. */
static void test_stdin(void **state)
{
    struct wd_buf said = { 0 };
    const char *capture = in_testdata("vitals-tls13.pcapng");
    int kept = dup(STDIN_FILENO), fd = wd_file_open(keylog("vitals-tls13.keylog"));
    (void)state;
    assert_true(kept >= 0 && fd >= 0);
    dup2(fd, STDIN_FILENO);
    close(fd);
    assert_int_equal(messages(&capture, 1, "-", &said), MESSAGES);
    expect(&said, NULL);
    dup2(kept, STDIN_FILENO);
    close(kept);
    wd_buf_free(&said);
}

/* A capture that begins when the sessions are under way: it is not the key log that is at fault. */
static void test_joined_late(void **state)
{
    enum { HANDSHAKES = 20000, PACKET = 6 };
    struct wd_buf said = { 0 }, late = { 0 };
    struct wd_bytes whole = content_of(in_testdata("vitals-tls12.pcapng"));
    (void)state;
    for (size_t off = 0, len; off < whole.len; off += len) {
        len = le32(whole.at + off + 4);
        if (off > HANDSHAKES || le32(whole.at + off) != PACKET)
            wd_buf_put(&late, wd_bytes_at(whole.at + off, len));
    }
    const char *name = write_file("alone.pcapng", wd_buf_bytes(&late));
    assert_int_equal(messages(&name, 1, keylog("vitals-tls12.keylog"), &said), 0);
    expect(&said, "cannot be tried on the 2 TLS sessions seen, whose handshakes are not in the capture");
    wd_buf_free(&said);
    wd_buf_free(&late);
}

static int clean(void **state)
{
    (void)state;
    wd_arena_reset(arena);
    return 0;
}

int main(void)
{
    config = wd_config_default();
    arena = wd_arena_open();
    snprintf(work, sizeof work, "/tmp/wirediet-keys-XXXXXX");
    if (!mkdtemp(work))
        return 99;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_places, clean), cmocka_unit_test_teardown(test_memory, clean),
        cmocka_unit_test_teardown(test_pipe, clean), cmocka_unit_test_teardown(test_no_use, clean),
        cmocka_unit_test_teardown(test_unsupported, clean), cmocka_unit_test_teardown(test_stdin, clean),
        cmocka_unit_test_teardown(test_joined_late, clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wd_arena_close(arena);
    static const char *const left[] = {"behind.pcapng", "alone.pcapng",        "odd.keylog",
                                       "wrong.keylog",  "vitals-tls12.keylog", "vitals-tls13.keylog"};
    for (size_t i = 0; i < WD_COUNT(left); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", work, left[i]);
        unlink(path);
    }
    rmdir(work);
    return failed;
}
