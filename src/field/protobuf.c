/* field/protobuf.c - Protocol Buffers, by a layout where a schema gave one, else by number.
 *
 *     08 96 01        12 03 61 62 63        1a 03 01 02 03        22 07 0a 01 6b 12 02 68 69
 *     |  |            |     |               |     |  |  |         |                    |
 *     |  value        |     value           |     three values    |                    value
 *     key: tag        key: tag, length      key     (packed)      key of a map entry: tag and length, the
 *                                                                 key's record, tag and length of the value
 *
 * A message inside is a container: tag and length are its key, its content belongs to its fields. A group is
 * one too; the tag that ends it is its syntax. A packed record has one key, at its first element; one without
 * elements is a key without a value. What of a map entry is not its value is key, in whatever order it
 * stands; an entry without a value has the default. A field that the layout does not have, or has with
 * another wire type, is read by what the wire says, as protobuf_guess.c explains; so is everything without a
 * layout. A number that stands twice in one message is an array from then on. Of strings that are not UTF-8
 * the type is bytes.
 */
#include <stdio.h>

#include "base/escape.h"
#include "field/codec.h"
#include "field/guess.h"
#include "field/protobuf_wire.h"
#include "field/text.h"

enum { NO_FIELD = UINT32_MAX, EARLY = 16 };

struct level {
    const struct wd_proto_message *message; /* NULL: fields go by number */
    uint32_t path;
    uint32_t child;            /* node of the last member, WD_PATH_NONE at first */
    uint32_t start, end;       /* of its content; of a group the end of what is around it */
    uint32_t group;            /* number of the group that ends it, 0: none */
    uint32_t field;            /* on the tape; of a map entry its last value, NO_FIELD before */
    uint32_t key_off, key_len; /* of a map entry: what waits for a value */
    bool is_entry;
    bool has_repeats;
    struct wd_wire_repeats repeats;
};

struct walk {
    const uint8_t *body;
    struct wd_paths *paths;
    struct wd_path *nodes;
    struct wd_path_note *notes;
    struct wd_tape *tape;
    uint32_t off;
    uint32_t height;           /* levels */
    uint32_t depth, max_depth; /* containers: a map entry is none */
    struct level stack[2 * WD_DEPTH_MAX + 2];
};

/* --- values --- */

static const uint8_t wire_of[] = {
    [WD_PROTO_DOUBLE] = WD_WIRE_I64,    [WD_PROTO_FLOAT] = WD_WIRE_I32,
    [WD_PROTO_INT64] = WD_WIRE_VARINT,  [WD_PROTO_UINT64] = WD_WIRE_VARINT,
    [WD_PROTO_INT32] = WD_WIRE_VARINT,  [WD_PROTO_FIXED64] = WD_WIRE_I64,
    [WD_PROTO_FIXED32] = WD_WIRE_I32,   [WD_PROTO_BOOL] = WD_WIRE_VARINT,
    [WD_PROTO_STRING] = WD_WIRE_LEN,    [WD_PROTO_GROUP] = WD_WIRE_START,
    [WD_PROTO_MESSAGE] = WD_WIRE_LEN,   [WD_PROTO_BYTES] = WD_WIRE_LEN,
    [WD_PROTO_UINT32] = WD_WIRE_VARINT, [WD_PROTO_ENUM] = WD_WIRE_VARINT,
    [WD_PROTO_SFIXED32] = WD_WIRE_I32,  [WD_PROTO_SFIXED64] = WD_WIRE_I64,
    [WD_PROTO_SINT32] = WD_WIRE_VARINT, [WD_PROTO_SINT64] = WD_WIRE_VARINT,
};

