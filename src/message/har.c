/* HAR 1.2, read as a stream of events; members that are not drawn here are skipped unread, whatever they
 * hold.
 *
 *   { "log": { "entries": [ { "startedDateTime", "time", "connection", "_connectionId",
 *                             "request":  { "method", "url", "headersSize", "bodySize",
 *                                          "postData": { "mimeType", "text" } },
 *                             "response": { "status", "headersSize", "bodySize",
 *                                          "content": { "size", "mimeType", "text", "encoding" } },
 *                             "_webSocketMessages":   [ { "type", "time", "opcode", "data" } ],
 *                             "_eventSourceMessages": [ { "eventName", "time", "data" } ] } ] } }
 */
#include "message/har.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/jevents.h"
#include "message/har_entry.h"

enum { SHORT_MAX = 255, HELD_KEPT = 4 << 20 };

struct wd_har {
    const char *name;
    struct wd_jevents json;
    struct wd_har_book book;
    struct wd_har_entry entry;
    uint8_t places[WD_JDEPTH_MAX];   /* of the containers that are open */
    uint64_t entries;
    bool has_entries;                /* log.entries was there */
    struct wd_err fault;
};

static const struct container {
    enum wd_har_place parent;
    const char *key;
    enum wd_har_place place;
} containers[] = {
    { WD_HAR_ROOT, "log", WD_HAR_LOG },
    { WD_HAR_LOG, "entries", WD_HAR_ENTRIES },
    { WD_HAR_ENTRIES, "", WD_HAR_ENTRY },
    { WD_HAR_ENTRY, "request", WD_HAR_REQUEST },
    { WD_HAR_REQUEST, "postData", WD_HAR_POST },
    { WD_HAR_ENTRY, "response", WD_HAR_RESPONSE },
    { WD_HAR_RESPONSE, "content", WD_HAR_CONTENT },
    { WD_HAR_ENTRY, "_webSocketMessages", WD_HAR_SOCKET },
    { WD_HAR_SOCKET, "", WD_HAR_FRAME },
    { WD_HAR_ENTRY, "_eventSourceMessages", WD_HAR_STREAM },
    { WD_HAR_STREAM, "", WD_HAR_EVENT },
};

static const struct field {
    enum wd_har_place place;
    const char *key;
    enum wd_har_room room;
} fields[WD_HAR_FIELD_COUNT] = {
#define ROW(id, place, name, room) { WD_HAR_##place, name, WD_HAR_##room },
    WD_HAR_FIELDS(ROW)
#undef ROW
};

static enum wd_har_place place_around(const struct wd_har *har, size_t depth)
{
    return depth ? har->places[depth - 1] : WD_HAR_NOWHERE;
}

static int field_at(enum wd_har_place place, struct wd_bytes key)
{
    for (int i = 0; i < WD_HAR_FIELD_COUNT; i++)
        if (fields[i].place == place && wd_bytes_is(key, fields[i].key))
            return i;
    return -1;
}

static uint64_t room(void *ctx, struct wd_bytes key, size_t depth)
{
    const struct wd_har *har = ctx;
    int field = field_at(place_around(har, depth), key);
    uint64_t most = har->book.limits.memory / 2;
    if (field < 0)
        return 0;
    if (fields[field].room == WD_HAR_LONG)
        return har->entry.held.len < most ? most - har->entry.held.len : 0;
    return fields[field].room == WD_HAR_ADDRESS ? har->book.limits.header_line : SHORT_MAX;
}

/* --- the entry --- */

static void begin_entry(struct wd_har_entry *entry)
{
    if (entry->held.cap > HELD_KEPT)
        wd_buf_free(&entry->held);
    wd_buf_reset(&entry->held);
    memset(entry->fields, 0, sizeof entry->fields);
    entry->frame_count = entry->event_count = 0;
    entry->is_full = false;
    entry->lost_items = entry->lost_bytes = 0;
}

/* The lists count against the same limit as what they hold: a list of empty objects would else cost
 * nothing. */
