/* What the Protobuf codec makes of many messages, for protobuf.mjs: one process for all.
 *
 * usage: walk_proto SET < LINES
 *
 * SET is a descriptor set, or - for none. A line is a message's full name, a space and its bytes in hex. For each a line
 * of JSON: [[path, type, key bytes, value bytes, text in hex], ...], and the fault in the end, or "ok". All lines share one tree of
 * paths, as the messages of a channel do. */
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/file.h"
#include "field/codec.h"
#include "field/text.h"
#include "schema/descriptor.pb-c.h"
#include "schema/proto_layout.h"

static void fail(const char *what)
{
    fprintf(stderr, "walk_proto: %s\n", what);
    exit(4);
}

static struct wd_proto_layouts read_layouts(const char *file, struct wd_arena *arena)
{
    struct wd_err err = { 0 };
    struct wd_proto_layouts layouts = { 0 };
    struct wd_bytes bytes;
    if (wd_file_read(file, 1 << 26, arena, &bytes, &err) < 0)
        fail(err.text);
    Google__Protobuf__FileDescriptorSet *set = google__protobuf__file_descriptor_set__unpack(NULL, bytes.len, bytes.at);
    if (!set)
        fail("no descriptor set");
    if (wd_proto_layouts(set, file, arena, &layouts, &err) < 0)
        fail(err.text);
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
    return layouts;
}

static void put_field(struct wd_buf *out, const struct wd_field *f, const struct wd_paths *paths, struct wd_bytes body)
{
    struct wd_buf path = { 0 }, scratch = { 0 };
    wd_paths_write(paths, f->path, &path);
    wd_buf_puts(out, "[");
    wd_put_json(out, wd_buf_bytes(&path));
    wd_buf_printf(out, ",\"%s\",%u,%u,\"", wd_type_names[f->type], f->key_len, f->value_len);
    struct wd_bytes text = f->flags & WD_FIELD_BINARY ? wd_field_text(f, body, &scratch) : (struct wd_bytes){ 0 };
    for (size_t i = 0; i < text.len; i++)
        wd_buf_printf(out, "%02x", text.at[i]);
    wd_buf_puts(out, "\"],");
    wd_buf_free(&path);
    wd_buf_free(&scratch);
}

static void put_tape(struct wd_buf *out, const struct wd_tape *tape, const struct wd_paths *paths, struct wd_bytes body)
{
    wd_buf_puts(out, "[");
    for (uint32_t i = 0; i < tape->count; i++)
        put_field(out, &tape->fields[i], paths, body);
    wd_put_json(out, wd_bytes_of(tape->fault ? tape->fault : "ok"));
    wd_buf_puts(out, "]\n");
}

static uint8_t nibble(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct wd_bytes unhex(char *hex)
{
    uint8_t *bytes = (uint8_t *)hex;
    size_t n = 0;
    for (; hex[2 * n] && hex[2 * n] != '\n'; n++)
        bytes[n] = (uint8_t)(nibble(hex[2 * n]) << 4 | nibble(hex[2 * n + 1]));
    return wd_bytes_at(bytes, n);
}

static void walk_line(char *line, const struct wd_proto_layouts *layouts, struct wd_paths *paths, struct wd_tape *tape)
{
    char *hex = strchr(line, ' ');
    if (!hex)
        fail("a line is a name, a space and hex");
    *hex++ = 0;
    struct wd_layout layout = { .proto = wd_proto_layouts_find(layouts, wd_bytes_of(line)) };
    struct wd_limits limits = wd_limits_default();
    struct wd_bytes body = unhex(hex);
    struct wd_buf out = { 0 };
    wd_codec_protobuf.walk(body, layout.proto ? &layout : NULL, paths, &limits, tape);
    if (wd_tape_bytes(tape) != body.len)
        fail("the fields do not add up to the message");
    put_tape(&out, tape, paths, body);
    fwrite(out.at, 1, out.len, stdout);
    wd_buf_free(&out);
}

int main(int argc, char **argv)
{
    struct wd_arena *arena = wd_arena_open();
    struct wd_proto_layouts layouts = { 0 };
    struct wd_limits limits = wd_limits_default();
    struct wd_paths *paths = wd_paths_open(&limits, NULL);
    struct wd_tape tape = { 0 };
    char *line = NULL;
    size_t cap = 0;
    if (argc != 2)
        fail("usage: walk_proto SET < LINES");
    if (strcmp(argv[1], "-") != 0)
        layouts = read_layouts(argv[1], arena);
    while (getline(&line, &cap, stdin) > 0)
        walk_line(line, &layouts, paths, &tape);
    free(line);
    wd_tape_free(&tape);
    wd_paths_close(paths);
    wd_arena_close(arena);
    return 0;
}
