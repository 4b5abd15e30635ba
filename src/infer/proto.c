/* infer/proto.c - Protocol Buffers, proto3.
 *
 *     message Metrics {              numbers by frequency: 1 to 15 take one byte of tag, so what is sent most
 *       message Host { ... }         often has them
 *       string type = 1;
 *       Host host = 2;
 *       optional int64 fan = 3;      not in each message; null is the same as absent
 *       map<string, double> rates = 4;
 *       google.protobuf.Value x = 5; values of several types, null inside a list, a list of lists
 *       bytes field7 = 7;            of Protobuf without its schema: what the wire says
 *     }
 *     message SendLive { oneof payload { ... } }    Protobuf does not say what a message is: where a channel
 *                                                   carries several, an envelope does
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "infer/names.h"
#include "infer/printer.h"
#include "infer/tree.h"

/* protoc stops at 32 messages inside each other; 19000 to 19999 are its own. */
enum { NESTED_MOST = 24, KEPT_FIRST = 19000, KEPT_LAST = 19999 };

struct writer {
    const struct wd_infer_print *p;
    const struct wd_inferred_message *message;
    struct wd_buf *out;
    size_t depth;
    bool has_values;              /* struct.proto is needed */
    bool is_numbered;             /* the fields at hand have the numbers of the wire, and the types that fit it */
};

static const char VALUE[] = "google.protobuf.Value", STRUCT[] = "google.protobuf.Struct";

static void put_indent(const struct writer *w)
{
    for (size_t i = 0; i < w->depth; i++)
        wd_buf_puts(w->out, "  ");
}

/* Nothing that a terminal would take for more than text. */
static bool is_clean(struct wd_bytes text)
{
    struct wd_buf shown = { 0 };
    wd_put_terminal(&shown, text);
    bool is_same = wd_bytes_eq(wd_buf_bytes(&shown), text);
    wd_buf_free(&shown);
    return is_same;
}

/* A string literal, in quotes that it does not have itself if there are; for what is not for eyes, octal. */
static void put_literal(struct wd_buf *out, struct wd_bytes text)
{
    static const char special[] = "\\\n\r\t", letters[] = "\\nrt";
    bool is_single = text.len && memchr(text.at, '"', text.len) && !memchr(text.at, '\'', text.len);
    uint8_t quote = is_single ? '\'' : '"', highest = is_clean(text) ? 0xff : 0x7e;
    wd_buf_byte(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        const char *at = c ? strchr(special, c) : NULL;
        if (at)
            wd_buf_printf(out, "\\%c", letters[at - special]);
        else if (c < 0x20 || c == 0x7f || c > highest)
            wd_buf_printf(out, "\\%03o", c);
        else
            wd_buf_printf(out, c == quote ? "\\%c" : "%c", c);
    }
    wd_buf_byte(out, quote);
}

/* --- types --- */

enum label { SINGULAR, OPTIONAL, REPEATED, MAP };

struct typed {
    enum label label;
    const char *scalar;                       /* a name of Protobuf's; NULL: a message */
    const struct wd_inferred_field *object;   /* whose members the message has */
};

static const char *integer_of(const struct wd_inferred_field *field)
{
    return field->is_wide ? "double" : field->has_negative ? "sint64" : "int64";
}

/* With its tag, one of 32 bits has less than this. */
enum { FLOAT_BYTES = 7 };

static const char *number_type(const struct writer *w, const struct wd_inferred_field *field)
{
    return w->is_numbered && field->bytes < FLOAT_BYTES * field->values ? "float" : "double";
}