static bool has_place(const struct wd_har *har)
{
    const struct wd_har_entry *entry = &har->entry;
    uint64_t most = har->book.limits.memory / 2;
    return entry->held.len < most && (entry->frame_count + entry->event_count) * sizeof *entry->frames < most;
}

static void begin_item(struct wd_har *har, enum wd_har_place place)
{
    struct wd_har_entry *entry = &har->entry;
    if (place != WD_HAR_FRAME && place != WD_HAR_EVENT)
        return;
    entry->is_full |= !has_place(har);
    if (entry->is_full) {
        entry->lost_items++;
    } else if (place == WD_HAR_FRAME) {
        WD_GROW(entry->frames, entry->frame_count, entry->frame_cap);
        entry->frames[entry->frame_count++] = (struct wd_har_item){ 0 };
    } else {
        WD_GROW(entry->events, entry->event_count, entry->event_cap);
        entry->events[entry->event_count++] = (struct wd_har_item){ 0 };
    }
}

static struct wd_har_span *item_span(struct wd_har_item *item, int field)
{
    switch (field) {
    case WD_HAR_FRAME_TYPE: case WD_HAR_EVENT_NAME: return &item->type;
    case WD_HAR_FRAME_TIME: case WD_HAR_EVENT_TIME: return &item->time;
    case WD_HAR_FRAME_OPCODE: return &item->opcode;
    default: return &item->data;
    }
}

static struct wd_har_span *span_of(struct wd_har_entry *entry, int field)
{
    if (fields[field].place == WD_HAR_FRAME)
        return entry->frame_count ? item_span(&entry->frames[entry->frame_count - 1], field) : NULL;
    if (fields[field].place == WD_HAR_EVENT)
        return entry->event_count ? item_span(&entry->events[entry->event_count - 1], field) : NULL;
    return &entry->fields[field];
}

static void take_scalar(struct wd_har *har, const struct wd_jevent *event)
{
    int field = field_at(place_around(har, event->depth), event->key);
    struct wd_har_span *span = field < 0 ? NULL : span_of(&har->entry, field);
    if (!span || (event->kind != WD_J_STRING && event->kind != WD_J_NUMBER))
        return;
    bool is_item = fields[field].place == WD_HAR_FRAME || fields[field].place == WD_HAR_EVENT;
    if (is_item && har->entry.is_full) {   /* the span is that of an item before it */
        har->entry.lost_bytes += fields[field].room == WD_HAR_LONG ? event->len : 0;
        return;
    }
    *span = (struct wd_har_span){ har->entry.held.len, event->text.len, event->len, true };
    wd_buf_put(&har->entry.held, event->text);
}

/* --- the archive --- */

static enum wd_har_place place_of(enum wd_har_place parent, const struct wd_jevent *event)
{
    bool is_list = event->kind == WD_J_ARRAY;
    if (event->depth == 0)
        return is_list ? WD_HAR_NOWHERE : WD_HAR_ROOT;
    for (size_t i = 0; i < WD_COUNT(containers); i++) {
        enum wd_har_place place = containers[i].place;
        bool wants_list = place == WD_HAR_ENTRIES || place == WD_HAR_SOCKET || place == WD_HAR_STREAM;
        if (containers[i].parent == parent && wants_list == is_list &&
            wd_bytes_is(event->key, containers[i].key))
            return place;
    }
    return WD_HAR_NOWHERE;
}

static void begin_container(struct wd_har *har, const struct wd_jevent *event)
{
    enum wd_har_place place = place_of(place_around(har, event->depth), event);
    har->places[event->depth] = (uint8_t)place;
    if (place == WD_HAR_ENTRY)
        begin_entry(&har->entry);
    begin_item(har, place);
    har->has_entries |= place == WD_HAR_ENTRIES;
}

static int on_event(void *ctx, const struct wd_jevent *event)
{
    struct wd_har *har = ctx;
    if (event->kind == WD_J_OBJECT || event->kind == WD_J_ARRAY) {
        begin_container(har, event);
        return WD_OK;
    }
    if (event->kind != WD_J_END) {
        take_scalar(har, event);
        return WD_OK;
    }
    if (har->places[event->depth] != WD_HAR_ENTRY)
        return WD_OK;
    har->entries++;
    return wd_har_retell(&har->book, &har->entry);
}

