/* field/avro.c - Avro's binary encoding (Apache Avro 1.11, Binary Encoding): nothing but values, in the order
 * of the schema, which comes as a layout.
 *
 *     record { symbol: string, price: [null, double], tags: array of string, last: map of long }
 *
 *     06 B T C     02 9a 99 99 99 99 99 f1 3f     02 06 n e w 00     02 04 b n 54 00
 *     |            |  |                           |  |        |      |  |      |  end of the map: its syntax
 *     symbol       |  price                       |  tags[]   |      |  |      last{}
 *                  branch: syntax of price        |           |      |  key of last{}
 *                                                 count: syntax of tags, and so is its end
 *
 * Scalars are encoded with their length, all of it value. Records and their fields' names have no bytes; the
 * keys of maps have. Blocks after the first, their count and size, are syntax of the element behind them. An
 * enum is a number on the wire and reported as the string that it stands for; bytes, fixed and what logical
 * types make of them (decimal, duration) are bytes; dates and times are integers.
 *
 * In front of the value may stand how to find its schema, syntax of the root:
 *
 *     c3 01 | fingerprint, 8 bytes, least significant first       single-object encoding
 *     00    | number in a registry, 4 bytes                       as Confluent's clients write it
 *
 * Nothing tells the second from a value that begins with a zero: it is meant where the body cannot be read to
 * the last byte without it.
 */
#include "field/avro.h"

#include "base/escape.h"
#include "field/avro_read.h"
#include "field/guess.h"
#include "field/text.h"

enum { OBJECT_HEAD = 10, REGISTRY_HEAD = 5 };

/* --- numbers and lengths --- */

int64_t wd_avro_long_rest(struct wd_cursor *c)
{
    uint64_t bits = 0;
    size_t off = c->off;
    for (unsigned shift = 0; shift < 70 && !c->fault; shift += 7) {
        uint8_t b = wd_cursor_u8(c);
        bits |= (uint64_t)(b & 0x7f) << shift;
        if (shift == 63 && b > 1)
            break;
        if (!(b & 0x80) && !c->fault)
            return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
    }
    c->off = off;
    wd_avro_fail(c, "a number of more than 64 bits");
    return 0;
}

struct wd_bytes wd_avro_take(struct wd_cursor *c)
{
    int64_t len = wd_avro_long(c);
    if (len < 0)
        wd_avro_fail(c, "a length below zero");
    return wd_cursor_take(c, (uint64_t)len);
}

/* --- scalars --- */

static void read_null(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    (void)type;
    wd_avro_emit(w, path, WD_TYPE_NULL, w->c.off)->flags |= WD_FIELD_EMPTY;
}

static void read_boolean(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    uint8_t b = wd_cursor_u8(&w->c);
    (void)type;
    if (b > 1)
        wd_avro_fail(&w->c, "a boolean is 0 or 1");
    if (!w->c.fault)
        wd_avro_emit(w, path, WD_TYPE_BOOLEAN, start)->mantissa = b;
}

static void read_integer(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    int64_t n = wd_avro_long(&w->c);
    if (type->kind == WD_AVRO_INT && n != (int32_t)n) {
        w->c.off = start;
        wd_avro_fail(&w->c, "an int of more than 32 bits");
    }
    if (!w->c.fault)
        wd_field_keep_integer(wd_avro_emit(w, path, WD_TYPE_INTEGER, start),
                              n < 0 ? -(uint64_t)n : (uint64_t)n, n < 0);
}

static void read_float(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    uint32_t bits = wd_cursor_le32(&w->c);
    float value;
    (void)type;
    memcpy(&value, &bits, sizeof value);
    if (!w->c.fault)
        wd_field_keep_double(wd_avro_emit(w, path, WD_TYPE_NUMBER, start), (double)value);
}

static void read_double(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    uint64_t bits = wd_cursor_le32(&w->c);
    double value;
    (void)type;
    bits |= (uint64_t)wd_cursor_le32(&w->c) << 32;
    memcpy(&value, &bits, sizeof value);
    if (!w->c.fault)
        wd_field_keep_double(wd_avro_emit(w, path, WD_TYPE_NUMBER, start), value);
}

static void keep_text(struct wd_avro_walk *w, uint32_t path, uint8_t type, size_t start, struct wd_bytes text)
{
    struct wd_field *f = wd_avro_emit(w, path, type, start);
    f->text_off = (uint32_t)(text.at - w->c.at);
    f->text_len = (uint32_t)text.len;
    if (!f->value_len)
        f->flags |= WD_FIELD_EMPTY; /* a fixed of no bytes */
}

