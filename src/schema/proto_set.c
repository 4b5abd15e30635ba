/* A descriptor set is itself a Protobuf message, and was written by a stranger:
 *
 *     0a LEN  file                    FileDescriptorSet.file
 *             0a LEN  name
 *             22 LEN  message_type    DescriptorProto, which may hold others
 *                     0a LEN  name
 *                     12 LEN  field ...
 *
 * protobuf-c unpacks by calling itself for each level, allocates as it goes, and copies what was there when a
 * single member comes again. So the bytes are walked first, by protobuf-c's own tables and with a stack of
 * ours: depth, the memory that it will take, and members that come twice are known before it is asked.
 */
#include "schema/proto.h"

#include <inttypes.h>

#include "base/cursor.h"

enum { WIRE_VARINT, WIRE_64, WIRE_LEN, WIRE_GROUP, WIRE_END, WIRE_32 };
/* What each thing costs beside its own bytes: a pointer, and what the arena rounds up. */
enum { OVERHEAD = 32 };

struct level {
    const ProtobufCMessageDescriptor *type;
    size_t end;
    uint64_t seen;               /* bits of single members, by their place in the table */
};

struct walk {
    const char *name;
    const struct wd_limits *limits;
    struct wd_err *err;
    struct wd_cursor cursor;
    struct level *stack;
    size_t depth, cap;
    uint64_t memory;
};

static int fail_at(struct walk *w, size_t off, const char *what, const char *remedy)
{
    struct wd_place place = { .file = w->name, .offset = off, .has_offset = true };
    return wd_fail(w->err, WD_EPARSE, place, "no descriptor set that can be read: %s; %s", what, remedy);
}

static int fail_cut(struct walk *w, size_t off)
{
    return fail_at(w, off, "it is cut short, or something else",
                   "expected what protoc -o or buf build -o writes");
}

static uint64_t varint(struct wd_cursor *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = wd_cursor_u8(c);
        value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80)
            return value;
    }
    c->fault = "a number of more than ten bytes";
    return 0;
}

static int spend(struct walk *w, size_t off, uint64_t bytes)
{
    w->memory += bytes;
    if (w->memory <= w->limits->document * 16)
        return WD_OK;
    return fail_at(w, off, "it holds more than 16 times the limit 'document'",
                   "raise it with --limit document=...");
}

static int push(struct walk *w, size_t off, const ProtobufCMessageDescriptor *type, size_t end)
{
    if (w->depth >= w->limits->schema_depth)
        return fail_at(w, off, "it is nested too deep", "raise it with --limit schema-depth=...");
    WD_GROW(w->stack, w->depth, w->cap);
    w->stack[w->depth++] = (struct level){ .type = type, .end = end };
    return spend(w, off, type->sizeof_message + OVERHEAD);
}

/* protoc writes it once; again and again would be copied again and again. */
static int note_single(struct walk *w, size_t off, const ProtobufCFieldDescriptor *field)
{
    struct level *top = &w->stack[w->depth - 1];
    uint64_t bit = UINT64_C(1) << (field - top->type->fields);
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return WD_OK;
    if (top->seen & bit)
        return fail_at(w, off, "a single member comes twice", "write it anew with protoc or buf");
    top->seen |= bit;
    return WD_OK;
}

static int take_delimited(struct walk *w, size_t off, const ProtobufCFieldDescriptor *field)
{
    uint64_t len = varint(&w->cursor);
    size_t start = w->cursor.off, limit = w->stack[w->depth - 1].end;
    if (w->cursor.fault || start > limit || len > limit - start)
        return fail_cut(w, off);
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
        return push(w, off, field->descriptor, start + (size_t)len);
    wd_cursor_skip(&w->cursor, len);
    bool is_packed = field && field->label == PROTOBUF_C_LABEL_REPEATED &&
                     field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_BYTES;
    return spend(w, off, OVERHEAD + (is_packed ? sizeof(uint64_t) : 1) * len);
}

static int take_member(struct walk *w)
{
    size_t off = w->cursor.off;
    uint64_t tag = varint(&w->cursor);
    uint64_t number = tag >> 3;
    if (w->cursor.fault || !number || number > 0x1fffffff)
        return fail_cut(w, off);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(w->stack[w->depth - 1].type, (unsigned)number);
    if (field)
        TRY(note_single(w, off, field));
    switch (tag & 7) {
    case WIRE_VARINT: varint(&w->cursor); break;
    case WIRE_64: wd_cursor_skip(&w->cursor, 8); break;
    case WIRE_32: wd_cursor_skip(&w->cursor, 4); break;
    case WIRE_LEN: return take_delimited(w, off, field);
    default: return fail_cut(w, off);
    }
    if (w->cursor.fault || w->cursor.off > w->stack[w->depth - 1].end)
        return fail_cut(w, off);
    return spend(w, off, OVERHEAD);
}

static int walk_all(struct walk *w)
{
    TRY(push(w, 0, &google__protobuf__file_descriptor_set__descriptor, w->cursor.len));
    while (w->depth) {
        if (w->cursor.off == w->stack[w->depth - 1].end)
            w->depth--;
        else
            TRY(take_member(w));
    }
    return WD_OK;
}

static void *allocate(void *arena, size_t size)
{
    return wd_arena_alloc(arena, size);
}

static void leave(void *arena, void *at)
{
    (void)arena;
    (void)at;
}

int wd_proto_unpack(const char *name, struct wd_bytes bytes, const struct wd_limits *limits,
                    struct wd_arena *arena, const Google__Protobuf__FileDescriptorSet **out,
                    struct wd_err *err)
{
    struct walk w = { .name = name, .limits = limits, .err = err, .cursor = wd_cursor_of(bytes) };
    ProtobufCAllocator allocator = { allocate, leave, arena };
    if (bytes.len > limits->document * 4)
        return fail_at(&w, 0, "it is larger than 4 times the limit 'document'",
                       "raise it with --limit document=...");
    int rc = walk_all(&w);
    wd_free(w.stack);
    TRY(rc);
    *out = google__protobuf__file_descriptor_set__unpack(&allocator, bytes.len, bytes.at);
    return *out ? WD_OK : fail_cut(&w, 0);
}
