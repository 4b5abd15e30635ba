/* usage/usage.c - a usage/1 file, strictly: a misspelt key must not turn a read field into an unread one. */
#include "usage/usage.h"

#include "base/escape.h"
#include "base/file.h"
#include "usage/reader.h"

static const char *const file_keys[] = { "wirediet", "consumers", NULL };
static const char *const consumer_keys[] = { "name", "source", "messages", NULL };
static const char *const message_keys[] = { "message", "channel",  "direction", "reads",
                                            "escapes", "complete", NULL };
static const char *const read_keys[] = { "path", "count", "where", NULL };
static const char *const escape_keys[] = { "path", "where", NULL };

#define NAME(id, name) name,
static const char *const sources[] = { WD_USAGE_SOURCES(NAME) };

static int read_read(const struct wd_reader *r, const struct wd_node *node, struct wd_read *out)
{
    TRY(wd_reader_map(r, node, "a read", read_keys));
    const struct wd_node *path, *count = wd_node_get(node, "count");
    TRY(wd_reader_need(r, node, "a read", "path", &path));
    TRY(wd_reader_path(r, path, &out->path));
    out->at = wd_node_place(r->document, path);
    if (count)
        TRY(wd_node_uint(r->document, count, &out->count, r->err));
    return wd_reader_texts(r, wd_node_get(node, "where"), &out->where, &out->where_count);
}

static int read_escape(const struct wd_reader *r, const struct wd_node *node, struct wd_escape *out)
{
    TRY(wd_reader_map(r, node, "an escape", escape_keys));
    const struct wd_node *path;
    TRY(wd_reader_need(r, node, "an escape", "path", &path));
    TRY(wd_reader_path(r, path, &out->path));
    out->at = wd_node_place(r->document, path);
    out->where = wd_bytes_of("");
    return wd_reader_text(r, wd_node_get(node, "where"), &out->where);
}

static int read_reads(const struct wd_reader *r, const struct wd_node *node, struct wd_consumer_message *out)
{
    const struct wd_node *entry;
    TRY(wd_reader_list(r, node, &out->read_count, &entry));
    struct wd_read *reads = wd_arena_array(r->arena, struct wd_read, out->read_count);
    for (size_t i = 0; entry; entry = entry->next, i++)
        TRY(read_read(r, entry, &reads[i]));
    out->reads = reads;
    return WD_OK;
}

static int read_escapes(const struct wd_reader *r, const struct wd_node *node,
                        struct wd_consumer_message *out)
{
    const struct wd_node *entry;
    TRY(wd_reader_list(r, node, &out->escape_count, &entry));
    struct wd_escape *escapes = wd_arena_array(r->arena, struct wd_escape, out->escape_count);
    for (size_t i = 0; entry; entry = entry->next, i++)
        TRY(read_escape(r, entry, &escapes[i]));
    out->escapes = escapes;
    return WD_OK;
}

static int read_message(const struct wd_reader *r, const struct wd_node *node,
                        struct wd_consumer_message *out)
{
    TRY(wd_reader_map(r, node, "a message of a consumer", message_keys));
    const struct wd_node *name, *complete = wd_node_get(node, "complete");
    const struct wd_node *channel = wd_node_get(node, "channel"), *direction = wd_node_get(node, "direction");
    TRY(wd_reader_need(r, node, "a message of a consumer", "message", &name));
    TRY(wd_reader_text(r, name, &out->message));
    out->at = wd_node_place(r->document, name);
    out->channel = wd_bytes_of("");
    TRY(wd_reader_text(r, channel, &out->channel));
    TRY(wd_reader_direction(r, direction, &out->direction));
    out->channel_at = wd_node_place(r->document, channel ? channel : name);
    out->direction_at = wd_node_place(r->document, direction ? direction : name);
    if (complete)
        TRY(wd_node_boolean(r->document, complete, &out->is_complete, r->err));
    TRY(read_reads(r, wd_node_get(node, "reads"), out));
    return read_escapes(r, wd_node_get(node, "escapes"), out);
}

static int read_source(const struct wd_reader *r, const struct wd_node *node, enum wd_usage_source *out)
{
    struct wd_bytes text = { 0 };
    TRY(wd_reader_text(r, node, &text));
    *out = WD_USAGE_MANIFEST;
    if (!node)
        return WD_OK;
    for (size_t i = 0; i < WD_COUNT(sources); i++) {
        if (!wd_bytes_is(text, sources[i]))
            continue;
        *out = (enum wd_usage_source)i;
        return WD_OK;
    }
    return wd_reader_fail(r, node, "a source is static, trace, contract or manifest");
}

