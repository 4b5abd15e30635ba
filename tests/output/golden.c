#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"

static void name_of(char *path, size_t size, const char *name)
{
    const char *srcdir = getenv("srcdir");
    snprintf(path, size, "%s/tests/output/golden/%s", srcdir ? srcdir : ".", name);
}

static void update(const char *path, struct wd_buf *out)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(out->at, 1, out->len, file), out->len);
    assert_int_equal(fclose(file), 0);
}

/* The first line that differs says more than two pages side by side. */
static void show_difference(struct wd_bytes expected, struct wd_bytes got)
{
    size_t at = 0, line = 1, start = 0;
    while (at < expected.len && at < got.len && expected.at[at] == got.at[at]) {
        if (expected.at[at++] == '\n') {
            line++;
            start = at;
        }
    }
    const uint8_t *e = memchr(expected.at + start, '\n', expected.len - start);
    const uint8_t *g = memchr(got.at + start, '\n', got.len - start);
    print_error("line %zu differs\n  expected: %.*s\n  got:      %.*s\n", line,
                (int)(e ? e - (expected.at + start) : (long)(expected.len - start)),
                (const char *)expected.at + start, (int)(g ? g - (got.at + start) : (long)(got.len - start)),
                (const char *)got.at + start);
}

void golden_check(const char *name, struct wd_buf *out)
{
    char path[4096];
    name_of(path, sizeof path, name);
    if (getenv("WD_GOLDEN_UPDATE")) {
        update(path, out);
        return;
    }
    struct wd_arena *arena = wd_arena_open();
    struct wd_bytes expected;
    struct wd_err err = { 0 };
    if (wd_file_read(path, 1 << 24, arena, &expected, &err) < 0)
        fail_msg("%s", err.text);
    if (!wd_bytes_eq(expected, wd_buf_bytes(out))) {
        show_difference(expected, wd_buf_bytes(out));
        fail_msg("%s is not what it was", name);
    }
    wd_arena_close(arena);
}