struct wd_har *wd_har_open(const char *name, const struct wd_limits *limits, struct wd_ledger *ledger,
                           struct wd_messages *messages, struct wd_window *window)
{
    struct wd_har *har = wd_alloc(sizeof *har);
    har->name = name;
    har->book =
        (struct wd_har_book){ .limits = *limits, .ledger = ledger, .messages = messages, .window = window };
    wd_har_book_open(&har->book);
    wd_jevents_open(&har->json, on_event, room, har);
    return har;
}

void wd_har_free(struct wd_har *har)
{
    if (!har)
        return;
    wd_har_book_free(&har->book);
    wd_jevents_free(&har->json);
    wd_buf_free(&har->entry.held);
    wd_free(har->entry.frames);
    wd_free(har->entry.events);
    wd_free(har);
}

int wd_har_feed(struct wd_har *har, struct wd_bytes bytes, struct wd_err *err)
{
    (void)err;   /* what is broken is told at the end */
    return wd_jevents_feed(&har->json, bytes);
}

static struct wd_place here(const struct wd_har *har)
{
    return (struct wd_place){ .file = har->name, .offset = har->json.offset, .has_offset = true };
}

/* The entry that the fault is in: what was read of it counts, as far as it can be told whose it is. */
static int end_broken(struct wd_har *har)
{
    wd_fail(&har->fault, WD_EPARSE, here(har),
            "the HAR is broken after %llu whole entries: %s; export or copy it again",
            (unsigned long long)har->entries, har->json.fault);
    har->book.ledger->damaged++;
    bool is_inside =
        har->json.depth > 3 && har->places[2] == WD_HAR_ENTRIES && har->places[3] == WD_HAR_ENTRY;
    bool is_known = har->entry.fields[WD_HAR_URL].is_there;
    return is_inside && is_known ? wd_har_retell(&har->book, &har->entry) : WD_OK;
}

int wd_har_finish(struct wd_har *har, struct wd_err *err)
{
    TRY(wd_jevents_finish(&har->json));
    if (!har->has_entries)
        return wd_fail(err, WD_EPARSE, here(har),
                       "not a HAR (expected {\"log\": {\"entries\": [...]}}, found %s%s); "
                       "export it from the network panel of a browser",
                       har->json.fault ? "broken JSON: " : "JSON without it",
                       har->json.fault ? har->json.fault : "");
    if (har->json.fault)
        TRY(end_broken(har));
    return wd_har_book_close(&har->book);
}

const char *wd_har_fault(const struct wd_har *har)
{
    return har->fault.code ? har->fault.text : NULL;
}

const struct wd_told *wd_har_told(const struct wd_har *har)
{
    return &har->book.told;
}

__attribute__((format(printf, 3, 4)))
static void note(struct wd_buf *out, const struct wd_har *har, const char *format, ...)
{
    struct wd_err line = { 0 };
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    wd_fail(&line, WD_EPARSE, (struct wd_place){ .file = har->name }, "%s", what);
    wd_buf_printf(out, "%s\n", line.text);
}

void wd_har_notes(const struct wd_har *har, struct wd_buf *out)
{
    unsigned long long mute = har->book.mute_sockets, missing = har->book.missing_bodies,
                       cut = har->book.cut_messages;
    if (cut)
        note(
            out, har,
            "%llu message%s of entries larger than %llu bytes count%s as undecoded; "
             "raise it with --limit memory=%lluM",
            cut, cut == 1 ? "" : "s", (unsigned long long)har->book.limits.memory / 2, cut == 1 ? "s" : "",
            (unsigned long long)(har->book.limits.memory >> 20) * 4);
    if (mute)
        note(
            out, har,
            "%llu WebSocket connection%s in it without messages: Firefox and Safari export none, "
             "Chromium does",
            mute, mute == 1 ? " is" : "s are");
    if (missing)
        note(out, har, "%llu %s not in it and count%s as undecoded; export the HAR with content", missing,
             missing == 1 ? "body that may be a message is" : "bodies that may be messages are",
             missing == 1 ? "s" : "");
}
