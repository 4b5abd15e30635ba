/* Key logs as people have them, and the derivations against the trace of RFC 8448. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/keylog.h"
#include "stream/seal.h"

#define RANDOM_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RANDOM_B "AABBCCDDEEFF060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define SECRET "0f0e0d0c0b0a09080706050403020100"

static struct wd_limits limits;

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (unsigned byte; sscanf(hex, " %2x", &byte) == 1; n++) {
        out[n] = (uint8_t)byte;
        hex += strspn(hex, " ") + 2;
    }
    return n;
}

static struct wd_keylog *log_of(const char *text, size_t piece)
{
    struct wd_keylog *log = wd_keylog_open(&limits);
    wd_keylog_begin(log, "keys.log", false);
    for (size_t len = strlen(text), off = 0, n; off < len; off += n) {
        n = piece && piece < len - off ? piece : len - off;
        wd_keylog_feed(log, wd_bytes_at(text + off, n));
    }
    wd_keylog_end(log);
    return log;
}

static bool has(struct wd_keylog *log, enum wd_secret_kind kind, const char *random_hex)
{
    uint8_t random[WD_RANDOM_BYTES];
    struct wd_secret secret;
    from_hex(random_hex, random);
    return wd_keylog_find(log, kind, random, &secret);
}

static void test_lines(void **state)
{
    static const char text[] =
        "# a comment\n"
        "\n"
        "CLIENT_RANDOM " RANDOM_A " " SECRET "\r\n"
        "CLIENT_TRAFFIC_SECRET_0 " RANDOM_B " " SECRET "\n"
        "EXPORTER_SECRET " RANDOM_A " " SECRET "\n"
        "SOMETHING_NEW " RANDOM_A " ab cd\n"
        "RSA 0123456789abcdef " SECRET "\n"
        "CLIENT_RANDOM " RANDOM_A " xyz\n"
        "CLIENT_RANDOM " RANDOM_A " 0f0\n"
        "CLIENT_RANDOM 00 " SECRET "\n"
        "what is this\n"
        "SERVER_TRAFFIC_SECRET_0 " RANDOM_B " " SECRET;
    (void)state;
    for (size_t piece = 0; piece < 80; piece++) {
        struct wd_keylog *log = log_of(text, piece);
        const struct wd_keylog_source *source = wd_keylog_source(log, 0);
        assert_true(has(log, WD_SECRET_MASTER, RANDOM_A));
        assert_false(has(log, WD_SECRET_MASTER, RANDOM_B));
        assert_true(has(log, WD_SECRET_CLIENT_TRAFFIC, RANDOM_B));
        assert_true(has(log, WD_SECRET_SERVER_TRAFFIC, RANDOM_B));
        assert_int_equal(source->secrets, 3);
        assert_int_equal(source->rsa_lines, 1);
        assert_int_equal(source->bad_lines, 4);
        wd_keylog_free(log);
    }
}

static void test_long_line(void **state)
{
    static char text[3000];
    (void)state;
    memset(text, 'A', 2000);
    snprintf(text + 2000, sizeof text - 2000, "\nCLIENT_RANDOM %s %s\n", RANDOM_A, SECRET);
    for (size_t piece = 0; piece < 4; piece++) {
        struct wd_keylog *log = log_of(text, piece);
        assert_int_equal(wd_keylog_source(log, 0)->bad_lines, 1);
        assert_true(has(log, WD_SECRET_MASTER, RANDOM_A));
        wd_keylog_free(log);
    }
}

static void test_again(void **state)
{
    uint8_t random[WD_RANDOM_BYTES];
    struct wd_secret secret;
    (void)state;
    struct wd_keylog *log = log_of("CLIENT_RANDOM " RANDOM_A " 0102\nCLIENT_RANDOM " RANDOM_A " 030405\n", 0);
    from_hex(RANDOM_A, random);
    assert_true(wd_keylog_find(log, WD_SECRET_MASTER, random, &secret));
    assert_int_equal(secret.len, 3);
    assert_int_equal(secret.bytes[2], 5);
    wd_keylog_free(log);
}

static void test_limit_and_late(void **state)
{
    char line[256];
    uint8_t random[WD_RANDOM_BYTES] = { 99 };
    (void)state;
    limits.secrets = 100;
    struct wd_keylog *log = log_of("", 0);
    wd_keylog_missed(log, random);
    for (int i = 0; i < 150; i++) {
        snprintf(line, sizeof line, "CLIENT_RANDOM %02x%062d %s\n", i, 0, SECRET);
        wd_keylog_feed(log, wd_bytes_of(line));
        assert_int_equal(wd_keylog_is_full(log), i >= 100);
        assert_int_equal(wd_keylog_late(log), i >= 99);
    }
    wd_keylog_free(log);
    limits = wd_limits_default();
}

static void test_permissions(void **state)
{
    static const struct { mode_t mode; bool is_read; } modes[] = {
        { 0600, true }, { 0644, true }, { 0444, true }, { 0620, false }, { 0602, false }, { 0666, false },
    };
    char name[] = "/tmp/keylog-XXXXXX";
    (void)state;
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "CLIENT_RANDOM " RANDOM_A " " SECRET "\n", 14 + 64 + 1 + 32 + 1), 112);
    for (size_t i = 0; i < WD_COUNT(modes); i++) {
        struct wd_keylog *log = wd_keylog_open(&limits);
        struct wd_err err = { 0 };
        fchmod(fd, modes[i].mode);
        assert_int_equal(wd_keylog_read(log, name, &err), modes[i].is_read ? WD_OK : WD_EPARSE);
        assert_int_equal(has(log, WD_SECRET_MASTER, RANDOM_A), modes[i].is_read);
        if (!modes[i].is_read)
            assert_non_null(strstr(err.text, "others than its owner"));
        wd_keylog_free(log);
    }
    close(fd);
    unlink(name);
    struct wd_keylog *log = wd_keylog_open(&limits);
    struct wd_err err = { 0 };
    assert_int_equal(wd_keylog_read(log, name, &err), WD_EPARSE);
    wd_keylog_free(log);
}

/* RFC 8448 section 3, "Simple 1-RTT Handshake". */
static void test_expand(void **state)
{
    static const struct { const char *secret, *key, *iv; } vectors[] = {
        { "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", "3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30" },
        { "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21", "dbfaa693d1762c5b666af5d950258d01", "5bd3c71b836e0b76bb73265f" },
        { "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984" },
        { "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9" },
    };
    (void)state;
    struct wd_schedule *schedule = wd_schedule_open();
    for (size_t i = 0; i < WD_COUNT(vectors); i++) {
        uint8_t secret[32], key[16], iv[12], got[16];
        from_hex(vectors[i].secret, secret);
        from_hex(vectors[i].key, key);
        from_hex(vectors[i].iv, iv);
        assert_true(wd_schedule_expand(schedule, WD_HASH_SHA256, wd_bytes_at(secret, 32), "key", got, 16));
        assert_memory_equal(got, key, 16);
        assert_true(wd_schedule_expand(schedule, WD_HASH_SHA256, wd_bytes_at(secret, 32), "iv", got, 12));
        assert_memory_equal(got, iv, 12);
    }
    wd_schedule_free(schedule);
}

