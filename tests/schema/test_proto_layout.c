/* What protoc says of two schemas, as layouts; editions and sets that no compiler makes are made of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "schema/descriptor.pb-c.h"
#include "schema/proto_layout.h"

typedef Google__Protobuf__FileDescriptorSet set_proto;
typedef Google__Protobuf__DescriptorProto message_proto;

static struct wd_arena *arena;
static struct wd_proto_layouts layouts;
static struct wd_err err;

/* `tests/schema/protos.pb`: files two.proto and three.proto of testdata/proto. */
static set_proto *compiled(void)
{
    struct wd_bytes bytes;
    err = (struct wd_err){0};
    assert_int_equal(wd_file_read("tests/schema/protos.pb", 1 << 20, arena, &bytes, &err), WD_OK);
    set_proto *set = google__protobuf__file_descriptor_set__unpack(NULL, bytes.len, bytes.at);
    assert_non_null(set);
    return set;
}

static int build(const set_proto *set)
{
    return wd_proto_layouts(set, "x.pb", arena, &layouts, &err);
}

static void write_field(const struct wd_proto_field *f, struct wd_buf *out)
{
    static const char *const kinds[] = {
        "",      "double",  "float", "int64",  "uint64", "int32",    "fixed64",  "fixed32", "bool",  "string",
        "group", "message", "bytes", "uint32", "enum",   "sfixed32", "sfixed64", "sint32",  "sint64"};
    wd_buf_printf(out, " %u", f->number);
    wd_buf_byte(out, ':');
    wd_buf_put(out, f->name);
    wd_buf_printf(out, "=%s%s%s%s%s", kinds[f->kind],
                  f->is_map        ? "{}"
                  : f->is_repeated ? "[]"
                                   : "",
                  f->is_packed ? "/packed" : "", f->is_enum_closed ? "/closed" : "", f->message ? ">" : "");
    if (f->message)
        wd_buf_put(out, f->message->name);
    if (f->oneof >= 0)
        wd_buf_printf(out, "|%d", f->oneof);
}

static void write_message(const char *name, struct wd_buf *out)
{
    const struct wd_proto_message *m = wd_proto_layouts_find(&layouts, wd_bytes_of(name));
    assert_non_null(m);
    wd_buf_put(out, m->name);
    if (m->envelope >= 0)
        wd_buf_printf(out, " envelope %d", m->envelope);
    for (size_t i = 0; i < m->field_count; i++)
        write_field(&m->fields[i], out);
}

static void assert_message(const char *name, const char *expected)
{
    struct wd_buf out = {0};
    write_message(name, &out);
    assert_string_equal(wd_buf_cstr(&out), expected);
    wd_buf_free(&out);
}

static const struct {
    const char *name, *fields;
} vectors[] = {
    {"two.Old",
     "two.Old 1:part=group>two.Old.Part 2:plain=int32 3:apart=sint64[] 4:together=fixed32[]/packed "
     "6:way=enum/closed 7:nested=message{}>two.Old.NestedEntry 100:[two.outside]=double[]/packed "
     "101:[two.Old.inside]=string"},
    {"two.Old.Part", "two.Old.Part 1:raw=bytes 2:piece=group[]>two.Old.Part.Piece"},
    {"two.Old.Part.Piece", "two.Old.Part.Piece 5:weight=float"},
    {"two.Old.NestedEntry", "two.Old.NestedEntry 1:key=string 2:value=message>two.Old"},
    {".three.deep.Envelope",
     "three.deep.Envelope envelope 0 1:order=message>three.deep.Order|0 2:old=message>two.Old|0 "
     "3:error=string|0 4:urgent=bool 15:seq=uint64"},
    {"three.deep.Order",
     "three.deep.Order 1:packed_by_default=uint32[]/packed 2:apart=int64[] 3:words=string[] "
     "4:sides=message{}>three.deep.Order.SidesEntry 5:orders=message{}>three.deep.Order.OrdersEntry "
     "6:parent=message>three.deep.Order 7:back=message>three.deep.Envelope 8:mail=string|0 "
     "9:phone=string|0 10:side=enum 536870911:last=sfixed64"},
    {"three.deep.Order.SidesEntry", "three.deep.Order.SidesEntry 1:key=int32 2:value=enum"},
    {"three.deep.Pair", "three.deep.Pair 1:a=message>three.deep.Order|0 2:b=message>three.deep.Order|0 "
                        "3:c=message>three.deep.Order|1 4:d=message>three.deep.Order|1"},
    {"three.deep.Empty", "three.deep.Empty"},
};