/* What one value is, where neither a list nor a map is possible. */
static struct typed one_of(const struct writer *w, const struct wd_inferred_field *field)
{
    struct typed t = { .scalar = w->is_numbered ? "bytes" : VALUE };
    switch (wd_infer_one_type(field)) {
    case WD_TYPE_BOOLEAN: t.scalar = "bool"; break;
    case WD_TYPE_INTEGER: t.scalar = integer_of(field); break;
    case WD_TYPE_NUMBER: t.scalar = number_type(w, field); break;
    case WD_TYPE_STRING: t.scalar = "string"; break;
    case WD_TYPE_BYTES: t.scalar = "bytes"; break;
    case WD_TYPE_OBJECT:
        t.object = field;
        if (field->member_count && !field->entry && !field->is_left_open && w->depth < NESTED_MOST)
            t.scalar = NULL;
        else if (!w->is_numbered)
            t.scalar = STRUCT;
        break;
    default: break;
    }
    return t;
}

/* Of what a list or a map holds: null cannot stand there, nor a list. */
static struct typed held(const struct writer *w, const struct wd_inferred_field *field, enum label label)
{
    struct typed t = { .scalar = w->is_numbered ? "bytes" : VALUE };
    if (field && !(field->types & 1u << WD_TYPE_NULL))
        t = one_of(w, field);
    t.label = label;
    return t;
}

static struct typed type_of(const struct writer *w, const struct wd_inferred_field *field)
{
    int type = wd_infer_one_type(field);
    if (type == WD_TYPE_ARRAY || (w->is_numbered && field->element))
        return held(w, field->element, REPEATED);
    if (type == WD_TYPE_OBJECT && field->entry && !field->is_left_open)
        return held(w, wd_infer_any_member(field, w->p->arena), MAP);
    struct typed t = one_of(w, field);
    bool is_message = !t.scalar || t.scalar == VALUE || t.scalar == STRUCT;
    bool is_always = field->is_required && !(field->types & 1u << WD_TYPE_NULL);
    t.label = is_message || is_always ? SINGULAR : OPTIONAL;
    return t;
}

/* --- fields --- */

static void put_message(struct writer *w, struct wd_bytes name, const struct wd_inferred_field *object);

/* Before the field that has it. */
static struct wd_bytes put_nested(struct writer *w, const struct typed *t, struct wd_bytes key,
                                  struct wd_name_scope *types)
{
    if (t->scalar) {
        w->has_values |= t->scalar == VALUE || t->scalar == STRUCT;
        return wd_bytes_of(t->scalar);
    }
    struct wd_bytes name = wd_name_take(types, wd_name_make(WD_NAME_TYPE, key, "Object", w->p->arena));
    put_message(w, name, t->object);
    return name;
}

static void put_type(struct writer *w, enum label label, struct wd_bytes name)
{
    static const char *const before[] = { "", "optional ", "repeated ", "map<string, " };
    wd_buf_puts(w->out, before[label]);
    wd_buf_put(w->out, name);
    wd_buf_puts(w->out, label == MAP ? "> " : " ");
}

/* An enumeration of Protobuf has numbers in the place of words, so the words are only told. */
static void put_words(struct writer *w, const struct wd_inferred_field *field)
{
    for (size_t i = 0; i < field->word_count; i++) {
        wd_buf_puts(w->out, i ? ", " : "  // one of ");
        wd_buf_put(w->out, field->words[i]);
    }
}

static void put_cost(struct writer *w, const struct wd_inferred_field *field)
{
    if (w->p->is_bare)
        return;
    put_indent(w);
    wd_buf_puts(w->out, "// wirediet: ");
    wd_infer_put_cost(w->out, w->p, w->message, field);
    wd_buf_byte(w->out, '\n');
}