/* The client's record of application data there: 50 bytes, 0 to 49. */
static void test_record(void **state)
{
    static const char body[] =
        "a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab 3f 2b 98 19 a8 a5 b4 "
        "6b 39 5b d5 4a 9a 20 "
        "44 1e 2b 62 97 4e 1f 5a 62 92 a2 97 70 14 bd 1e 3d ea e6 3a ee bb 21 69 49 15 e4";
    uint8_t secret[32], bytes[80], out[WD_RECORD_MOST];
    struct wd_opened opened;
    (void)state;
    from_hex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", secret);
    struct wd_seals *seals = wd_seals_open();
    struct wd_seal *seal = wd_seal_open(seals, wd_suite_find(0x1301), wd_bytes_at(secret, 32));
    struct wd_record record = {
        .type = 23, .version = 0x0303, .body = wd_bytes_at(bytes, from_hex(body, bytes))};
    assert_int_equal(record.body.len, 67);
    assert_true(wd_seal_read(seal, 0, &record, out, &opened));
    assert_int_equal(opened.type, 23);
    assert_int_equal(opened.content.len, 50);
    for (uint8_t i = 0; i < 50; i++)
        assert_int_equal(opened.content.at[i], i);
    assert_false(wd_seal_read(seal, 1, &record, out, &opened));   /* another number */
    bytes[3] ^= 1;
    assert_false(wd_seal_read(seal, 0, &record, out, &opened));
    wd_seal_free(seal);
    assert_null(wd_seal_open(seals, wd_suite_find(0x1302), wd_bytes_at(secret, 32)));   /* that one needs 48 bytes */
    assert_null(wd_seal_open(seals, wd_suite_find(0x002f), wd_bytes_at(secret, 32)));
    wd_seals_free(seals);
}

static void test_suites(void **state)
{
    struct wd_buf name = { 0 };
    (void)state;
    for (uint32_t code = 0; code < 0x10000; code++) {
        const struct wd_suite *suite = wd_suite_find((uint16_t)code);
        uint16_t back = 1;
        wd_buf_reset(&name);
        wd_suite_name((uint16_t)code, &name);
        assert_true(!suite || suite->code == code);
        assert_true(wd_suite_code(wd_buf_bytes(&name), &back));
        assert_int_equal(back, code);
    }
    wd_buf_free(&name);
    struct wd_tls_counts counts = { 0 };
    for (uint16_t i = 0; i < 500; i++)
        wd_tls_counts_kind(&counts, 0x0303, (uint16_t)(i * 77))->connections++;
    uint64_t sum = 0;
    for (size_t i = 0; i < counts.kind_count; i++)
        sum += counts.kinds[i].connections;
    assert_int_equal(sum, 500);
    assert_int_equal(counts.kind_count, WD_TLS_KINDS);
}

int main(void)
{
    limits = wd_limits_default();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_again),       cmocka_unit_test(test_limit_and_late),
        cmocka_unit_test(test_permissions), cmocka_unit_test(test_expand),
        cmocka_unit_test(test_record),      cmocka_unit_test(test_suites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
