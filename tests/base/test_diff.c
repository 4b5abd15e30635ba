/* A diff is right when git makes the one text into the other with it. Rows pin the text; random edits are applied, by a reader
 * of our own and, where there is one, by git. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/diff.h"

static const struct { const char *name, *before, *after, *diff; } rows[] = {
    { "f", "a\nb\n", "a\nb\n", "" },
    { "f", "a\nb\nc\n", "a\nc\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,2 @@\n a\n-b\n c\n" },
    { "f", "", "a\n", "--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+a\n" },
    { "f", "a\n", "", "--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-a\n" },
    { "f", "a", "b", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n" },
    { "f", "a\nb", "a\nb\n", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n" },
    { "f", "a\nb\n", "a\nb", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n" },
    { "f", "a\nb", "b", "--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-a\n b\n\\ No newline at end of file\n" },
    { "f", "a\r\nb\r\n", "b\r\n", "--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-a\r\n b\r\n" },
    /* context of three lines; hunks that touch are one, those seven lines apart are two */
    { "f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n6\n7\n8\n9\n", "--- a/f\n+++ b/f\n@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n" },
    { "f", "a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n", "--- a/f\n+++ b/f\n@@ -1,8 +1,6 @@\n-a\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n" },
    { "f", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\n",
      "--- a/f\n+++ b/f\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-b\n" },
    /* a line between two that change stays */
    { "f", "1\na\nm\nb\n2\n", "1\nA\nm\nB\n2\n", "--- a/f\n+++ b/f\n@@ -1,5 +1,5 @@\n 1\n-a\n+A\n m\n-b\n+B\n 2\n" },
    { "f", "a\nb\nc\n", "A\nB\nc\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-a\n-b\n+A\n+B\n c\n" },
    /* names */
    { "my dir/f g.yaml", "a\n", "b\n", "--- a/my dir/f g.yaml\t\n+++ b/my dir/f g.yaml\t\n@@ -1 +1 @@\n-a\n+b\n" },
    { "./f", "a\n", "b\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n" },
    { "/tmp/f", "a\n", "b\n", "--- a/tmp/f\n+++ b/tmp/f\n@@ -1 +1 @@\n-a\n+b\n" },
    { "a\"\n\\b", "a\n", "b\n", "--- \"a/a\\\"\\012\\\\b\"\n+++ \"b/a\\\"\\012\\\\b\"\n@@ -1 +1 @@\n-a\n+b\n" },
    { "größe", "a\n", "b\n", "--- a/größe\n+++ b/größe\n@@ -1 +1 @@\n-a\n+b\n" },
};

static char *make_diff(const char *name, struct wd_bytes before, struct wd_bytes after)
{
    struct wd_buf out = { 0 };
    wd_diff_put(&out, wd_bytes_of(name), before, after);
    char *diff = strdup(wd_buf_cstr(&out));
    wd_buf_free(&out);
    return diff;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < WD_COUNT(rows); i++) {
        char *diff = make_diff(rows[i].name, wd_bytes_of(rows[i].before), wd_bytes_of(rows[i].after));
        assert_string_equal(diff, rows[i].diff);
        free(diff);
    }
}

/* ---- random texts ---- */

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % below;
}

/* Few different lines, so that many of them look alike. */
static void put_line(struct wd_buf *out, uint32_t *seed, const char *line_end)
{
    static const char *const words[] = { "}", "{", "  type: string", "", "  a:", "  b:", "# c" };
    uint32_t kind = draw(seed, 12);
    if (kind < WD_COUNT(words))
        wd_buf_puts(out, words[kind]);
    else
        wd_buf_printf(out, "    x%u: {}", draw(seed, 1000));
    wd_buf_puts(out, line_end);
}

struct texts { struct wd_buf before, after; };

static void draw_texts(struct texts *t, uint32_t *seed)
{
    const char *line_end = draw(seed, 4) ? "\n" : "\r\n";
    uint32_t lines = draw(seed, 60), keeps = 1 + draw(seed, 12);
    *t = (struct texts){ 0 };
    for (uint32_t i = 0; i < lines; i++) {
        size_t start = t->before.len;
        put_line(&t->before, seed, line_end);
        if (draw(seed, keeps + 1))
            wd_buf_put(&t->after, wd_bytes_at(t->before.at + start, t->before.len - start));
        if (draw(seed, 3 * keeps) == 0)
            put_line(&t->after, seed, line_end);
    }
    if (t->before.len && draw(seed, 4) == 0)
        t->before.len--;
    if (t->after.len && draw(seed, 4) == 0)
        t->after.len--;
}

static struct wd_bytes take_line(struct wd_bytes *text)
{
    const uint8_t *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
    struct wd_bytes line = wd_bytes_at(text->at, end ? (size_t)(end - text->at) + 1 : text->len);
    *text = wd_bytes_at(text->at + line.len, text->len - line.len);
    return line;
}

/* ---- applied by a reader of our own: it believes the marks, and checks what they say of the old text ---- */