static void put_field(struct writer *w, const struct wd_inferred_field *field, struct wd_bytes key,
                      uint64_t number, struct wd_name_scope *names, struct wd_name_scope *types)
{
    struct typed t = type_of(w, field);
    struct wd_bytes type = put_nested(w, &t, key, types);
    struct wd_bytes name = wd_name_take(names, wd_name_make(WD_NAME_SNAKE, key, "field", w->p->arena));
    put_cost(w, field);
    put_indent(w);
    put_type(w, t.label, type);
    wd_buf_put(w->out, name);
    wd_buf_printf(w->out, " = %" PRIu64, number);
    if (!wd_bytes_eq(wd_name_camel(name, w->p->arena), key)) {
        wd_buf_puts(w->out, " [json_name = ");
        put_literal(w->out, key);
        wd_buf_byte(w->out, ']');
    }
    wd_buf_byte(w->out, ';');
    put_words(w, field);
    wd_buf_byte(w->out, '\n');
}

/* --- messages --- */

static int by_frequency(const void *a, const void *b)
{
    const struct wd_inferred_field *x = *(struct wd_inferred_field *const *)a,
                                   *y = *(struct wd_inferred_field *const *)b;
    uint64_t sent_x = x->values - x->nulls, sent_y = y->values - y->nulls;   /* null is not sent */
    if (sent_x != sent_y)
        return sent_x > sent_y ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return wd_bytes_cmp(x->key, y->key);
}

static uint64_t next_number(uint64_t number)
{
    return number + 1 >= KEPT_FIRST && number < KEPT_LAST ? KEPT_LAST + 1 : number + 1;
}

static struct wd_name_scope scope_with(struct wd_arena *arena, const struct wd_bytes *taken, size_t count)
{
    struct wd_name_scope scope = wd_name_scope_open(arena, false);
    for (size_t i = 0; i < count; i++)
        wd_name_take(&scope, taken[i]);
    return scope;
}

/* Of Protobuf that was read without its schema the keys are the numbers of the wire: they stay. */
static bool are_numbers(const struct writer *w, struct wd_inferred_field *const *fields, size_t count)
{
    enum { MOST = (1 << 29) - 1 };
    uint64_t number;
    const char *codec = w->message->type->codec;
    for (size_t i = 0; i < count; i++)
        if (!wd_bytes_uint(fields[i]->key, &number) || number < 1 || number > MOST ||
            (number >= KEPT_FIRST && number <= KEPT_LAST))
            return false;
    return codec && strcmp(codec, "protobuf") == 0;
}

static uint64_t number_of(const struct wd_inferred_field *field)
{
    uint64_t number = 0;
    wd_bytes_uint(field->key, &number);
    return number;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = number_of(*(struct wd_inferred_field *const *)a),
             y = number_of(*(struct wd_inferred_field *const *)b);
    return (x > y) - (x < y);
}

static void put_numbered(struct writer *w, struct wd_inferred_field **fields, size_t count)
{
    struct wd_name_scope names = wd_name_scope_open(w->p->arena, false),
                         types = wd_name_scope_open(w->p->arena, false);
    bool was_numbered = w->is_numbered;
    w->is_numbered = true;
    qsort(fields, count, sizeof *fields, by_number);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = number_of(fields[i]);
        put_field(w, fields[i], wd_arena_printf(w->p->arena, "field%" PRIu64, number), number, &names,
                  &types);
    }
    w->is_numbered = was_numbered;
    wd_name_scope_close(&names);
    wd_name_scope_close(&types);
}

static void put_fields(struct writer *w, struct wd_inferred_field **fields, size_t count,
                       const struct wd_infer_room *room)
{
    if (are_numbers(w, fields, count)) {
        put_numbered(w, fields, count);
        return;
    }
    struct wd_name_scope names = scope_with(w->p->arena, room->names, room->name_count),
                         types = scope_with(w->p->arena, room->types, room->type_count);
    uint64_t number = room->last;
    qsort(fields, count, sizeof *fields, by_frequency);
    for (size_t i = 0; i < count; i++) {
        number = next_number(number);
        put_field(w, fields[i], fields[i]->key, number, &names, &types);
    }
    wd_name_scope_close(&names);
    wd_name_scope_close(&types);
}

