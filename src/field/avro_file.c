/* field/avro_file.c - Avro's object container files (Apache Avro 1.11, Object Container Files), as a body.
 *
 *     "Obj" 01 | map of metadata: avro.schema, avro.codec | 16 bytes of sync marker
 *     count | size | records, one after the other | sync marker            a block, and so on to the end
 *
 * The root is an array of the records. Everything around them is its syntax. Of blocks that are compressed
 * the bytes are the value of the root: what they inflate to is not in the body, and cannot tile it.
 */
#include "field/avro.h"
#include "field/avro_read.h"

enum { SYNC = 16 };

struct head {
    struct wd_bytes schema, codec, sync;
};

bool wd_avro_is_file(struct wd_bytes body)
{
    return body.len >= 4 && memcmp(body.at, "Obj\1", 4) == 0;
}

static void read_pair(struct wd_cursor *c, struct head *out)
{
    struct wd_bytes key = wd_avro_take(c), value = wd_avro_take(c);
    if (wd_bytes_is(key, "avro.schema"))
        out->schema = value;
    else if (wd_bytes_is(key, "avro.codec"))
        out->codec = value;
}

/* Each pair takes two bytes or more, so a count that is too large ends with the body. */
static void read_head(struct wd_cursor *c, struct head *out)
{
    int64_t count;
    wd_cursor_skip(c, 4);
    while (!c->fault && (count = wd_avro_long(c)) != 0) {
        if (count < 0)
            wd_avro_long(c); /* the block's size */
        for (uint64_t left = count < 0 ? -(uint64_t)count : (uint64_t)count; left && !c->fault; left--)
            read_pair(c, out);
    }
    out->sync = wd_cursor_take(c, SYNC);
}

bool wd_avro_file_schema(struct wd_bytes body, struct wd_bytes *out)
{
    struct wd_cursor c = wd_cursor_of(body);
    struct head head = {.schema = wd_bytes_of("")};
    if (!wd_avro_is_file(body))
        return false;
    read_head(&c, &head);
    *out = head.schema;
    return !c.fault && head.schema.len;
}

struct block {
    uint64_t count, size;
    size_t start;
};

static bool read_block(struct wd_avro_walk *w, struct block *out)
{
    int64_t count = wd_avro_long(&w->c), size = wd_avro_long(&w->c);
    *out = (struct block){(uint64_t)count, (uint64_t)size, w->c.off};
    if (count < 0 || size < 0 || out->size > wd_cursor_left(&w->c))
        wd_avro_fail(&w->c, "a block is longer than what is there");
    return !w->c.fault;
}

static void check_sync(struct wd_avro_walk *w, const struct head *head)
{
    struct wd_bytes sync = wd_cursor_take(&w->c, SYNC);
    if (!w->c.fault && !wd_bytes_eq(sync, head->sync))
        wd_avro_fail(&w->c, "a block does not end with the sync marker");
}

/* Adds to the root what has been read since `from`; its place on the tape may have moved. */
static void keep_syntax(struct wd_avro_walk *w, size_t from)
{
    w->tape->fields[0].syntax_len += (uint32_t)(w->c.off - from);
    w->paid = w->c.off;
}

static void walk_records(struct wd_avro_walk *w, const struct wd_avro_type *item, const struct block *block)
{
    uint32_t path = wd_avro_entry_path(w, WD_PATH_ROOT, false);
    for (uint64_t i = 0; i < block->count && !w->c.fault; i++)
        wd_avro_walk_value(w, item, path);
    if (w->c.off - block->start != block->size)
        wd_avro_fail(&w->c, "a block is not as long as it says");
}

static void walk_compressed(struct wd_avro_walk *w, const struct block *block)
{
    struct wd_field *root = &w->tape->fields[0];
    wd_cursor_skip(&w->c, block->size);
    if (!root->value_len)
        root->value_off = root->text_off = (uint32_t)block->start;
    root->value_len += (uint32_t)block->size;
    root->text_len = root->value_len;
    w->paid = w->c.off;
}

static void walk_blocks(struct wd_avro_walk *w, const struct wd_avro_type *item, const struct head *head)
{
    bool is_plain = !head->codec.len || wd_bytes_is(head->codec, "null");
    struct block block;
    while (!w->c.fault && wd_cursor_left(&w->c)) {
        size_t start = w->c.off;
        if (!read_block(w, &block))
            return;
        keep_syntax(w, start);
        if (is_plain)
            walk_records(w, item, &block);
        else
            walk_compressed(w, &block);
        start = w->c.off;
        check_sync(w, head);
        if (!w->c.fault)
            keep_syntax(w, start);
    }
}

void wd_avro_walk_file(struct wd_avro_walk *w, const struct wd_avro_type *item)
{
    struct head head = {.codec = wd_bytes_of("")};
    read_head(&w->c, &head);
    if (w->c.fault)
        return;
    bool is_plain = !head.codec.len || wd_bytes_is(head.codec, "null");
    w->syntax = (uint32_t)w->c.off;
    struct wd_field *root = wd_avro_emit(w, WD_PATH_ROOT, is_plain ? WD_TYPE_ARRAY : WD_TYPE_BYTES, w->c.off);
    root->flags |= is_plain ? 0 : WD_FIELD_OPAQUE;
    w->tape->schema_name = wd_avro_record_name(item);
    w->depth = is_plain; /* the records are inside */
    walk_blocks(w, item, &head);
    root = &w->tape->fields[0];
    if (!w->c.fault && is_plain)
        root->close_off = (uint32_t)w->c.off;
    if (!w->c.fault && w->tape->count == 1 && !root->value_len)
        root->flags |= WD_FIELD_EMPTY;
}