static void apply(struct wd_bytes diff, struct wd_bytes before, struct wd_buf *out)
{
    size_t at = 0;   /* lines of `before` taken */
    while (diff.len) {
        struct wd_bytes line = take_line(&diff);
        unsigned from, hunk = 0;
        char text[64];
        snprintf(text, sizeof text, "%.*s", (int)line.len, (const char *)line.at);
        if (sscanf(text, "@@ -%u,%u", &from, &hunk) < 1)
            continue;
        for (from -= from > 0 && !strstr(text, ",0 +"); at < from; at++)
            wd_buf_put(out, take_line(&before));
        while (diff.len && strchr(" +-", diff.at[0])) {
            line = take_line(&diff);
            if (diff.len && diff.at[0] == '\\') {
                take_line(&diff);
                line.len--;
            }
            struct wd_bytes rest = wd_bytes_at(line.at + 1, line.len - 1);
            if (line.at[0] != '+') {
                struct wd_bytes old = take_line(&before);
                assert_true(wd_bytes_eq(old, rest));
                at++;
            }
            if (line.at[0] != '-')
                wd_buf_put(out, rest);
        }
    }
    wd_buf_put(out, before);
}

static void test_random(void **state)
{
    uint32_t seed = 2463534242u;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct texts t;
        struct wd_buf made = { 0 };
        draw_texts(&t, &seed);
        char *diff = make_diff("f", wd_buf_bytes(&t.before), wd_buf_bytes(&t.after));
        apply(wd_bytes_of(diff), wd_buf_bytes(&t.before), &made);
        if (!wd_bytes_eq(wd_buf_bytes(&made), wd_buf_bytes(&t.after)))
            fail_msg("after %d\n%s", i, diff);
        wd_buf_free(&made);
        wd_buf_free(&t.before);
        wd_buf_free(&t.after);
        free(diff);
    }
}

/* ---- applied by git ---- */

static void write_file(const char *directory, const char *name, struct wd_bytes text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.at, 1, text.len, f), text.len);
    fclose(f);
}

static void read_file(const char *directory, const char *name, struct wd_buf *out)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *f = fopen(path, "rb");   /* a file that became empty may be gone */
    for (int c; f && (c = fgetc(f)) != EOF;)
        wd_buf_byte(out, (uint8_t)c);
    if (f)
        fclose(f);
}

static int run(const char *directory, const char *command)
{
    char line[512];
    snprintf(line, sizeof line, "cd '%s' && GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent GIT_CEILING_DIRECTORIES=/ %s", directory, command);
    int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Many files, one patch: git is started once. */
static void test_git(void **state)
{
    enum { FILES = 120 };
    char directory[] = "/tmp/wd-diff-XXXXXX";
    struct texts texts[FILES];
    struct wd_buf patch = { 0 };
    uint32_t seed = 88172645u;
    (void)state;
    if (system("git --version >/dev/null 2>&1") != 0)
        skip();
    assert_non_null(mkdtemp(directory));
    for (int i = 0; i < FILES; i++) {
        char name[32];
        snprintf(name, sizeof name, i % 3 ? "f%d.yaml" : "file %d.yaml", i);
        draw_texts(&texts[i], &seed);
        if (!texts[i].before.len || !texts[i].after.len) {   /* git makes and removes files for that */
            texts[i].before.len = texts[i].after.len = 0;
            wd_buf_puts(&texts[i].before, "x\n");
            wd_buf_puts(&texts[i].after, "y\n");
        }
        write_file(directory, name, wd_buf_bytes(&texts[i].before));
        wd_diff_put(&patch, wd_bytes_of(name), wd_buf_bytes(&texts[i].before), wd_buf_bytes(&texts[i].after));
    }
    write_file(directory, "patch", wd_buf_bytes(&patch));
    assert_int_equal(run(directory, "git apply --whitespace=nowarn --check patch"), 0);
    assert_int_equal(run(directory, "git apply --whitespace=nowarn patch"), 0);
    for (int i = 0; i < FILES; i++) {
        char name[32];
        struct wd_buf now = { 0 };
        snprintf(name, sizeof name, i % 3 ? "f%d.yaml" : "file %d.yaml", i);
        read_file(directory, name, &now);
        assert_true(wd_bytes_eq(wd_buf_bytes(&now), wd_buf_bytes(&texts[i].after)));
        wd_buf_free(&now);
        wd_buf_free(&texts[i].before);
        wd_buf_free(&texts[i].after);
    }
    wd_buf_free(&patch);
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(run("/tmp", command), 0);
}

/* ---- large ---- */

/* Most of a hundred thousand lines go, or all change: the work is linear. */
static void test_large(void **state)
{
    struct wd_buf before = { 0 }, after = { 0 }, other = { 0 }, made = { 0 };
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        wd_buf_printf(&before, "line %u\n", i);
        wd_buf_printf(&other, "row %u\n", i);
        if (i < 10 || i > 90000)
            wd_buf_printf(&after, "line %u\n", i);
        if (i == 10)
            wd_buf_puts(&after, "changed\n");
    }
    clock_t start = clock();
    char *diff = make_diff("f", wd_buf_bytes(&before), wd_buf_bytes(&after));
    char *all = make_diff("f", wd_buf_bytes(&before), wd_buf_bytes(&other));
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20);
    assert_true(strlen(diff) < after.len + before.len && strstr(diff, "+changed\n") && !strstr(diff, "+line 90005"));
    apply(wd_bytes_of(diff), wd_buf_bytes(&before), &made);
    assert_true(wd_bytes_eq(wd_buf_bytes(&made), wd_buf_bytes(&after)));
    wd_buf_reset(&made);
    apply(wd_bytes_of(all), wd_buf_bytes(&before), &made);
    assert_true(wd_bytes_eq(wd_buf_bytes(&made), wd_buf_bytes(&other)));
    free(diff);
    free(all);
    wd_buf_free(&before);
    wd_buf_free(&after);
    wd_buf_free(&other);
    wd_buf_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_random), cmocka_unit_test(test_git), cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
