/* The same conversations as JSON, as MessagePack by msgpack-c and as CBOR by libcbor: which fields there are, of what type, how
 * often they change, does not depend on how they were written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>

#include "../field/told.h"
#include "watch.h"
#include "wire.h"

enum { CONVERSATIONS = 60, MESSAGES = 40 };

static const struct manner { const char *media_type; told_encoder *encode; } manners[] = {
    { "application/json", told_to_msgpack },   /* of which only the JSON is used */
    { "application/msgpack", told_to_msgpack },
    { "application/cbor", told_to_cbor },
};

/* All counts but those of bytes. A double is 0.1 or its bits: how many are distinct is an estimate, and not of the same hashes. */
static void put_row(struct wd_buf *out, const struct wd_row *r)
{
    bool has_doubles = r->types[WD_TYPE_NUMBER] > 0 || r->types[WD_TYPE_INTEGER] > 0;
    wd_buf_puts(out, "  ");
    wd_buf_put(out, r->path);
    wd_buf_printf(out, " present %" PRIu64 " of %" PRIu64 " compared %" PRIu64 " changed %" PRIu64 " beyond %" PRIu64 " toggled %" PRIu64
                  " empty %" PRIu64 " series %" PRIu64 "/%" PRIu64 " distinct %" PRIu64 " strings %" PRIu64, r->present, r->occurrences,
                  r->compared, r->changed, r->changed_beyond, r->toggled, r->empty, r->series, r->constant_series,
                  has_doubles ? 0 : r->distinct, r->types[WD_TYPE_STRING] + r->types[WD_TYPE_BYTES]);
    for (int t = 0; t < WD_TYPE_COUNT; t++)
        if (t != WD_TYPE_STRING && t != WD_TYPE_BYTES)
            wd_buf_printf(out, " %" PRIu64, r->types[t]);
    wd_buf_byte(out, '\n');
}

static void put_profile(struct wd_buf *out, const struct wd_profile *p)
{
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        wd_buf_put(out, type->name);
        wd_buf_printf(out, " %" PRIu64 " malformed %" PRIu64 " repeated %" PRIu64 " of %" PRIu64 "\n", type->count, type->malformed,
                      type->repeated_messages, type->compared_messages);
        for (size_t r = 0; r < type->row_count; r++)
            put_row(out, &type->rows[r]);
    }
}

/* Each message also took something on the wire: watch_end adds up what its fields bear of that. */
static void tell(struct line *line, struct wd_bytes body, uint64_t *seed)
{
    struct wd_bit_mark marks[WIRE_MARKS];
    struct wd_message m = { .direction = WD_S2C, .body = body };
    wire_draw(&m, marks, seed);
    say_message(line, m);
}

static void converse(const struct manner *manner, uint64_t shape, struct wd_buf *out)
{
    struct told t = { .encode = manner->encode };
    struct watch watch;
    struct line line;
    uint64_t seed = shape;
    watch_init(&watch);
    watch_start(&watch);
    line_open(&line, &watch, WD_TRANSPORT_WEBSOCKET, "/live");
    line.channel.media_type = wd_bytes_of(manner->media_type);
    for (uint64_t i = 1; i <= MESSAGES; i++) {
        t.shape = i % 5 ? shape : shape * 3 + 1;   /* one in five is another kind of message */
        t.change = (i / 2 + 1) * 0x9e3779b97f4a7c15u;
        told_draw(&t);
        tell(&line, wd_buf_bytes(manner == manners ? &t.json : &t.packed), &seed);
    }
    line_close(&line);
    struct wd_profile *p = watch_end(&watch);
    put_profile(out, p);
    wd_profile_free(p);
    told_free(&t);
}

static void assert_same(struct wd_buf *a, struct wd_buf *b, const struct manner *manner)
{
    const char *x = wd_buf_cstr(a), *y = wd_buf_cstr(b);
    size_t at = 0, line = 0;
    for (; x[at] && x[at] == y[at]; at++)
        line = x[at] == '\n' ? at + 1 : line;
    if (x[at] != y[at])
        fail_msg("%s:\n%.300s\n--- as JSON ---\n%.300s", manner->media_type, y + line, x + line);
}

static void test_same_in_any_codec(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= CONVERSATIONS; i++) {
        struct wd_buf text[WD_COUNT(manners)] = { { 0 } };
        for (size_t m = 0; m < WD_COUNT(manners); m++) {
            converse(&manners[m], i * 0xd6e8feb86659fd93u, &text[m]);
            assert_same(&text[0], &text[m], &manners[m]);
        }
        for (size_t m = 0; m < WD_COUNT(manners); m++)
            wd_buf_free(&text[m]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_same_in_any_codec) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