static void test_vectors(void **state)
{
    (void)state;
    set_proto *set = compiled();
    assert_int_equal(build(set), WD_OK);
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL); /* nothing of it is kept */
    assert_int_equal(layouts.count, 10);
    for (size_t i = 0; i < WD_COUNT(vectors); i++)
        assert_message(vectors[i].name, vectors[i].fields);
    assert_null(wd_proto_layouts_find(&layouts, wd_bytes_of("three.deep")));
    assert_null(wd_proto_layouts_find(&layouts, wd_bytes_of("")));
}

/* Graphs have circles: what refers to itself is itself. */
static void test_circles(void **state)
{
    (void)state;
    set_proto *set = compiled();
    assert_int_equal(build(set), WD_OK);
    const struct wd_proto_message *order = wd_proto_layouts_find(&layouts, wd_bytes_of("three.deep.Order"));
    assert_ptr_equal(order->fields[5].message, order);
    assert_ptr_equal(order->fields[4].message->fields[1].message, order);
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
}

/* --- editions: fields 50, 12, 21 and 7 of the options, unknown to protobuf-c --- */

/* As protobuf-c unpacks them: the length before the content is part of the data. */
static void set_features(ProtobufCMessage *options, uint32_t number, const char *content, size_t len)
{
    ProtobufCMessageUnknownField *field = wd_arena_new(arena, ProtobufCMessageUnknownField);
    uint8_t *data = wd_arena_alloc(arena, len + 1);
    data[0] = (uint8_t)len;
    memcpy(data + 1, content, len);
    *field = (ProtobufCMessageUnknownField){number, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, len + 1, data};
    options->unknown_fields = field;
    options->n_unknown_fields = 1;
}

static message_proto *message_of(set_proto *set, size_t file, size_t i)
{
    return set->file[file]->message_type[i];
}

static void forget(ProtobufCMessage *options)
{
    options->unknown_fields = NULL;
    options->n_unknown_fields = 0;
}

