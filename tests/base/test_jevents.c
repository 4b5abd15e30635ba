/* JSON as events: the same whole and byte by byte; strings as they mean; what is no JSON, and where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/base64.h"
#include "base/jevents.h"

struct log { struct wd_buf text; uint64_t room; };

static int note(void *ctx, const struct wd_jevent *e)
{
    static const char kinds[] = "{[)SNtfn";
    struct log *log = ctx;
    wd_buf_printf(&log->text, "%c%zu", kinds[e->kind], e->depth);
    if (e->key.len) {
        wd_buf_puts(&log->text, ".");
        wd_buf_put(&log->text, e->key);
    }
    if (e->kind == WD_J_STRING || e->kind == WD_J_NUMBER) {
        wd_buf_puts(&log->text, "=");
        wd_buf_put(&log->text, e->text);
        if (e->len != e->text.len)
            wd_buf_printf(&log->text, "/%llu", (unsigned long long)e->len);
    }
    wd_buf_printf(&log->text, "@%llu-%llu ", (unsigned long long)e->start, (unsigned long long)e->end);
    return 0;
}

static uint64_t room(void *ctx, struct wd_bytes key, size_t depth)
{
    (void)key, (void)depth;
    return ((struct log *)ctx)->room;
}

static void play(const char *text, size_t piece, struct log *log)
{
    struct wd_jevents j;
    struct wd_bytes bytes = wd_bytes_of(text);
    wd_buf_reset(&log->text);
    wd_jevents_open(&j, note, room, log);
    while (bytes.len) {
        size_t n = piece < bytes.len ? piece : bytes.len;
        assert_int_equal(wd_jevents_feed(&j, wd_bytes_at(bytes.at, n)), 0);
        bytes = wd_bytes_at(bytes.at + n, bytes.len - n);
    }
    assert_int_equal(wd_jevents_finish(&j), 0);
    if (j.fault)
        wd_buf_printf(&log->text, "!%s@%llu", j.fault, (unsigned long long)j.offset);
    wd_jevents_free(&j);
}

static const struct { const char *text, *want; uint64_t room;
} rows[] = {
    { "{}", "{0@0-1 )0@1-2 ", 99 },
    { " [ ] ", "[0@1-2 )0@3-4 ", 99 },
    { "7", "N0=7@0-1 ", 99 },
    { "\xef\xbb\xbf[1]", "[0@3-4 N1=1@4-5 )0@5-6 ", 99 },
    { "{\"a\":-1.5e3,\"b\":[true,false,null]}",
      "{0@0-1 N1.a=-1.5e3@5-11 [1.b@16-17 t2@17-21 f2@22-27 n2@28-32 )1@32-33 )0@33-34 ", 99 },
    { "\"a\\n\\u00e9\\ud83d\\ude00\\\"\"", "S0=a\n\xc3\xa9\xf0\x9f\x98\x80\"@0-25 ", 99 },
    { "\"\\ud83d\"", "S0=\xed\xa0\xbd@0-8 ", 99 },
    { "\"\\ud83dx\"", "S0=\xed\xa0\xbdx@0-9 ", 99 },
    { "\"\\ude00\\ud83d\\n\"", "S0=\xed\xb8\x80\xed\xa0\xbd\n@0-16 ", 99 },
    { "[\"abcdef\",\"gh\"]", "[0@0-1 S1=abc/6@1-9 S1=gh@10-14 )0@14-15 ", 3 },
    { "", "!empty@0", 99 },
    { "{\"a\":1", "{0@0-1 !cut short@6", 99 },
    { "{\"a\" 1}", "{0@0-1 !expected a colon@5", 99 },
    { "{a:1}", "{0@0-1 !expected a name in quotes@1", 99 },
    { "[1,]", "[0@0-1 N1=1@1-2 !expected a value@3", 99 },
    { "[1}", "[0@0-1 N1=1@1-2 !a bracket that closes another kind@2", 99 },
    { "[1] x", "[0@0-1 N1=1@1-2 )0@2-3 !something after the end@4", 99 },
    { "nul!", "!a word that is none of true, false and null@3", 99 },
    { "\"a\tb\"", "!a control character in a string@2", 99 },
    { "\"\\x\"", "!an escape that is none@2", 99 },
    { "\"\\u12g4\"", "!an escape that is none@5", 99 },
};

static void test_rows(void **state)
{
    (void)state;
    struct log log = { 0 };
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        log.room = rows[i].room;
        for (size_t piece = 1; piece < 40; piece++) {
            play(rows[i].text, piece, &log);
            if (strcmp(wd_buf_cstr(&log.text), rows[i].want) != 0)
                fail_msg("%s in pieces of %zu: got %s", rows[i].text, piece, wd_buf_cstr(&log.text));
        }
    }
    wd_buf_free(&log.text);
}

static void test_depth(void **state)
{
    (void)state;
    struct log log = { .room = 9 };
    char *deep = malloc(2000);
    memset(deep, '[', 1999);
    deep[1999] = 0;
    play(deep, 7, &log);
    assert_non_null(strstr(wd_buf_cstr(&log.text), "!nested too deeply@512"));
    free(deep);
    wd_buf_free(&log.text);
}

static const struct { const char *text, *want;
} codes[] = {
    { "", "" },
    { "Zg==", "f" },
    { "Zm8=", "fo" },
    { "Zm9v", "foo" },
    { "Zm9vYg", "foob" },
    { "Zm9v\nYmE=\r\n", "fooba" },
    { "-_-_", "\xfb\xff\xbf" },
    { "+/+/", "\xfb\xff\xbf" },
    { "Z", NULL },
    { "Zg==Zg==", NULL },
    { "Zm9v!", NULL },
    { "=", NULL },
    { "Zm9vY", NULL },
};

static void test_base64(void **state)
{
    (void)state;
    struct wd_buf out = { 0 };
    for (size_t i = 0; i < WD_COUNT(codes); i++) {
        wd_buf_reset(&out);
        wd_buf_puts(&out, ">");
        bool is_fine = wd_base64_decode(wd_bytes_of(codes[i].text), &out);
        assert_int_equal(is_fine, codes[i].want != NULL);
        assert_int_equal(out.len, 1 + (codes[i].want ? strlen(codes[i].want) : 0));
        assert_memory_equal(out.at + 1, codes[i].want ? codes[i].want : "", out.len - 1);
    }
    wd_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_depth),
                                        cmocka_unit_test(test_base64) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