static void keep_signed(struct wd_field *f, int64_t value)
{
    wd_field_keep_integer(f, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

static int64_t zigzag(uint64_t bits)
{
    return (int64_t)(bits >> 1 ^ (0 - (bits & 1)));
}

/* The bits beyond those of the type are lost, as readers lose them. */
static void keep_number(struct wd_field *f, uint8_t kind, const struct wd_record *r)
{
    switch ((enum wd_proto_kind)kind) {
    case WD_PROTO_DOUBLE:
    case WD_PROTO_FLOAT:
        wd_field_keep_double(f, wd_wire_double(r));
        break;
    case WD_PROTO_INT64:
    case WD_PROTO_SFIXED64:
        keep_signed(f, (int64_t)r->bits);
        break;
    case WD_PROTO_INT32:
    case WD_PROTO_ENUM:
    case WD_PROTO_SFIXED32:
        keep_signed(f, (int32_t)r->bits);
        break;
    case WD_PROTO_SINT32:
        keep_signed(f, zigzag((uint32_t)r->bits));
        break;
    case WD_PROTO_SINT64:
        keep_signed(f, zigzag(r->bits));
        break;
    case WD_PROTO_UINT32:
        wd_field_keep_integer(f, (uint32_t)r->bits, false);
        break;
    case WD_PROTO_BOOL:
        f->type = WD_TYPE_BOOLEAN;
        f->flags = WD_FIELD_BINARY;
        f->mantissa = r->bits != 0;
        break;
    default:
        wd_field_keep_integer(f, r->bits, false);
    }
}

static void keep_content(struct wd_field *f, uint8_t type)
{
    f->type = type;
    f->flags = (uint8_t)(WD_FIELD_BINARY | (f->value_len ? 0 : WD_FIELD_EMPTY));
    f->text_off = f->value_off;
    f->text_len = f->value_len;
}

static void keep_scalar(const struct walk *w, struct wd_field *f, uint8_t kind, const struct wd_record *r)
{
    if (kind == WD_PROTO_BYTES)
        keep_content(f, WD_TYPE_BYTES);
    else if (kind == WD_PROTO_STRING)
        keep_content(f, wd_utf8_valid(wd_bytes_at(w->body + f->value_off, f->value_len)) ? WD_TYPE_STRING
                                                                                         : WD_TYPE_BYTES);
    else
        keep_number(f, kind, r);
}

/* The entry of a record at `path`: what is before its content is key. */
WD_HOT struct wd_field *emit(struct walk *w, uint32_t path, const struct wd_record *r)
{
    struct wd_field *f = wd_tape_push(w->tape);
    f->path = path;
    f->flags = 0;
    f->depth = (uint16_t)w->depth;
    f->key_off = r->off;
    f->key_len = r->content_off - r->off;
    f->value_off = r->content_off;
    f->value_len = r->content_len;
    f->syntax_len = f->space_len = f->close_off = 0;
    f->exponent = 0;
    return f;
}

/* --- containers --- */

/* A message or group whose content starts where the record's does. */
static const char *open_message(struct walk *w, const struct wd_proto_message *message, uint32_t path,
                                const struct wd_record *r)
{
    if (w->depth >= w->max_depth)
        return "nested too deeply";
    struct wd_field *f = emit(w, path, r);
    f->type = WD_TYPE_OBJECT;
    f->flags = WD_FIELD_BINARY;
    f->value_len = 0;
    bool is_group = r->wire == WD_WIRE_START;
    uint32_t end = is_group ? w->stack[w->height - 1].end : r->content_off + r->content_len;
    w->stack[w->height++] = (struct level){
        .message = message,
        .path = path,
        .child = WD_PATH_NONE,
        .start = r->content_off,
        .end = end,
        .group = is_group ? r->number : 0,
        .field = w->tape->count - 1,
    };
    w->depth++;
    w->off = r->content_off;
    return NULL;
}

static void close_message(struct walk *w)
{
    const struct level *level = &w->stack[--w->height];
    struct wd_field *f = &w->tape->fields[level->field];
    w->depth--;
    f->close_off = w->off;
    if (level->field + 1 == w->tape->count)
        f->flags |= WD_FIELD_EMPTY;
}

static const char *end_group(struct walk *w, const struct level *level, const struct wd_record *r)
{
    if (level->group != r->number)
        return level->group ? "the end of another group" : "the end of a group that did not begin";
    w->tape->fields[level->field].syntax_len = r->content_off - r->off;
    w->off = r->content_off;
    close_message(w);
    return NULL;
}

/* --- paths --- */

/* Not where this tree has its nodes when some were added. */
static void reload(struct walk *w)
{
    w->notes = wd_paths_notes(w->paths);
    w->nodes = wd_paths_nodes(w->paths);
}

static __attribute__((noinline)) uint32_t look_up(struct walk *w, struct level *level, struct wd_bytes name,
                                                  uintptr_t who)
{
    uint32_t node = wd_paths_field(w->paths, level->path, name, who & 1);
    reload(w);
    if (!w->nodes[node].token || w->nodes[node].parent != level->path)
        return node; /* beyond the limits, or folded: no guess */
    w->notes[node].who = who;
    wd_guess_learn(w->paths, level->path, level->child, node);
    level->child = node;
    return node;
}

/* Among the members that were seen first: kinds of a message take turns. */
static uint32_t early_member(const struct walk *w, const struct level *level, uintptr_t who)
{
    uint32_t node = w->nodes[level->path].first;
    for (int i = 0; i < EARLY && node != WD_PATH_NONE; i++, node = w->nodes[node].next)
        if (w->notes[node].who == who)
            return node;
    return WD_PATH_NONE;
}

/* The member that stood at this place in one of the last messages, if it is the one that stands here now. */
WD_HOT uint32_t expected(const struct walk *w, const struct level *level, uintptr_t who)
{
    uint32_t child = level->child;
    if (child != WD_PATH_NONE && w->notes[child].who == who)
        return child;
    uint32_t next = child == WD_PATH_NONE ? w->nodes[level->path].guess_first : w->nodes[child].guess_next;
    if (next != WD_PATH_NONE && w->notes[next].who == who)
        return next;
    uint32_t other = child == WD_PATH_NONE ? WD_PATH_NONE : w->nodes[child].guess_other;
    return other != WD_PATH_NONE && w->notes[other].who == who ? other : early_member(w, level, who);
}

static uint32_t element_of(struct walk *w, uint32_t node)
{
    uint32_t path = wd_paths_element(w->paths, node);
    reload(w);
    return path;
}

static uint32_t map_of(struct walk *w, uint32_t node)
{
    uint32_t path = wd_paths_map(w->paths, node);
    reload(w);
    return path;
}

WD_HOT uint32_t field_path(struct walk *w, struct level *level, const struct wd_proto_field *field)
{
    uint32_t node = expected(w, level, (uintptr_t)field);
    if (node == WD_PATH_NONE)
        node = look_up(w, level, field->name, (uintptr_t)field);
    else
        level->child = node;
    if (field->is_repeated) {
        uint32_t below = field->is_map ? w->nodes[node].map : w->nodes[node].element;
        if (below == WD_PATH_NONE)
            below = field->is_map ? map_of(w, node) : element_of(w, node);
        node = below;
    }
    return w->nodes[node].target;
}

static uint32_t number_path(struct walk *w, struct level *level, uint32_t number)
{
    uintptr_t who = (uintptr_t)number << 1 | 1;
    uint32_t node = expected(w, level, who);
    if (node != WD_PATH_NONE) {
        level->child = node;
        return node;
    }
    char digits[16];
    int len = snprintf(digits, sizeof digits, "%u", number);
    return look_up(w, level, wd_bytes_at(digits, (size_t)len), who);
}

/* --- what the layout does not know --- */

static void keep_unknown(struct wd_field *f, const struct wd_record *r, uint32_t *seen)
{
    bool is_float = r->wire != WD_WIRE_VARINT && wd_guess_float(r, seen);
    keep_number(f, is_float ? WD_PROTO_DOUBLE : WD_PROTO_UINT64, r);
}

static const char *unknown_field(struct walk *w, struct level *level, const struct wd_record *r)
{
    if (!level->has_repeats) {
        level->repeats = wd_wire_repeats(w->body, level->start, level->end);
        level->has_repeats = true;
    }
    uint32_t node = number_path(w, level, r->number), *seen = &w->notes[node].what;
    if (wd_wire_is_repeated(&level->repeats, r->number) && w->nodes[node].token)
        *seen |= WD_GUESS_REPEATED;
    uint32_t path = *seen & WD_GUESS_REPEATED ? element_of(w, node) : node;
    path = w->nodes[path].target;
    seen = &w->notes[node].what;
    w->off = r->content_off + r->content_len;
    w->tape->unknown++;
    if (r->wire == WD_WIRE_START)
        return open_message(w, NULL, path, r);
    if (r->wire != WD_WIRE_LEN) {
        keep_unknown(emit(w, path, r), r, seen);
        return NULL;
    }
    uint8_t type = wd_guess_content(wd_bytes_at(w->body + r->content_off, r->content_len), seen);
    if (type == WD_TYPE_OBJECT)
        return open_message(w, NULL, path, r);
    keep_content(emit(w, path, r), type);
    return NULL;
}

/* --- what it knows --- */

WD_HOT const struct wd_proto_field *field_numbered(const struct wd_proto_message *m, uint32_t number)
{
    if (number - 1 < m->field_count &&
        m->fields[number - 1].number == number) /* most count from 1 without a gap */
        return &m->fields[number - 1];
    size_t low = 0, high = m->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->fields[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->field_count && m->fields[low].number == number ? &m->fields[low] : NULL;
}

static bool can_be_packed(const struct wd_proto_field *field)
{
    return field->is_repeated && wire_of[field->kind] != WD_WIRE_LEN && wire_of[field->kind] != WD_WIRE_START;
}

/* The element of a packed record at e->content_off; false: it breaks off. */
WD_HOT bool read_element(const struct walk *w, uint32_t end, struct wd_record *e)
{
    uint32_t left = end - e->content_off;
    if (e->wire == WD_WIRE_VARINT)
        return (e->content_len = wd_wire_varint(w->body, e->content_off, end, &e->bits)) > 0;
    if (left < e->content_len)
        return false;
    e->bits = wd_wire_fixed(w->body + e->content_off, e->content_len);
    return true;
}

/* The first element has the key; one that is empty has a key and no value. */
static const char *packed(struct walk *w, const struct wd_proto_field *field, uint32_t path,
                          const struct wd_record *r)
{
    uint32_t end = r->content_off + r->content_len;
    struct wd_record e = {.off = r->off, .content_off = r->content_off, .wire = wire_of[field->kind]};
    if (!r->content_len)
        keep_number(emit(w, path, &e), field->kind, &e);
    e.content_len = e.wire == WD_WIRE_I64 ? 8 : 4;
    while (e.content_off < end) {
        if (!read_element(w, end, &e))
            return w->off = e.content_off, "a packed record that breaks off";
        if (wd_tape_is_full(w->tape))
            return w->off = e.content_off, WD_TAPE_FULL;
        keep_number(emit(w, path, &e), field->kind, &e);
        e.off = e.content_off += e.content_len;
    }
    w->off = end;
    return NULL;
}

/* A value without content: what an entry without one stands for. */
static void keep_default(struct walk *w, struct level *entry)
{
    const struct wd_proto_field *value = &entry->message->fields[1];
    struct wd_record none = {
        .off = entry->key_off, .content_off = entry->key_off + entry->key_len, .wire = wire_of[value->kind]};
    struct wd_field *f = emit(w, entry->path, &none);
    if (value->message) {
        f->type = WD_TYPE_OBJECT;
        f->flags = WD_FIELD_BINARY;
        f->close_off = f->value_off;
    } else {
        keep_scalar(w, f, value->kind, &none);
    }
    f->flags |= WD_FIELD_EMPTY;
}

/* What stands behind the value is key too; only its compressed bits go to whatever follows (field/cost.c). */
static void close_entry(struct walk *w)
{
    struct level *entry = &w->stack[--w->height];
    if (entry->field == NO_FIELD)
        keep_default(w, entry);
    else
        w->tape->fields[entry->field].key_len += entry->key_len;
}

static void open_entry(struct walk *w, const struct wd_proto_field *field, uint32_t path,
                       const struct wd_record *r)
{
    w->stack[w->height++] = (struct level){
        .message = field->message,
        .path = path,
        .child = WD_PATH_NONE,
        .start = r->content_off,
        .end = r->content_off + r->content_len,
        .field = NO_FIELD,
        .key_off = r->off,
        .key_len = r->content_off - r->off,
        .is_entry = true,
    };
    w->off = r->content_off;
}

/* Behind the group that the record starts; nothing of it is kept. */
static const char *skip_group(struct walk *w, uint32_t end, struct wd_record *r)
{
    uint32_t open[WD_DEPTH_MAX], depth = 0, off = r->off;
    do {
        if (r->wire == WD_WIRE_START && depth >= w->max_depth)
            return "nested too deeply";
        if (r->wire == WD_WIRE_START)
            open[depth++] = r->number;
        else if (r->wire == WD_WIRE_END && open[--depth] != r->number)
            return "the end of another group";
        w->off = r->off = r->content_off + r->content_len;
        const char *fault = depth ? wd_wire_record(w->body, end, r) : NULL;
        if (fault)
            return fault;
    } while (depth);
    r->content_len = r->off - r->content_off;
    r->off = off;
    return NULL;
}

/* A record inside a map entry: the value, or one that waits for it. */
static const char *entry_record(struct walk *w, struct level *entry, struct wd_record *r)
{
    const struct wd_proto_field *value = &entry->message->fields[1];
    bool is_value = r->number == 2 && r->wire == wire_of[value->kind];
    if (r->wire == WD_WIRE_END)
        return "the end of a group that did not begin";
    if (!is_value && r->wire == WD_WIRE_START) {
        const char *fault = skip_group(w, entry->end, r);
        if (fault)
            return fault;
    }
    uint32_t end = r->content_off + r->content_len;
    if (entry->key_len == 0)
        entry->key_off = r->off;
    entry->key_len += (is_value ? r->content_off : end) - r->off;
    w->off = end;
    if (!is_value)
        return NULL;
    r->off = r->content_off - entry->key_len;
    entry->key_len = 0;
    entry->field = w->tape->count;
    if (value->message)
        return open_message(w, value->message, entry->path, r);
    keep_scalar(w, emit(w, entry->path, r), value->kind, r);
    return NULL;
}

WD_HOT const char *known_field(struct walk *w, struct level *level, const struct wd_proto_field *field,
                               const struct wd_record *r)
{
    uint32_t path = field_path(w, level, field);
    if (w->height == 1 && field->oneof >= 0 && field->oneof == level->message->envelope)
        w->tape->variant = path;
    if (r->wire != wire_of[field->kind])
        return packed(w, field, path, r);
    if (field->is_map)
        return open_entry(w, field, path, r), NULL;
    if (field->message)
        return open_message(w, field->message, path, r);
    keep_scalar(w, emit(w, path, r), field->kind, r);
    w->off = r->content_off + r->content_len;
    return NULL;
}

/* --- the loop --- */

WD_HOT const char *record(struct walk *w, struct level *level, struct wd_record *r)
{
    if (level->is_entry)
        return entry_record(w, level, r);
    if (r->wire == WD_WIRE_END)
        return end_group(w, level, r);
    const struct wd_proto_field *field = level->message ? field_numbered(level->message, r->number) : NULL;
    bool is_as_declared =
        field && (r->wire == wire_of[field->kind] || (r->wire == WD_WIRE_LEN && can_be_packed(field)));
    return is_as_declared ? known_field(w, level, field, r) : unknown_field(w, level, r);
}

static const char *walk_records(struct walk *w)
{
    while (w->height) {
        struct level *level = &w->stack[w->height - 1];
        struct wd_record r = {.off = w->off};
        if (wd_tape_is_full(w->tape))
            return WD_TAPE_FULL;
        if (w->off < level->end) {
            const char *fault = wd_wire_record(w->body, level->end, &r);
            fault = fault ? fault : record(w, level, &r);
            if (fault)
                return fault;
        } else if (level->group) {
            return "ends inside a group";
        } else if (level->is_entry) {
            close_entry(w);
        } else {
            close_message(w);
        }
    }
    return NULL;
}

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    struct walk w; /* the stack is not cleared: only levels below `height` are read */
    const struct wd_proto_message *message = layout ? layout->proto : NULL;
    const struct wd_record root = {.content_len = (uint32_t)body.len, .wire = WD_WIRE_LEN};
    w.body = body.at;
    w.paths = paths;
    w.tape = tape;
    w.height = w.depth = w.off = 0;
    w.max_depth = limits->depth < WD_DEPTH_MAX ? (uint32_t)limits->depth : WD_DEPTH_MAX;
    reload(&w);
    wd_tape_reset(tape);
    wd_tape_bound(tape, limits);
    if (message)
        tape->schema_name = wd_bytes_unqualified(message->name);
    const char *fault = open_message(&w, message, WD_PATH_ROOT, &root);
    fault = fault ? fault : walk_records(&w);
    if (fault)
        wd_tape_fail(tape, body, w.off, fault);
}

static bool reads(const struct wd_layout *layout)
{
    return layout->proto;
}

static const char *const media_types[] = {
    "application/grpc", "application/grpc+proto", "application/protobuf", "application/x-protobuf",
    "application/vnd.google.protobuf", "+protobuf", NULL,
};
const struct wd_codec wd_codec_protobuf = {
    .name = "protobuf",
    .media_types = media_types,
    .is_binary = true,
    .bid = wd_guess_bid,
    .reads = reads,
    .keeps = wd_guess_keeps,
    .walk = walk,
};
