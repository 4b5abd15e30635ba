/* Numbers and names that may not come back:
 *
 *     reserved 4, 9 to 11;          + 5, 12    ->  reserved 4, 5, 9 to 12;
 *     reserved "old", 'older';      + "note"   ->  reserved "old", 'older', "note";
 *
 * Numbers that follow each other are a range from three on; a range that is there grows. What is not
 * concerned keeps its bytes, and its place.
 */
#include "base/buf.h"
#include "schema/proto_cut.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MAX_NUMBER = 536870911, WORTH_A_RANGE = 3 };

/* Of a statement: numbers, as they stand in the text. */
struct item {
    int64_t first, last;
    size_t start, end;            /* of what is written; start == end: new, behind what is there */
    bool is_range, is_changed, is_gone;
};

struct list { struct item *at; size_t count, cap; };

struct statement { size_t first, end; };   /* tokens: the one behind `reserved`, and the `;` */

/* The `{` of a message or an enum; the number of tokens when there is none. */
static size_t body_of(const struct wd_proto_tokens *tokens, const struct wd_node *node)
{
    size_t end = node->span.off + node->span.len;
    for (size_t i = wd_proto_tokens_find(tokens, node->key_span.off);
         i < tokens->count && tokens->at[i].start < end; i++) {
        if (wd_proto_tokens_is(tokens, i, "["))
            i = wd_proto_tokens_close(tokens, i);
        else if (wd_proto_tokens_is(tokens, i, "{"))
            return i;
    }
    return tokens->count;
}

static struct wd_bytes word(const struct wd_proto_tokens *t, size_t i)
{
    return wd_bytes_at(t->text.at + t->at[i].start, t->at[i].end - t->at[i].start);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The last statement of the message that lists numbers, or names. False when there is none. */
static bool find_statement(const struct wd_proto_tokens *t, const struct wd_node *message, bool is_of_numbers,
                           struct statement *out)
{
    size_t body = body_of(t, message), close = wd_proto_tokens_close(t, body);
    bool is_found = false, is_first = true;
    for (size_t i = body + 1; i < close; i++) {
        if (is_first && wd_proto_tokens_is(t, i, "reserved") && i + 1 < close &&
            is_digit(t->text.at[t->at[i + 1].start]) == is_of_numbers &&
            t->text.at[t->at[i + 1].start] != '=' && t->text.at[t->at[i + 1].start] != '.') {
            struct statement s = { i + 1, i + 1 };
            while (s.end < close && !wd_proto_tokens_is(t, s.end, ";"))
                s.end++;
            if (s.end < close) {
                *out = s;
                is_found = true;
            }
        }
        if (wd_proto_tokens_is(t, i, "{") || wd_proto_tokens_is(t, i, "["))
            i = wd_proto_tokens_close(t, i);
        is_first = wd_proto_tokens_is(t, i, ";") || wd_proto_tokens_is(t, i, "}");
    }
    return is_found;
}

/* --- numbers --- */

static int64_t number_of(const struct wd_proto_tokens *t, size_t i)
{
    char text[32];
    struct wd_bytes w = word(t, i);
    size_t n = w.len < sizeof text ? w.len : sizeof text - 1;
    memcpy(text, w.at, n);
    text[n] = '\0';
    return strcmp(text, "max") == 0 ? MAX_NUMBER : strtoll(text, NULL, 0);
}

static struct item *insert(struct list *list, size_t at, struct item item)
{
    WD_GROW(list->at, list->count, list->cap);
    memmove(list->at + at + 1, list->at + at, (list->count - at) * sizeof *list->at);
    list->at[at] = item;
    list->count++;
    return &list->at[at];
}

static void read_items(const struct wd_proto_tokens *t, struct statement s, struct list *out)
{
    for (size_t i = s.first; i < s.end; i++) {
        struct item item = { .first = number_of(t, i), .start = t->at[i].start, .end = t->at[i].end };
        item.last = item.first;
        if (i + 2 < s.end && wd_proto_tokens_is(t, i + 1, "to")) {
            i += 2;
            item.last = number_of(t, i);
            item.end = t->at[i].end;
            item.is_range = true;
        }
        insert(out, out->count, item);
        i += wd_proto_tokens_is(t, i + 1, ",");
    }
}

static struct item *touching(struct list *list, int64_t number)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->at[i].is_gone && list->at[i].first <= number && number <= list->at[i].last)
            return &list->at[i];
    return NULL;
}

static bool is_written(const struct item *item)
{
    return item->end > item->start;
}

/* All that lies between becomes a part of one: the first that is written, where one is. */
static void join(struct list *list, int64_t first, int64_t last)
{
    struct item *kept = NULL;
    for (size_t i = 0; i < list->count; i++) {
        struct item *item = &list->at[i];
        if (item->is_gone || item->first < first || item->last > last)
            continue;
        item->is_gone = true;
        if (!kept || (is_written(item) && !is_written(kept)))
            kept = item;
    }
    kept->first = first;
    kept->last = last;
    kept->is_range = kept->is_changed = true;
    kept->is_gone = false;
}

static size_t place_of(const struct list *list, int64_t number)
{
    size_t place = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].first < number)
            place = i + 1;
    return place;
}

