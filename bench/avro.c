/* bench/avro.c - how fast our walker reads Avro messages of a trading floor, and how fast Avro C reads the same into
 * one value that it uses again: prints both in MB/s. */
#include <avro.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "bench/clock.h"
#include "document/avro.h"
#include "field/codec.h"

enum { MESSAGES = 50000, ROUNDS = 7, ROOM = 256 };

struct bodies {
    char *at;
    size_t start[MESSAGES + 1];
};

static avro_value_t field(avro_value_t *record, const char *name)
{
    avro_value_t value;
    if (avro_value_get_by_name(record, name, &value, NULL))
        bench_fail(name);
    return value;
}

static void put_levels(avro_value_t list, unsigned i, double step)
{
    for (unsigned n = 0; n < 5; n++) {
        avro_value_t level;
        avro_value_append(&list, &level, NULL);
        avro_value_t px = field(&level, "px"), qty = field(&level, "qty");
        avro_value_set_double(&px, 100 + i % 50 / 8.0 + step * n);
        avro_value_set_int(&qty, (int)(100 * (i % 9 + n)));
    }
}

static void fill(avro_value_t *book, unsigned i)
{
    static uint8_t digest[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    avro_value_reset(book);
    avro_value_t seq = field(book, "seq"), venue = field(book, "venue"), totals = field(book, "totals"), total;
    avro_value_t mark = field(book, "digest"), flags = field(book, "flags");
    avro_value_set_long(&seq, i);
    avro_value_set_string(&venue, i % 2 ? "XNAS" : "XNYS");
    put_levels(field(book, "bids"), i, -0.25);
    put_levels(field(book, "asks"), i, 0.25);
    avro_value_add(&totals, "bid", &total, NULL, NULL);
    avro_value_set_long(&total, i * 5);
    avro_value_set_fixed(&mark, digest, sizeof digest);
    avro_value_set_bytes(&flags, digest, i % 3);
}

static struct bodies make_bodies(avro_value_t *book)
{
    struct bodies b = { .at = wd_alloc((size_t)MESSAGES * ROOM) };
    for (unsigned i = 0; i < MESSAGES; i++) {
        avro_writer_t writer = avro_writer_memory(b.at + b.start[i], ROOM);
        fill(book, i);
        if (avro_value_write(writer, book))
            bench_fail(avro_strerror());
        b.start[i + 1] = b.start[i] + (size_t)avro_writer_tell(writer);
        avro_writer_free(writer);
    }
    return b;
}

static void walk(const struct bodies *b, const struct wd_layout *layout)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    for (unsigned i = 0; i < MESSAGES; i++) {
        wd_codec_avro.walk(wd_bytes_at(b->at + b->start[i], b->start[i + 1] - b->start[i]), layout, paths, &limits, &tape);
        if (tape.fault)
            bench_fail(tape.fault);
    }
    wd_tape_free(&tape);
    wd_paths_close(paths);
}

static void read_all(const struct bodies *b, avro_value_t *book)
{
    avro_reader_t reader = avro_reader_memory(NULL, 0);
    for (unsigned i = 0; i < MESSAGES; i++) {
        avro_reader_memory_set_source(reader, b->at + b->start[i], (int64_t)(b->start[i + 1] - b->start[i]));
        avro_value_reset(book);
        if (avro_value_read(reader, book))
            bench_fail(avro_strerror());
    }
    avro_reader_free(reader);
}

/* The best of some rounds, in MB/s; the two take turns. */
static void measure(const struct bodies *b, const struct wd_layout *layout, avro_value_t *book, double best[2])
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int who = 0; who < 2; who++) {
            double start = cpu_seconds();
            if (who)
                read_all(b, book);
            else
                walk(b, layout);
            double speed = (double)b->start[MESSAGES] / (cpu_seconds() - start) / 1e6;
            best[who] = speed > best[who] ? speed : best[who];
        }
    }
}

int main(int argc, char **argv)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_arena *arena = wd_arena_open();
    struct wd_err err = { 0 };
    struct wd_layout layout;
    struct wd_bytes text;
    avro_schema_t schema;
    avro_value_t book;
    double best[2] = { 0 };
    if (argc != 2)
        bench_fail("usage: avro SCHEMA");
    if (wd_file_read(argv[1], 1 << 20, arena, &text, &err) < 0 ||
        wd_avro_read_text(argv[1], text, &limits, arena, &layout, &err) < 0)
        bench_fail(err.text);
    if (avro_schema_from_json_length((const char *)text.at, text.len, &schema))
        bench_fail(avro_strerror());
    avro_value_iface_t *class = avro_generic_class_from_schema(schema);
    avro_generic_value_new(class, &book);
    struct bodies b = make_bodies(&book);
    measure(&b, &layout, &book, best);
    printf("%.0f %.0f\n", best[0], best[1]);
    wd_free(b.at);
    avro_value_decref(&book);
    avro_value_iface_decref(class);
    avro_schema_decref(schema);
    wd_arena_close(arena);
    return 0;
}
