/* bench/packed.c - how fast our MessagePack and CBOR walkers read messages, and how fast msgpack-c and libcbor do: prints MB/s and
 * the number of messages that were read whole. The messages are those of bench/json.c, written by these two libraries. */
#include <cbor.h>
#include <jansson.h>
#include <msgpack.h>

#include "base/buf.h"
#include "field/codec.h"

#include "lines.h"

/* --- writing them --- */

static int write_packed(void *ctx, const char *at, size_t len)
{
    wd_buf_put(ctx, wd_bytes_at(at, len));
    return 0;
}

static void pack(msgpack_packer *p, const json_t *value)
{
    const char *key;
    size_t i;
    json_t *inner;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        msgpack_pack_map(p, json_object_size(value));
        json_object_foreach((json_t *)value, key, inner) {
            msgpack_pack_str(p, strlen(key));
            msgpack_pack_str_body(p, key, strlen(key));
            pack(p, inner);
        }
        break;
    case JSON_ARRAY:
        msgpack_pack_array(p, json_array_size(value));
        json_array_foreach(value, i, inner)
            pack(p, inner);
        break;
    case JSON_STRING:
        msgpack_pack_str(p, json_string_length(value));
        msgpack_pack_str_body(p, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER: msgpack_pack_int64(p, json_integer_value(value)); break;
    case JSON_REAL: msgpack_pack_double(p, json_real_value(value)); break;
    case JSON_TRUE: msgpack_pack_true(p); break;
    case JSON_FALSE: msgpack_pack_false(p); break;
    case JSON_NULL: msgpack_pack_nil(p); break;
    }
}

static void to_msgpack(const json_t *value, struct wd_buf *out)
{
    msgpack_packer p;
    msgpack_packer_init(&p, out, write_packed);
    pack(&p, value);
}

static void put_cbor_text(struct wd_buf *out, struct wd_bytes text)
{
    unsigned char head[9];
    wd_buf_put(out, wd_bytes_at(head, cbor_encode_string_start(text.len, head, sizeof head)));
    wd_buf_put(out, text);
}

static size_t cbor_head(const json_t *value, unsigned char *head)
{
    json_int_t n = json_integer_value(value);
    switch (json_typeof(value)) {
    case JSON_OBJECT: return cbor_encode_map_start(json_object_size(value), head, 9);
    case JSON_ARRAY: return cbor_encode_array_start(json_array_size(value), head, 9);
    case JSON_INTEGER: return n < 0 ? cbor_encode_negint((uint64_t)(-1 - n), head, 9) : cbor_encode_uint((uint64_t)n, head, 9);
    case JSON_REAL: return cbor_encode_double(json_real_value(value), head, 9);
    case JSON_TRUE:
    case JSON_FALSE: return cbor_encode_bool(json_is_true(value), head, 9);
    case JSON_NULL: return cbor_encode_null(head, 9);
    default: return 0;
    }
}

static void to_cbor(const json_t *value, struct wd_buf *out)
{
    unsigned char head[9];
    const char *key;
    size_t i;
    json_t *inner;
    wd_buf_put(out, wd_bytes_at(head, cbor_head(value, head)));
    if (json_is_string(value))
        put_cbor_text(out, wd_bytes_at(json_string_value(value), json_string_length(value)));
    json_object_foreach((json_t *)value, key, inner) {
        put_cbor_text(out, wd_bytes_of(key));
        to_cbor(inner, out);
    }
    json_array_foreach(value, i, inner)
        to_cbor(inner, out);
}

/* The same messages in another encoding, a byte between them. */
static struct lines convert(const struct lines *json, void (*write)(const json_t *value, struct wd_buf *out))
{
    struct wd_buf out = { 0 };
    struct lines l = { .count = json->count, .start = calloc(json->count + 1, sizeof *l.start) };
    for (size_t i = 0; i < json->count; i++) {
        json_t *value = json_loadb(json->text + json->start[i], line_len(json, i), 0, NULL);
        l.start[i] = out.len;
        if (!value)
            bench_fail("a message is no JSON");
        write(value, &out);
        wd_buf_byte(&out, '\n');
        json_decref(value);
    }
    l.start[l.count] = l.len = out.len;
    memset(wd_buf_room(&out, LINES_PADDING), 0, LINES_PADDING);
    l.text = (char *)out.at;
    return l;
}

/* --- reading them --- */

static size_t walk(const struct lines *l, const struct wd_codec *codec)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    size_t whole = 0;
    for (size_t i = 0; i < l->count; i++) {
        codec->walk(wd_bytes_at(l->text + l->start[i], line_len(l, i)), NULL, paths, &limits, &tape);
        whole += !tape.fault;
    }
    wd_tape_free(&tape);
    wd_paths_close(paths);
    return whole;
}

static size_t walk_msgpack(const struct lines *l) { return walk(l, &wd_codec_msgpack); }
static size_t walk_cbor(const struct lines *l) { return walk(l, &wd_codec_cbor); }

static size_t unpack(const struct lines *l)
{
    msgpack_unpacked unpacked;
    size_t whole = 0;
    msgpack_unpacked_init(&unpacked);
    for (size_t i = 0; i < l->count; i++) {
        size_t off = 0;
        msgpack_unpack_return got = msgpack_unpack_next(&unpacked, l->text + l->start[i], line_len(l, i), &off);
        whole += got == MSGPACK_UNPACK_SUCCESS && off == line_len(l, i);
    }
    msgpack_unpacked_destroy(&unpacked);
    return whole;
}

/* Events to nobody: no tree is built. */
static size_t stream(const struct lines *l)
{
    size_t whole = 0;
    for (size_t i = 0; i < l->count; i++) {
        const unsigned char *at = (const unsigned char *)l->text + l->start[i];
        size_t left = line_len(l, i);
        while (left) {
            struct cbor_decoder_result got = cbor_stream_decode(at, left, &cbor_empty_callbacks, NULL);
            if (got.status != CBOR_DECODER_FINISHED)
                break;
            at += got.read;
            left -= got.read;
        }
        whole += left == 0;
    }
    return whole;
}

static const struct { const char *name; void (*write)(const json_t *, struct wd_buf *); size_t (*ours)(const struct lines *), (*theirs)(const struct lines *); } rows[] = {
    { "msgpack", to_msgpack, walk_msgpack, unpack },
    { "cbor", to_cbor, walk_cbor, stream },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 4 && i < WD_COUNT(rows); i++) {
        if (strcmp(argv[1], rows[i].name) != 0)
            continue;
        struct lines json = lines_read(argv[3]), l = convert(&json, rows[i].write);
        lines_measure(&l, strcmp(argv[2], "ours") == 0 ? rows[i].ours : rows[i].theirs);
        return 0;
    }
    bench_fail("usage: packed msgpack|cbor ours|theirs MESSAGES");
    return 4;
}