static void put_members(struct writer *w, const struct wd_inferred_field *object)
{
    struct wd_inferred_field **members =
        wd_arena_array(w->p->arena, struct wd_inferred_field *, object->member_count);
    memcpy(members, object->members, object->member_count * sizeof *members);
    put_fields(w, members, object->member_count, &(struct wd_infer_room){ 0 });
}

/* What is no object, or one with any keys, is the only field of its message. */
static void put_only(struct writer *w, const struct wd_inferred_field *field)
{
    struct wd_name_scope names = wd_name_scope_open(w->p->arena, false),
                         types = wd_name_scope_open(w->p->arena, false);
    int type = wd_infer_one_type(field);
    const char *key = type == WD_TYPE_ARRAY ? "elements" : type == WD_TYPE_OBJECT ? "entries" : "value";
    put_indent(w);
    wd_buf_puts(w->out, "// In JSON this is the whole message.\n");
    put_field(w, field, wd_bytes_of(key), 1, &names, &types);
    wd_name_scope_close(&names);
    wd_name_scope_close(&types);
}

static void put_message(struct writer *w, struct wd_bytes name, const struct wd_inferred_field *object)
{
    put_indent(w);
    wd_buf_puts(w->out, "message ");
    wd_buf_put(w->out, name);
    wd_buf_puts(w->out, " {\n");
    w->depth++;
    if (wd_infer_one_type(object) == WD_TYPE_OBJECT && object->member_count && !object->entry)
        put_members(w, object);
    else if (wd_infer_one_type(object) != WD_TYPE_OBJECT || object->entry)
        put_only(w, object);
    w->depth--;
    put_indent(w);
    wd_buf_puts(w->out, "}\n");
}

static void put_top(struct writer *w, struct wd_bytes name)
{
    const struct wd_type_profile *type = w->message->type;
    static const struct wd_inferred_field bytes = { .types = 1u << WD_TYPE_BYTES, .is_required = true };
    wd_buf_puts(w->out, "\n// ");
    wd_put_terminal(w->out, type->name);
    wd_buf_printf(w->out, ", %s on ", wd_direction_names[type->direction]);
    wd_put_terminal(w->out, type->channel);
    if (!w->p->is_bare) {
        wd_buf_puts(w->out, "\n// wirediet: ");
        wd_infer_put_message_cost(w->out, w->p, type);
    }
    wd_buf_byte(w->out, '\n');
    put_message(w, name, w->message->root ? w->message->root : &bytes);
}

/* --- envelopes --- */

static bool is_with(const struct wd_inferred_message *a, const struct wd_inferred_message *b)
{
    return a->type->direction == b->type->direction && wd_bytes_eq(a->type->channel, b->type->channel);
}

struct companion { const struct wd_inferred_message *message; struct wd_bytes name; };

static int by_count(const void *a, const void *b)
{
    const struct companion *x = a, *y = b;
    if (x->message->type->count != y->message->type->count)
        return x->message->type->count > y->message->type->count ? -1 : 1;
    return wd_bytes_cmp(x->name, y->name);
}

static void put_envelope(struct writer *w, struct companion *members, size_t count, struct wd_bytes name)
{
    struct wd_name_scope names = wd_name_scope_open(w->p->arena, false);
    struct wd_bytes choice = wd_name_take(&names, wd_bytes_of("payload"));
    uint64_t number = 0;
    qsort(members, count, sizeof *members, by_count);
    wd_buf_puts(w->out,
                "\n// One of the messages of a channel; Protobuf itself does not tell which.\nmessage ");
    wd_buf_put(w->out, name);
    wd_buf_puts(w->out, " {\n  oneof ");
    wd_buf_put(w->out, choice);
    wd_buf_puts(w->out, " {\n");
    for (size_t i = 0; i < count; i++) {
        number = next_number(number);
        struct wd_bytes field =
            wd_name_take(&names, wd_name_make(WD_NAME_SNAKE, members[i].name, "message", w->p->arena));
        wd_buf_printf(w->out, "    %.*s %.*s = %" PRIu64 ";\n", (int)members[i].name.len,
                      (const char *)members[i].name.at, (int)field.len, (const char *)field.at, number);
    }
    wd_buf_puts(w->out, "  }\n}\n");
    wd_name_scope_close(&names);
}