static void test_editions(void **state)
{
    (void)state;
    set_proto *set = compiled();
    char *syntax = set->file[1]->syntax, edition[] = "editions";
    Google__Protobuf__FileOptions of_file = GOOGLE__PROTOBUF__FILE_OPTIONS__INIT,
                                  *none = set->file[1]->options;
    Google__Protobuf__MessageOptions of_message = GOOGLE__PROTOBUF__MESSAGE_OPTIONS__INIT;
    Google__Protobuf__FieldOptions of_field = GOOGLE__PROTOBUF__FIELD_OPTIONS__INIT;
    message_proto *order = message_of(set, 1, 1);
    assert_null(order->options);
    assert_null(order->field[0]->options);
    set->file[1]->syntax = edition;
    assert_int_equal(build(set), WD_OK);
    assert_message("three.deep.Order.SidesEntry", "three.deep.Order.SidesEntry 1:key=int32 2:value=enum");
    /* the file: closed enums, nothing packed, messages delimited; an extension of FeatureSet between them */
    set->file[1]->options = &of_file;
    set_features(&of_file.base, 50, "\x10\x02\xc2\x3e\x02\x08\x01\x18\x02\x28\x02", 11);
    assert_int_equal(build(set), WD_OK);
    assert_message(
        "three.deep.Order",
        "three.deep.Order 1:packed_by_default=uint32[] 2:apart=int64[] 3:words=string[] "
        "4:sides=message{}>three.deep.Order.SidesEntry 5:orders=message{}>three.deep.Order.OrdersEntry "
        "6:parent=group>three.deep.Order 7:back=group>three.deep.Envelope 8:mail=string|0 "
        "9:phone=string|0 10:side=enum/closed 536870911:last=sfixed64");
    assert_message("three.deep.Order.OrdersEntry",
                   "three.deep.Order.OrdersEntry 1:key=string 2:value=message>three.deep.Order");
    /* the message takes one thing back, a field another */
    order->options = &of_message;
    order->field[0]->options = &of_field;
    set_features(&of_message.base, 12, "\x28\x01", 2);
    set_features(&of_field.base, 21, "\x18\x01", 2);
    assert_int_equal(build(set), WD_OK);
    assert_message(
        "three.deep.Order",
        "three.deep.Order 1:packed_by_default=uint32[]/packed 2:apart=int64[] 3:words=string[] "
        "4:sides=message{}>three.deep.Order.SidesEntry 5:orders=message{}>three.deep.Order.OrdersEntry "
        "6:parent=message>three.deep.Order 7:back=message>three.deep.Envelope 8:mail=string|0 "
        "9:phone=string|0 10:side=enum/closed 536870911:last=sfixed64");
    forget(&of_file.base);
    order->options = NULL;
    order->field[0]->options = NULL;
    set->file[1]->syntax = syntax;
    set->file[1]->options = none;
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
}

/* --- what no compiler makes --- */

static void assert_refused(const set_proto *set, const char *why)
{
    err = (struct wd_err){0};
    assert_int_equal(build(set), WD_EPARSE);
    assert_string_equal(err.text, why);
}

static void test_foreign_sets(void **state)
{
    (void)state;
    set_proto *set = compiled();
    Google__Protobuf__FieldDescriptorProto *field = message_of(set, 1, 0)->field[0];
    field->number = 0;
    assert_refused(set, "x.pb: no number from 1 to 536870911 has the field 'seq'; compile the schema again");
    field->number = 1 << 29;
    assert_refused(set, "x.pb: no number from 1 to 536870911 has the field 'seq'; compile the schema again");
    field->number = 2;
    assert_refused(set, "x.pb: the number of another field has 'old'; compile the schema again");
    field->number = 15;
    field->type = 256 + 4;
    assert_refused(set, "x.pb: no type of Protobuf has the field 'seq'; compile the schema again");
    field->type = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT64;
    char *name = message_of(set, 1, 0)->name;
    message_of(set, 1, 0)->name = message_of(set, 1, 1)->name;
    assert_refused(set, "x.pb: two messages are called 'three.deep.Order'; compile the schema again");
    message_of(set, 1, 0)->name = name;
    err = (struct wd_err){0};
    assert_int_equal(build(set), WD_OK);
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
}

/* A file alone, without what it imports: its messages are there, the others are empty. */
static void test_a_missing_import(void **state)
{
    (void)state;
    set_proto *set = compiled();
    set_proto alone = {.base = PROTOBUF_C_MESSAGE_INIT(&google__protobuf__file_descriptor_set__descriptor),
                       .n_file = 1,
                       .file = set->file + 1};
    assert_int_equal(build(&alone), WD_OK);
    const struct wd_proto_message *envelope =
        wd_proto_layouts_find(&layouts, wd_bytes_of("three.deep.Envelope"));
    assert_true(wd_bytes_is(envelope->fields[1].message->name, "two.Old"));
    assert_int_equal(envelope->fields[1].message->field_count, 0);
    assert_null(wd_proto_layouts_find(&layouts, wd_bytes_of("two.Old")));
    google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
}

static int open_arena(void **state)
{
    (void)state;
    arena = wd_arena_open();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    wd_arena_close(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),          cmocka_unit_test(test_circles),
        cmocka_unit_test(test_editions),         cmocka_unit_test(test_foreign_sets),
        cmocka_unit_test(test_a_missing_import),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