static void read_text(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    bool is_string = type->kind == WD_AVRO_STRING;
    struct wd_bytes text = wd_avro_take(&w->c);
    if (is_string && !w->c.fault && !wd_utf8_valid(text))
        wd_avro_fail(&w->c, "a string that is not UTF-8");
    if (!w->c.fault)
        keep_text(w, path, is_string ? WD_TYPE_STRING : WD_TYPE_BYTES, start, text);
}

static void read_fixed(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    struct wd_bytes text = wd_cursor_take(&w->c, type->size);
    if (!w->c.fault)
        keep_text(w, path, WD_TYPE_BYTES, start, text);
}

static void read_enum(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    size_t start = w->c.off;
    int64_t n = wd_avro_long(&w->c);
    if (n < 0 || (uint64_t)n >= type->count)
        wd_avro_fail(&w->c, "an enum has no symbol of that number");
    if (w->c.fault)
        return;
    struct wd_field *f = wd_avro_emit(w, path, WD_TYPE_STRING, start);
    f->flags |= WD_FIELD_SYMBOL;
    f->symbol = &type->symbols[n];
}

/* --- containers --- */

/* The count of a block, 0 at the end; one below zero has the block's size in bytes behind it. */
static void read_block(struct wd_avro_walk *w, struct wd_avro_level *level)
{
    size_t start = w->c.off;
    int64_t count = wd_avro_long(&w->c), size = count < 0 ? wd_avro_long(&w->c) : 0;
    if (size < 0 || (uint64_t)size > wd_cursor_left(&w->c))
        wd_avro_fail(&w->c, "a block is longer than what is there");
    level->left = count < 0 ? -(uint64_t)count : (uint64_t)count;
    level->block_end = count < 0 ? w->c.off + (uint64_t)size : 0;
    w->syntax += (uint32_t)(w->c.off - start);
}

static void close_level(struct wd_avro_walk *w)
{
    const struct wd_avro_level *level = &w->stack[--w->depth];
    struct wd_field *f = &w->tape->fields[level->field];
    f->syntax_len += w->syntax;
    w->syntax = 0;
    f->close_off = (uint32_t)w->c.off;
    if (level->field + 1 == w->tape->count)
        f->flags |= WD_FIELD_EMPTY;
    w->paid = w->c.off;
}

static void open_level(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    struct wd_avro_level level = {
        .type = type, .field = w->tape->count, .path = path, .child_path = WD_PATH_NONE};
    bool is_record = type->kind == WD_AVRO_RECORD;
    if (w->depth >= w->max_depth)
        wd_avro_fail(&w->c, "nested too deeply");
    if (!is_record)
        read_block(w, &level);
    if (w->c.fault)
        return;
    wd_avro_emit(w, path, type->kind == WD_AVRO_ARRAY ? WD_TYPE_ARRAY : WD_TYPE_OBJECT, w->c.off);
    w->stack[w->depth++] = level;
    if (!is_record && !level.left)
        close_level(w);
}

/* --- members --- */

/* The field that did not come here the last time. */
static __attribute__((noinline)) uint32_t look_up(struct wd_avro_walk *w, struct wd_avro_level *level,
                                                  const struct wd_avro_field *field)
{
    uint32_t path = wd_paths_field(w->paths, level->path, field->name, false);
    wd_guess_learn(w->paths, level->path, level->child_path, path);
    w->notes = wd_paths_notes(w->paths);
    w->notes[path].who = (uintptr_t)field;
    return path;
}

/* The node of a record's field: the one that came here before, if it was for this field. */
static inline uint32_t field_path(struct wd_avro_walk *w, struct wd_avro_level *level,
                                  const struct wd_avro_field *field)
{
    const struct wd_path *nodes = wd_paths_nodes(w->paths);
    bool is_first = level->child_path == WD_PATH_NONE;
    uint32_t path = is_first ? nodes[level->path].guess_first : nodes[level->child_path].guess_next;
    if (path == WD_PATH_NONE || w->notes[path].who != (uintptr_t)field)
        path = look_up(w, level, field);
    level->child_path = path;
    return wd_paths_nodes(w->paths)[path].target;
}

uint32_t wd_avro_entry_path(struct wd_avro_walk *w, uint32_t parent, bool is_map)
{
    uint32_t path = is_map ? wd_paths_map(w->paths, parent) : wd_paths_element(w->paths, parent);
    w->notes = wd_paths_notes(w->paths); /* they move when the node is new */
    return path;
}