static void add_number(struct list *list, int64_t number)
{
    int64_t first = number, last = number;
    bool has_range = false;
    const struct item *item;
    if (touching(list, number))
        return;
    while ((item = touching(list, first - 1))) {
        first = item->first;
        has_range |= item->is_range;
    }
    while ((item = touching(list, last + 1))) {
        last = item->last;
        has_range |= item->is_range;
    }
    size_t place = place_of(list, number);
    size_t at = place ? list->at[place - 1].end : list->count ? list->at[0].start : 0;
    insert(list, place, (struct item){ .first = number, .last = number, .start = at, .end = at });
    if (has_range || last - first + 1 >= WORTH_A_RANGE)
        join(list, first, last);
}

static void put_item(struct wd_buf *out, const struct item *item)
{
    wd_buf_printf(out, "%" PRId64, item->first);
    if (item->last == MAX_NUMBER && item->first < item->last)
        wd_buf_puts(out, " to max");
    else if (item->last > item->first)
        wd_buf_printf(out, " to %" PRId64, item->last);
}

static struct wd_bytes keep(struct wd_buf *text, struct wd_arena *arena)
{
    struct wd_bytes kept = wd_arena_copy(arena, wd_buf_bytes(text));
    wd_buf_free(text);
    return kept;
}

/* A list from nothing. */
static struct wd_bytes write_numbers(const struct list *list, struct wd_arena *arena)
{
    struct wd_buf text = { 0 };
    wd_buf_puts(&text, "reserved ");
    for (size_t i = 0, n = 0; i < list->count; i++) {
        if (list->at[i].is_gone)
            continue;
        wd_buf_puts(&text, n++ ? ", " : "");
        put_item(&text, &list->at[i]);
    }
    wd_buf_byte(&text, ';');
    return keep(&text, arena);
}

typedef void put_fn(void *ctx, size_t start, size_t end, struct wd_bytes text);

/* New ones go behind what is there, or before the first of all; what was joined to another goes with the
 * comma before it. */
static void change_numbers(const struct list *list, struct wd_arena *arena, put_fn *put, void *ctx)
{
    size_t written_end = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct item *item = &list->at[i];
        struct wd_buf text = { 0 };
        bool is_old = is_written(item);
        if (is_old && item->is_gone)
            put(ctx, written_end ? written_end : item->start, item->end, wd_bytes_of(""));
        if (!item->is_gone && (!is_old || item->is_changed)) {
            wd_buf_puts(&text, is_old || !written_end ? "" : ", ");
            put_item(&text, item);
            wd_buf_puts(&text, is_old || written_end ? "" : ", ");
            size_t at = is_old || !written_end ? item->start : written_end;
            put(ctx, at, is_old ? item->end : at, keep(&text, arena));
        }
        written_end = is_old ? item->end : written_end;
    }
}

/* --- names --- */

static struct wd_bytes write_names(const struct wd_proto_reserve *r, uint8_t quote, struct wd_arena *arena)
{
    struct wd_buf text = { 0 };
    for (size_t i = 0; i < r->count; i++) {
        wd_buf_puts(&text, i ? ", " : "");
        if (quote)
            wd_buf_byte(&text, quote);
        wd_buf_put(&text, r->names[i]);
        if (quote)
            wd_buf_byte(&text, quote);
    }
    return keep(&text, arena);
}

/* --- both --- */

static void note_place(const struct wd_proto_tokens *t, struct statement s, struct wd_proto_missing *missing)
{
    missing->start = t->at[s.first - 1].start;
    missing->end = t->at[s.end].end;
}

static void merge_numbers(const struct wd_proto_reserve *r, struct wd_arena *arena, put_fn *put, void *ctx,
                          struct wd_proto_missing *missing)
{
    struct list list = { 0 };
    struct statement s;
    bool is_there = find_statement(r->tokens, r->message, true, &s);
    if (is_there)
        read_items(r->tokens, s, &list);
    for (size_t i = 0; i < r->count; i++)
        add_number(&list, r->numbers[i]);
    if (is_there) {
        change_numbers(&list, arena, put, ctx);
        note_place(r->tokens, s, missing);
    } else {
        missing->numbers = write_numbers(&list, arena);
    }
    wd_free(list.at);
}

static void merge_names(const struct wd_proto_reserve *r, struct wd_arena *arena, put_fn *put, void *ctx,
                        struct wd_proto_missing *missing)
{
    struct statement s;
    if (!find_statement(r->tokens, r->message, false, &s)) {
        struct wd_bytes names = write_names(r, r->has_bare_names ? 0 : '"', arena);
        missing->names = wd_arena_printf(arena, "reserved %.*s;", (int)names.len, (const char *)names.at);
        return;
    }
    uint8_t quote = r->tokens->text.at[r->tokens->at[s.first].start];
    struct wd_bytes names = write_names(r, quote == '"' || quote == '\'' ? quote : 0, arena);
    size_t at = r->tokens->at[s.end - 1].end;
    put(ctx, at, at, wd_arena_printf(arena, ", %.*s", (int)names.len, (const char *)names.at));
    if (!missing->end)
        note_place(r->tokens, s, missing);
}

struct wd_proto_missing wd_proto_reserve_merge(const struct wd_proto_reserve *reserve, struct wd_arena *arena,
                                               void (*put)(void *ctx, size_t start, size_t end,
                                                           struct wd_bytes text), void *ctx)
{
    struct wd_proto_missing missing = { 0 };
    merge_numbers(reserve, arena, put, ctx, &missing);
    merge_names(reserve, arena, put, ctx, &missing);
    return missing;
}
