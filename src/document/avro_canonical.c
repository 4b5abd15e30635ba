/* The Parsing Canonical Form: names in full, nothing but what matters to a reader, in this order, no space:
 *
 *     {"name":"com.x.Trade","type":"record","fields":[{"name":"id","type":"long"},...]}
 *
 * A name is written out where it comes first and stands for itself after that. Its fingerprint is a CRC of
 * 64 bits, least significant bit first.
 */
#include "base/escape.h"
#include "document/avro.h"

struct writer {
    struct wd_buf *out;
    struct wd_map *written; /* full names */
    uint64_t most, depth;
};

static bool put_type(struct writer *w, const struct wd_avro_type *type);

static void put_name(struct writer *w, const char *key, struct wd_bytes name)
{
    wd_buf_printf(w->out, "\"%s\":", key);
    wd_put_json(w->out, name);
}

static bool put_fields(struct writer *w, const struct wd_avro_type *type)
{
    wd_buf_puts(w->out, ",\"fields\":[");
    for (size_t i = 0; i < type->count; i++) {
        wd_buf_puts(w->out, i ? ",{" : "{");
        put_name(w, "name", type->fields[i].name);
        wd_buf_puts(w->out, ",\"type\":");
        if (!put_type(w, type->fields[i].type))
            return false;
        wd_buf_byte(w->out, '}');
    }
    wd_buf_byte(w->out, ']');
    return true;
}

static void put_symbols(struct writer *w, const struct wd_avro_type *type)
{
    wd_buf_puts(w->out, ",\"symbols\":[");
    for (size_t i = 0; i < type->count; i++) {
        wd_buf_puts(w->out, i ? "," : "");
        wd_put_json(w->out, type->symbols[i]);
    }
    wd_buf_byte(w->out, ']');
}

static bool put_named(struct writer *w, const struct wd_avro_type *type)
{
    bool is_new, is_whole = true;
    wd_map_put(w->written, type->name, &is_new);
    if (!is_new) {
        wd_put_json(w->out, type->name);
        return true;
    }
    wd_buf_byte(w->out, '{');
    put_name(w, "name", type->name);
    wd_buf_printf(w->out, ",\"type\":\"%s\"", wd_avro_kind_names[type->kind]);
    if (type->kind == WD_AVRO_RECORD)
        is_whole = put_fields(w, type);
    else if (type->kind == WD_AVRO_ENUM)
        put_symbols(w, type);
    else
        wd_buf_printf(w->out, ",\"size\":%llu", (unsigned long long)type->size);
    wd_buf_byte(w->out, '}');
    return is_whole;
}

static bool put_items(struct writer *w, const struct wd_avro_type *type)
{
    bool is_map = type->kind == WD_AVRO_MAP;
    wd_buf_puts(w->out, is_map ? "{\"type\":\"map\",\"values\":" : "{\"type\":\"array\",\"items\":");
    bool is_whole = put_type(w, type->branches[0]);
    wd_buf_byte(w->out, '}');
    return is_whole;
}

static bool put_union(struct writer *w, const struct wd_avro_type *type)
{
    wd_buf_byte(w->out, '[');
    for (size_t i = 0; i < type->count; i++) {
        wd_buf_puts(w->out, i ? "," : "");
        if (!put_type(w, type->branches[i]))
            return false;
    }
    wd_buf_byte(w->out, ']');
    return true;
}

static bool put_kind(struct writer *w, const struct wd_avro_type *type)
{
    switch ((enum wd_avro_kind)type->kind) {
    case WD_AVRO_RECORD:
    case WD_AVRO_ENUM:
    case WD_AVRO_FIXED:
        return put_named(w, type);
    case WD_AVRO_ARRAY:
    case WD_AVRO_MAP:
        return put_items(w, type);
    case WD_AVRO_UNION:
        return put_union(w, type);
    default:
        wd_buf_printf(w->out, "\"%s\"", wd_avro_kind_names[type->kind]);
        return true;
    }
}

static bool put_type(struct writer *w, const struct wd_avro_type *type)
{
    if (w->depth >= w->most)
        return false;
    w->depth++;
    bool is_whole = put_kind(w, type);
    w->depth--;
    return is_whole;
}

bool wd_avro_put_canonical(struct wd_buf *out, const struct wd_avro_type *type, uint64_t most)
{
    struct writer w = {.out = out, .written = wd_map_open(), .most = most};
    bool is_whole = put_type(&w, type);
    wd_map_close(w.written);
    return is_whole;
}

static uint64_t crc64(struct wd_bytes text)
{
    static const uint64_t EMPTY = 0xc15d213aa4d7a795;
    uint64_t crc = EMPTY;
    for (size_t i = 0; i < text.len; i++) {
        crc ^= text.at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? EMPTY : 0);
    }
    return crc;
}

bool wd_avro_fingerprint(const struct wd_avro_type *type, uint64_t most, uint64_t *out)
{
    struct wd_buf text = {0};
    bool is_whole = wd_avro_put_canonical(&text, type, most);
    if (is_whole)
        *out = crc64(wd_buf_bytes(&text));
    wd_buf_free(&text);
    return is_whole;
}