static uint32_t entry_path(struct wd_avro_walk *w, struct wd_avro_level *level)
{
    if (level->type->kind == WD_AVRO_MAP) {
        w->key_off = (uint32_t)w->c.off;
        struct wd_bytes key = wd_avro_take(&w->c);
        if (!w->c.fault && !wd_utf8_valid(key))
            wd_avro_fail(&w->c, "a key that is not UTF-8");
        w->key_len = (uint32_t)(w->c.off - w->key_off);
    }
    if (level->child_path == WD_PATH_NONE)
        level->child_path = wd_avro_entry_path(w, level->path, level->type->kind == WD_AVRO_MAP);
    return level->child_path;
}

/* The innermost container has no more entries, or another block of them. */
static bool has_entry(struct wd_avro_walk *w, struct wd_avro_level *level)
{
    if (level->left)
        return true;
    if (level->block_end && w->c.off != level->block_end)
        wd_avro_fail(&w->c, "a block is not as long as it says");
    read_block(w, level);
    return level->left > 0;
}

/* What comes next in the innermost container; NULL when it is at its end, or something does not fit. */
static const struct wd_avro_type *next_in(struct wd_avro_walk *w, uint32_t *path)
{
    struct wd_avro_level *level = &w->stack[w->depth - 1];
    const struct wd_avro_type *type = level->type;
    if (type->kind == WD_AVRO_RECORD) {
        if (level->left == type->count)
            return NULL;
        const struct wd_avro_field *field = &type->fields[level->left++];
        *path = field_path(w, level, field);
        return field->type;
    }
    if (!has_entry(w, level))
        return NULL;
    level->left--;
    *path = entry_path(w, level);
    return type->branches[0];
}

/* --- values --- */

static const struct wd_avro_type *read_branch(struct wd_avro_walk *w, const struct wd_avro_type *type)
{
    size_t start = w->c.off;
    int64_t n = wd_avro_long(&w->c);
    if (n < 0 || (uint64_t)n >= type->count) {
        w->c.off = start;
        wd_avro_fail(&w->c, "a union has no branch of that number");
        return type;
    }
    w->syntax += (uint32_t)(w->c.off - start);
    return type->branches[n];
}

static void (*const readers[])(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path) = {
    [WD_AVRO_NULL] = read_null,    [WD_AVRO_BOOLEAN] = read_boolean, [WD_AVRO_INT] = read_integer,
    [WD_AVRO_LONG] = read_integer, [WD_AVRO_FLOAT] = read_float,     [WD_AVRO_DOUBLE] = read_double,
    [WD_AVRO_BYTES] = read_text,   [WD_AVRO_STRING] = read_text,     [WD_AVRO_RECORD] = open_level,
    [WD_AVRO_ENUM] = read_enum,    [WD_AVRO_ARRAY] = open_level,     [WD_AVRO_MAP] = open_level,
    [WD_AVRO_FIXED] = read_fixed,
};

static void read_value(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    if (type->kind == WD_AVRO_UNION)
        type = read_branch(w, type);
    if (!w->c.fault)
        readers[type->kind](w, type, path);
}

static bool is_room(struct wd_avro_walk *w)
{
    if (wd_tape_is_full(w->tape))
        wd_avro_fail(&w->c, WD_TAPE_FULL);
    return !w->c.fault;
}

void wd_avro_walk_value(struct wd_avro_walk *w, const struct wd_avro_type *type, uint32_t path)
{
    uint32_t around = w->depth;
    if (!is_room(w))
        return;
    read_value(w, type, path);
    while (w->depth > around && !w->c.fault && is_room(w)) {
        type = next_in(w, &path);
        if (w->c.fault)
            return;
        if (type)
            read_value(w, type, path);
        else
            close_level(w);
    }
}

/* --- bodies --- */

bool wd_avro_object_fingerprint(struct wd_bytes body, uint64_t *out)
{
    struct wd_cursor c = wd_cursor_of(body);
    if (wd_cursor_be16(&c) != 0xc301)
        return false;
    uint64_t low = wd_cursor_le32(&c), high = wd_cursor_le32(&c);
    *out = high << 32 | low;
    return !c.fault;
}

struct wd_bytes wd_avro_record_name(const struct wd_avro_type *type)
{
    return type->kind == WD_AVRO_RECORD ? wd_bytes_unqualified(type->name) : wd_bytes_of("");
}

/* The record that the body is, or the branch of a union that it is. */
static const struct wd_avro_type *branch_of(struct wd_bytes body, size_t head,
                                            const struct wd_avro_type *type)
{
    struct wd_cursor c = wd_cursor_of(wd_bytes_at(body.at + head, body.len - head));
    int64_t n = type->kind == WD_AVRO_UNION ? wd_avro_long(&c) : -1;
    return n >= 0 && (uint64_t)n < type->count ? type->branches[n] : type;
}

