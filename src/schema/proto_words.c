/* schema/proto_words.c - an extension's value is kept by protobuf-c as a field that it does not know:
 *
 *     tag ── wire type 0: a varint (bool, enum)
 *         └─ wire type 2: its length, then the text
 */
#include "schema/proto_words.h"

#include "base/buf.h"
#include "base/cursor.h"
#include "schema/jsonschema.h"

enum { DEBUG_REDACT = 16 }; /* of FieldOptions; newer than the descriptor.proto that some have */

enum meaning { PURPOSE, OWNER, CHANGES, PERSONAL };

struct wd_proto_option {
    enum meaning meaning;
    bool is_of_message; /* extends MessageOptions, else FieldOptions */
    uint32_t number;
    const Google__Protobuf__FieldDescriptorProto *declared; /* NULL: a bool of descriptor.proto's own */
};

/* --- the options that are declared --- */

static bool ends_with(struct wd_bytes name, const char *end)
{
    size_t n = strlen(end);
    return name.len >= n && memcmp(name.at + name.len - n, end, n) == 0 &&
           (name.len == n || name.at[name.len - n - 1] == '.');
}

/* False: nothing that is known here. */
static bool find_meaning(struct wd_bytes name, enum meaning *out)
{
    static const struct {
        const char *name;
        enum meaning meaning;
    } known[] = {
        { "wirediet.purpose", PURPOSE },
        { "wirediet.owner", OWNER },
        { "wirediet.changes", CHANGES },
        { "sensitive", PERSONAL },
        { "pii", PERSONAL },
        { "personal_data", PERSONAL },
        { "privacy", PERSONAL },
        { "data_classification", PERSONAL },
    };
    for (size_t i = 0; i < WD_COUNT(known); i++) {
        if (!ends_with(name, known[i].name))
            continue;
        *out = known[i].meaning;
        return true;
    }
    return false;
}

static void add(struct wd_proto_options *options, struct wd_proto_option option)
{
    WD_GROW(options->at, options->count, options->cap);
    options->at[options->count++] = option;
}

static void add_extension(struct wd_proto_options *options, const struct wd_proto_member *member)
{
    const Google__Protobuf__FieldDescriptorProto *d = member->descriptor;
    struct wd_bytes extendee = wd_bytes_of(d->extendee);
    bool is_of_message = wd_bytes_is(extendee, ".google.protobuf.MessageOptions");
    struct wd_proto_option option = { .is_of_message = is_of_message,
                                      .number = (uint32_t)d->number,
                                      .declared = d };
    struct wd_buf name = { 0 };
    if (!is_of_message && !wd_bytes_is(extendee, ".google.protobuf.FieldOptions"))
        return;
    wd_buf_puts(&name, member->file->descriptor->package ? member->file->descriptor->package : "");
    wd_buf_byte(&name, '.');
    wd_buf_puts(&name, d->name ? d->name : "");
    if (find_meaning(wd_buf_bytes(&name), &option.meaning))
        add(options, option);
    wd_buf_free(&name);
}

struct wd_proto_options wd_proto_options_open(const struct wd_proto_index *index)
{
    struct wd_proto_options options = { .index = index };
    add(&options, (struct wd_proto_option){ .meaning = PERSONAL, .number = DEBUG_REDACT });
    for (size_t i = 0; i < index->member_count; i++)
        if (index->members[i].descriptor->extendee)
            add_extension(&options, &index->members[i]);
    return options;
}

void wd_proto_options_close(struct wd_proto_options *options)
{
    wd_free(options->at);
}

/* --- their values --- */

struct reader {
    const struct wd_proto_options *options;
    struct wd_arena *arena;
    struct wd_proto_words words;
};

static const char *name_of_value(const struct reader *r, const struct wd_proto_option *option, uint64_t value)
{
    const Google__Protobuf__EnumDescriptorProto *e =
        wd_proto_index_enum(r->options->index, wd_bytes_of(option->declared->type_name));
    for (size_t i = 0; e && i < e->n_value; i++)
        if (e->value[i]->number == (int32_t)value)
            return e->value[i]->name;
    return NULL;
}

static void take_category(struct reader *r, struct wd_bytes word)
{
    bool is_denied = wd_is_denial(word);
    r->words.privacy = is_denied ? -1 : 1;
    r->words.category = is_denied ? wd_bytes_of("") : wd_arena_copy(r->arena, word);
}