struct wd_bytes wd_infer_envelope_name(const struct wd_infer_print *p, const struct wd_type_profile *type)
{
    struct wd_buf words = { 0 };
    wd_buf_puts(&words, type->direction == WD_C2S ? "receive " : "send ");
    wd_buf_put(&words, type->channel);
    struct wd_bytes name = wd_name_make(WD_NAME_TYPE, wd_buf_bytes(&words), "Envelope", p->arena);
    wd_buf_free(&words);
    return name;
}

/* For each channel and direction, at its first message, if there are more. */
static void put_envelopes(struct writer *w, const struct companion *all, struct wd_name_scope *types)
{
    const struct wd_inferred *in = w->p->inferred;
    struct companion *members = wd_arena_array(w->p->arena, struct companion, in->message_count);
    bool *is_done = wd_arena_array(w->p->arena, bool, in->message_count);
    for (size_t m = 0; m < in->message_count; m++) {
        size_t count = 0;
        for (size_t i = m; i < in->message_count && !is_done[m]; i++) {
            if (!is_with(&in->messages[m], &in->messages[i]))
                continue;
            is_done[i] = i > m;
            members[count++] = all[i];
        }
        if (count > 1)
            put_envelope(w, members, count,
                         wd_name_take(types, wd_infer_envelope_name(w->p, in->messages[m].type)));
    }
}

/* --- parts --- */

struct wd_bytes wd_infer_proto_name(const struct wd_infer_print *p, const struct wd_inferred_message *message)
{
    return wd_name_make(WD_NAME_TYPE, message->key, "Message", p->arena);
}

void wd_infer_proto_fields(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                           struct wd_inferred_field **fields, size_t count, const struct wd_infer_room *room,
                           struct wd_buf *out, bool *needs_struct)
{
    struct writer w = { .p = p, .message = message, .out = out, .depth = room->depth };
    put_fields(&w, fields, count, room);
    *needs_struct |= w.has_values;
}

void wd_infer_proto_message(const struct wd_infer_print *p, const struct wd_inferred_message *message,
                            struct wd_bytes name, struct wd_buf *out, bool *needs_struct)
{
    struct writer w = { .p = p, .message = message, .out = out };
    put_top(&w, name);
    *needs_struct |= w.has_values;
}

/* --- the file --- */

static void print(const struct wd_infer_print *p, struct wd_buf *out)
{
    const struct wd_inferred *in = p->inferred;
    struct wd_buf body = { 0 };
    struct wd_name_scope types = wd_name_scope_open(p->arena, false);
    struct writer w = { .p = p, .out = &body };
    struct companion *all = wd_arena_array(p->arena, struct companion, in->message_count);
    for (size_t m = 0; m < in->message_count; m++) {
        w.message = all[m].message = &in->messages[m];
        all[m].name = wd_name_take(&types, wd_infer_proto_name(p, &in->messages[m]));
        put_top(&w, all[m].name);
    }
    put_envelopes(&w, all, &types);
    wd_buf_puts(out, "// ");
    wd_infer_put_source(out, p);
    wd_buf_puts(out, "\nsyntax = \"proto3\";\n");
    if (w.has_values)
        wd_buf_puts(out, "\nimport \"google/protobuf/struct.proto\";\n");
    wd_buf_put(out, wd_buf_bytes(&body));
    wd_buf_free(&body);
    wd_name_scope_close(&types);
}

static const char *const extensions[] = { ".proto", NULL };
const struct wd_infer_format wd_infer_proto = { "proto", extensions, "Protocol Buffers, proto3", print };