/* The body as a value of the layout behind a head of so many bytes; false when it is none. */
static bool walk_body(struct wd_avro_walk *w, struct wd_bytes body, size_t head,
                      const struct wd_avro_type *type)
{
    wd_tape_reset(w->tape);
    w->c = wd_cursor_of(body);
    w->syntax = (uint32_t)head;
    w->key_len = w->depth = 0;
    w->spent = 0;
    w->paid = w->c.off = head;
    w->tape->schema_name = wd_avro_record_name(branch_of(body, head, type));
    wd_avro_walk_value(w, type, WD_PATH_ROOT);
    if (!w->c.fault && w->c.off < body.len)
        w->c.fault = "bytes after the end of the value";
    return !w->c.fault;
}

/* As a value, else as one behind the head of a registry, which counts from 1; when neither, as a value. */
static void walk_either(struct wd_avro_walk *w, struct wd_bytes body, const struct wd_avro_type *type)
{
    bool has_head =
        body.len >= REGISTRY_HEAD && body.at[0] == 0 && memcmp(body.at, "\0\0\0\0", REGISTRY_HEAD) != 0;
    if (!walk_body(w, body, 0, type) && has_head && !walk_body(w, body, REGISTRY_HEAD, type))
        walk_body(w, body, 0, type);
}

static void walk_object(struct wd_avro_walk *w, struct wd_bytes body, const struct wd_layout *layout)
{
    uint64_t fingerprint;
    bool is_object = wd_avro_object_fingerprint(body, &fingerprint);
    if (is_object && fingerprint == layout->fingerprint) {
        walk_body(w, body, OBJECT_HEAD, layout->avro);
        return;
    }
    walk_either(w, body, layout->avro);
    if (!is_object || !w->c.fault)
        return;
    wd_tape_reset(w->tape);
    w->c = (struct wd_cursor){.fault = "no schema that was given has its fingerprint"};
}

static void walk_opaque(struct wd_bytes body, struct wd_tape *tape)
{
    uint64_t fingerprint;
    uint32_t head = wd_avro_object_fingerprint(body, &fingerprint) ? OBJECT_HEAD : 0;
    uint32_t len = (uint32_t)body.len - head;
    *wd_tape_push(tape) = (struct wd_field){
        .path = WD_PATH_ROOT,
        .type = WD_TYPE_BYTES,
        .syntax_len = head,
        .value_off = head,
        .value_len = len,
        .flags = (uint8_t)(WD_FIELD_BINARY | WD_FIELD_OPAQUE | (len ? 0 : WD_FIELD_EMPTY)),
        .text_off = head,
        .text_len = len,
    };
}

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    struct wd_avro_walk w; /* the stack is not cleared: only levels below `depth` are read */
    wd_tape_reset(tape);
    wd_tape_bound(tape, limits);
    if (!layout || !layout->avro) {
        walk_opaque(body, tape);
        return;
    }
    w.c = wd_cursor_of(body);
    w.paths = paths;
    w.notes = wd_paths_notes(paths);
    w.tape = tape;
    w.syntax = w.key_off = w.key_len = w.depth = 0;
    w.paid = w.spent = 0;
    w.max_depth = limits->depth < WD_DEPTH_MAX ? (uint32_t)limits->depth : WD_DEPTH_MAX;
    if (wd_avro_is_file(body))
        wd_avro_walk_file(&w, layout->avro);
    else
        walk_object(&w, body, layout);
    if (w.c.fault)
        wd_tape_fail(tape, body, (uint32_t)w.c.off, w.c.fault);
}

/* Only what names its schema is known by itself. */
static int bid(struct wd_bytes body)
{
    uint64_t fingerprint;
    return wd_avro_is_file(body) ? 32 : wd_avro_object_fingerprint(body, &fingerprint) ? 16 : 0;
}

static bool keeps(struct wd_bytes body)
{
    return bid(body) > 0;
}

static bool reads(const struct wd_layout *layout)
{
    return layout->avro != NULL;
}

static const char *const media_types[] = {
    "avro/binary", "application/avro", "application/x-avro-binary", "application/vnd.apache.avro+binary",
    "application/avro-binary", NULL,
};
const struct wd_codec wd_codec_avro = {
    .name = "avro",
    .media_types = media_types,
    .is_binary = true,
    .bid = bid,
    .reads = reads,
    .keeps = keeps,
    .walk = walk,
};