static void take_number(struct reader *r, const struct wd_proto_option *option, uint64_t value)
{
    bool is_enum = option->declared &&
                   option->declared->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM;
    const char *name = is_enum ? name_of_value(r, option, value) : NULL;
    if (option->meaning != PERSONAL)
        return;
    if (name)
        take_category(r, wd_bytes_of(name));
    else
        r->words.privacy = value ? 1 : -1;
}

static void take_text(struct reader *r, const struct wd_proto_option *option, struct wd_bytes text)
{
    struct wd_bytes *into[] = { &r->words.purpose, &r->words.owner, &r->words.changes };
    bool is_text = option->declared &&
                   option->declared->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING;
    if (is_text && option->meaning == PERSONAL)
        take_category(r, text);
    else if (is_text)
        *into[option->meaning] = wd_arena_copy(r->arena, text);
}

static void take_option(struct reader *r, const struct wd_proto_option *option,
                        const ProtobufCMessageUnknownField *field)
{
    struct wd_cursor c = wd_cursor_of(wd_bytes_at(field->data, field->len));
    uint64_t number = wd_cursor_varint(&c); /* the value, or the length of the text */
    if (c.fault)
        return;
    if (field->wire_type == PROTOBUF_C_WIRE_TYPE_VARINT)
        take_number(r, option, number);
    else if (field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
        take_text(r, option, wd_cursor_take(&c, number));
}

static void read_options(struct reader *r, const ProtobufCMessage *options, bool is_of_message)
{
    for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];
        for (size_t k = 0; k < r->options->count; k++) {
            const struct wd_proto_option *option = &r->options->at[k];
            if (option->number == field->tag && option->is_of_message == is_of_message)
                take_option(r, option, field);
        }
    }
}

/* --- comments --- */

static struct wd_bytes next_line(struct wd_bytes text, size_t *off)
{
    const uint8_t *start = text.at + *off, *end = memchr(start, '\n', text.len - *off);
    size_t n = end ? (size_t)(end - start) : text.len - *off;
    *off += n + (end != NULL);
    return wd_bytes_trim(wd_bytes_at(start, n));
}

static bool take_line(struct reader *r, struct wd_bytes line)
{
    const struct {
        const char *key;
        struct wd_bytes *into;
    } keys[] = {
        { "purpose:", &r->words.purpose },
        { "owner:", &r->words.owner },
        { "changes:", &r->words.changes },
    };
    for (size_t i = 0; i < WD_COUNT(keys); i++) {
        size_t n = strlen(keys[i].key);
        if (!wd_bytes_starts(line, keys[i].key))
            continue;
        *keys[i].into = wd_arena_copy(r->arena, wd_bytes_trim(wd_bytes_at(line.at + n, line.len - n)));
        return true;
    }
    return false;
}

/* What is no statement is the description, its lines joined. */
static void read_comment(struct reader *r, struct wd_bytes comment)
{
    struct wd_buf rest = { 0 };
    for (size_t off = 0; off < comment.len;) {
        struct wd_bytes line = next_line(comment, &off);
        if (!line.len || wd_bytes_starts(line, "wirediet: ") || take_line(r, line))   /* the first: annotate's */
            continue;
        if (rest.len)
            wd_buf_byte(&rest, ' ');
        wd_buf_put(&rest, line);
    }
    r->words.description = wd_arena_copy(r->arena, wd_buf_bytes(&rest));
    wd_buf_free(&rest);
}

static struct wd_proto_words read_words(struct reader *r, struct wd_bytes comment,
                                        const ProtobufCMessage *options, bool is_of_message)
{
    read_comment(r, comment);
    read_options(r, options, is_of_message);
    r->words.states_wirediet = r->words.purpose.len || r->words.owner.len || r->words.changes.len;
    return r->words;
}

struct wd_proto_words wd_proto_words_of_field(const struct wd_proto_options *options,
                                              const struct wd_proto_member *member, struct wd_arena *arena)
{
    struct reader r = { .options = options, .arena = arena };
    const Google__Protobuf__FieldOptions *own = member->descriptor->options;
    return read_words(&r, member->comment, own ? &own->base : NULL, false);
}

struct wd_proto_words wd_proto_words_of_message(const struct wd_proto_options *options,
                                                const struct wd_proto_type *type, struct wd_arena *arena)
{
    struct reader r = { .options = options, .arena = arena };
    const Google__Protobuf__MessageOptions *own = type->descriptor->options;
    return read_words(&r, type->comment, own ? &own->base : NULL, true);
}
