/* Any descriptor set that protobuf-c unpacks gives layouts or a clean error: fields are in the order of their
 * numbers, each message is found by its name, and whatever is walked by them tiles. */
#include <stdlib.h>

#include "field/codec.h"
#include "fuzz.h"
#include "schema/descriptor.pb-c.h"
#include "schema/proto_layout.h"

/* Messages inside messages are the only way in which a descriptor set can be deep; unpacking recurses. */
#define INSIDE(number_, message_)                                                                            \
    {                                                                                                        \
        .number = number_, .kind = WD_PROTO_MESSAGE, .is_repeated = true, .oneof = -1, .message = message_   \
    }
static const struct wd_proto_message deep;
static const struct wd_proto_field of_deep[] = {INSIDE(3, &deep)};
static const struct wd_proto_message deep = {.fields = of_deep, .field_count = 1, .envelope = -1};
static const struct wd_proto_field of_file[] = {INSIDE(4, &deep)};
static const struct wd_proto_message file = {.fields = of_file, .field_count = 1, .envelope = -1};
static const struct wd_proto_field of_set[] = {INSIDE(1, &file)};
static const struct wd_proto_message set_message = {.fields = of_set, .field_count = 1, .envelope = -1};

static struct wd_tape tape;

static const char *walk(struct wd_bytes body, const struct wd_proto_message *message, uint64_t depth)
{
    struct wd_limits limits = wd_limits_default();
    struct wd_layout layout = {.proto = message};
    limits.depth = depth;
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    wd_codec_protobuf.walk(body, &layout, paths, &limits, &tape);
    wd_paths_close(paths);
    if (wd_tape_bytes(&tape) != body.len)
        abort();
    return tape.fault;
}

static void check_message(const struct wd_proto_layouts *layouts, const struct wd_proto_message *m,
                          struct wd_bytes body)
{
    if (wd_proto_layouts_find(layouts, m->name) != m && m->name.len && m->name.at[0] != '.')
        abort();
    for (size_t i = 0; i < m->field_count; i++) {
        const struct wd_proto_field *f = &m->fields[i];
        bool has_message = f->kind == WD_PROTO_MESSAGE || f->kind == WD_PROTO_GROUP;
        if ((i && f->number <= m->fields[i - 1].number) || has_message != (f->message != NULL))
            abort();
    }
    walk(body, m, 512);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wd_bytes body = wd_bytes_at(data, size);
    const char *fault = walk(body, &set_message, 64);
    if (fault && strcmp(fault, "nested too deeply") == 0)
        return 0;
    Google__Protobuf__FileDescriptorSet *set =
        google__protobuf__file_descriptor_set__unpack(NULL, size, data);
    if (!set)
        return 0;
    struct wd_arena *arena = wd_arena_open();
    struct wd_proto_layouts layouts;
    struct wd_err err = {0};
    if (wd_proto_layouts(set, "x.pb", arena, &layouts, &err) == WD_OK)
        for (size_t i = 0; i < layouts.count && i < 16; i++)
            check_message(&layouts, layouts.at[i], body);
    else if (!err.text[0])
        abort();
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
    wd_arena_close(arena);
    return 0;
}