/* A consumer is given once: two of one name could not be told apart in what is said of them. */
static int check_name(const struct wd_reader *r, const struct wd_node *name, const struct wd_consumer *before,
                      size_t count, struct wd_bytes text)
{
    struct wd_shown who, file;
    for (size_t i = 0; i < count; i++)
        if (wd_bytes_eq(before[i].name, text))
            return wd_reader_fail(r, name,
                                  "a consumer '%s' is given already (%s:%u); give it another name, or put "
                                  "its messages into one list",
                                  wd_show(&who, text), wd_show(&file, wd_bytes_of(before[i].at.file)),
                                  before[i].at.line);
    return WD_OK;
}

/* all[at] is read, those before it have been. */
static int read_consumer(const struct wd_reader *r, const struct wd_node *node, struct wd_consumer *all,
                         size_t at)
{
    struct wd_consumer *out = &all[at];
    TRY(wd_reader_map(r, node, "a consumer", consumer_keys));
    const struct wd_node *name, *messages, *entry;
    TRY(wd_reader_need(r, node, "a consumer", "name", &name));
    TRY(wd_reader_text(r, name, &out->name));
    TRY(check_name(r, name, all, at, out->name));
    out->at = wd_node_place(r->document, name);
    TRY(read_source(r, wd_node_get(node, "source"), &out->source));
    TRY(wd_reader_need(r, node, "a consumer", "messages", &messages));
    TRY(wd_reader_list(r, messages, &out->message_count, &entry));
    struct wd_consumer_message *list =
        wd_arena_array(r->arena, struct wd_consumer_message, out->message_count);
    for (size_t i = 0; entry; entry = entry->next, i++)
        TRY(read_message(r, entry, &list[i]));
    out->messages = list;
    return WD_OK;
}

static int check_kind(const struct wd_reader *r, const struct wd_node *root)
{
    const struct wd_node *kind = root->kind == WD_NODE_MAP ? wd_node_get(root, "wirediet") : NULL;
    if (kind && wd_bytes_is(kind->text, "usage/1"))
        return WD_OK;
    return wd_reader_fail(r, kind ? kind : root, "not a usage file; one starts with 'wirediet: usage/1'");
}

static int add_consumers(const struct wd_document *document, struct wd_arena *arena, struct wd_usage *usage,
                         struct wd_err *err)
{
    struct wd_reader r = { document, arena, err };
    const struct wd_node *list, *entry;
    size_t added;
    TRY(check_kind(&r, document->root));
    TRY(wd_reader_map(&r, document->root, "a usage file", file_keys));
    TRY(wd_reader_need(&r, document->root, "a usage file", "consumers", &list));
    TRY(wd_reader_list(&r, list, &added, &entry));

    struct wd_consumer *all = wd_arena_array(arena, struct wd_consumer, usage->consumer_count + added);
    for (size_t i = 0; i < usage->consumer_count; i++)
        all[i] = usage->consumers[i];
    for (size_t i = usage->consumer_count; entry; entry = entry->next, i++)
        TRY(read_consumer(&r, entry, all, i));
    *usage = (struct wd_usage){ all, usage->consumer_count + added };
    return WD_OK;
}

static bool is_read(const struct wd_usage *usage, const char *name)
{
    for (size_t i = 0; i < usage->consumer_count; i++)
        if (strcmp(usage->consumers[i].at.file, name) == 0 || wd_file_same(usage->consumers[i].at.file, name))
            return true;
    return false;
}

int wd_usage_load(const char *name, const struct wd_limits *limits, struct wd_arena *arena,
                  struct wd_usage *usage, struct wd_err *err)
{
    struct wd_document *document;
    if (is_read(usage, name))
        return WD_OK;
    TRY(wd_document_read(name, limits, arena, &document, err));
    return add_consumers(document, arena, usage, err);
}

int wd_usage_parse(const char *name, struct wd_bytes text, const struct wd_limits *limits,
                   struct wd_arena *arena, struct wd_usage *usage, struct wd_err *err)
{
    struct wd_document *document;
    TRY(wd_document_parse(name, text, limits, arena, &document, err));
    return add_consumers(document, arena, usage, err);
}
