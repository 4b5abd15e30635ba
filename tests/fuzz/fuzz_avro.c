/* The first byte chooses a schema, the rest is a body: its fields tile it, their bits are those of the body, what they
 * say lies inside it, and a second walk with a tree that has learnt the names finds the same. */
#include <assert.h>

#include "document/avro.h"
#include "field/avro.h"
#include "field/codec.h"
#include "field/cost.h"
#include "field/text.h"
#include "fuzz.h"

static const char *const schemas[] = {
    "{\"type\":\"record\",\"name\":\"a.T\",\"fields\":[{\"name\":\"s\",\"type\":\"string\"},{\"name\":\"n\",\"type\":[\"null\",\"T\"]},"
    "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":[\"int\",\"bytes\",\"double\"]}},"
    "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"long\"}},{\"name\":\"b\",\"type\":\"boolean\"}]}",
    "{\"type\":\"array\",\"items\":\"null\"}",
    "[{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"x\",\"y\"]}}]},"
    "{\"type\":\"record\",\"name\":\"B\",\"fields\":[{\"name\":\"f\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}},"
    "{\"name\":\"z\",\"type\":\"float\"}]}]",
    "{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"Z\",\"fields\":[]}}}",
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"r\",\"type\":\"R\"}]}",
    "{\"type\":\"record\",\"name\":\"W\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":\"X\",\"fields\":["
    "{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":\"Y\",\"fields\":[{\"name\":\"a\",\"type\":\"null\"},{\"name\":\"b\",\"type\":\"null\"}]}},"
    "{\"name\":\"b\",\"type\":\"Y\"}]}},{\"name\":\"b\",\"type\":{\"type\":\"array\",\"items\":\"X\"}}]}",
};

static struct wd_layout layouts[WD_COUNT(schemas)];
static struct wd_limits limits;

static void read_schemas(void)
{
    static struct wd_arena *arena;
    struct wd_err err = { 0 };
    if (arena)
        return;
    arena = wd_arena_open();
    limits = wd_limits_default();
    limits.map_keys = 8;
    for (size_t i = 0; i < WD_COUNT(schemas); i++)
        assert(wd_avro_read_text("fuzz.avsc", wd_bytes_of(schemas[i]), &limits, arena, &layouts[i], &err) == WD_OK);
}

static uint64_t tape_sum(const struct wd_tape *tape)
{
    uint64_t sum = tape->count;
    for (uint32_t i = 0; i < tape->count; i++) {
        const struct wd_field *f = &tape->fields[i];
        sum = sum * 31 + f->path + f->type * 7u + f->key_len * 11u + f->value_len * 13u + f->syntax_len * 17u + f->close_off;
    }
    return sum;
}

static void check_texts(const struct wd_tape *tape, struct wd_bytes body)
{
    struct wd_buf scratch = { 0 };
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        struct wd_bytes text = wd_field_text(&tape->fields[i], body, &scratch);
        assert(tape->fields[i].value_off + tape->fields[i].value_len <= body.len);
        for (size_t b = 0; b < text.len; b++)
            sum += text.at[b];
    }
    wd_buf_free(&scratch);
    assert(sum < UINT64_MAX);
}

static void check_cost(const struct wd_tape *tape, struct wd_bytes body)
{
    struct wd_bit_mark marks[] = { { body.len / 2, 7 }, { body.len, 5 } };
    uint64_t *costs = wd_realloc(NULL, tape->count + 1, sizeof *costs), sum = 0;
    wd_tape_cost(tape, body.len, (struct wd_bit_marks){ marks, 2 }, 12, costs);
    for (uint32_t i = 0; i < tape->count; i++)
        sum += costs[i];
    assert(!tape->count || sum == 12);
    wd_free(costs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_bytes schema;
    struct wd_tape tape = { 0 };
    read_schemas();
    if (!size)
        return 0;
    const struct wd_layout *layout = data[0] % 7 ? &layouts[data[0] % 7 - 1] : NULL;
    struct wd_bytes body = wd_bytes_at(data + 1, size - 1);
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_avro.bid(body);
    if (wd_avro_file_schema(body, &schema))
        assert(schema.at >= body.at && schema.at + schema.len <= body.at + body.len);
    wd_codec_avro.walk(body, layout, paths, &limits, &tape);
    assert(wd_tape_bytes(&tape) == body.len);
    check_texts(&tape, body);
    check_cost(&tape, body);
    uint32_t folds = wd_paths_folds(paths);
    wd_codec_avro.walk(body, layout, paths, &limits, &tape);
    uint64_t second = tape_sum(&tape);
    wd_codec_avro.walk(body, layout, paths, &limits, &tape);
    assert(wd_tape_bytes(&tape) == body.len && (wd_paths_folds(paths) != folds || tape_sum(&tape) == second));
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return 0;
}
