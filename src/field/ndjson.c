/* field/ndjson.c - several JSON texts in one message: a line each, or each behind a record separator.
 *
 *     { "a" : 1 } LF { "a" : 2 } LF           RS { "a" : 1 } LF RS { "a" : 2 } LF
 *     |           |  |           |            |  |           \____/
 *     |           |  |           the root's   |  the first [] the second []'s, as the comma of an array is
 *     |           |  the second []            the first []'s
 *     |           the second []'s
 *     the first []
 *
 * The root is the array that nobody spelled: it owns only what ends the last text. A record separator, and
 * the first line feed behind a text, are syntax; what other white space there is belongs to the token that
 * follows, as in JSON. A separator may end the only text there is (SignalR), and a batch may have one line:
 * what tells them from plain JSON are a second text or a separator.
 *
 * NDJSON, also called JSON Lines, 1.0; RFC 7464 (JSON text sequences).
 */
#include "field/json.h"
#include "field/scan.h"

enum { SEPARATOR = 0x1e };

/* Up to the next text; *is_apart: something stands between it and the one before. */
static struct place skip_between(struct wd_bytes body, struct place p, bool is_first, bool *is_apart)
{
    *is_apart = is_first;
    for (; p.off < body.len; p.off++) {
        uint8_t c = body.at[p.off];
        if (c == SEPARATOR || (c == '\n' && !*is_apart))
            p.syntax++;
        else if (wd_is_space(c))
            p.space++;
        else
            break;
        *is_apart |= c == SEPARATOR || c == '\n';
    }
    return p;
}

static void open_root(struct walk *w)
{
    *wd_tape_push(w->tape) =
        (struct wd_field){ .path = WD_PATH_ROOT, .type = WD_TYPE_ARRAY, .flags = WD_FIELD_EMPTY };
    w->depth = 1;
}

static struct place walk_texts(struct walk *w)
{
    const struct wd_bytes body = wd_bytes_at(w->body, w->len);
    bool is_apart;
    open_root(w);
    struct place p = skip_between(body, (struct place){ 0 }, true, &is_apart);
    while (p.off < w->len) {
        if (!is_apart)
            p.fault = "expected a line feed or a record separator between two JSON texts";
        else if (wd_tape_is_full(w->tape))
            p.fault = WD_TAPE_FULL;
        else
            p = json_value(w, p, wd_paths_element(w->paths, WD_PATH_ROOT));
        if (p.fault)
            return p;
        w->tape->fields[0].flags = 0;
        p = skip_between(body, p, false, &is_apart);
    }
    struct wd_field *root = &w->tape->fields[0];
    root->syntax_len = p.syntax;
    root->space_len = p.space;
    root->close_off = p.off;
    return p;
}

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    (void)layout;
    struct walk w;  /* the stack is not cleared: only levels below `depth` are read */
    json_begin(&w, body, paths, limits, tape);
    struct place end = walk_texts(&w);
    if (end.fault)
        wd_tape_fail(tape, body, end.off, end.fault);
}

/* One past the object or array at `off`, by its brackets and quotes alone; the end of the body
 * when it has none. */
static uint32_t skip_container(struct wd_bytes body, uint32_t off)
{
    uint32_t depth = 0, len = (uint32_t)body.len;
    while (off < len) {
        uint8_t c = body.at[off];
        if (c == '"') {
            off = wd_scan_string(body.at, off, len).end;
            continue;
        }
        off++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            break;
    }
    return off;
}

static bool is_container(struct wd_bytes body, uint32_t off)
{
    return off < body.len && (body.at[off] == '{' || body.at[off] == '[');
}

/* Nothing that is a JSON text as a whole: then it is one. */
static int bid(struct wd_bytes body)
{
    bool is_apart;
    struct place first = skip_between(body, (struct place){ 0 }, true, &is_apart);
    if (!is_container(body, first.off))
        return 0;
    struct place end = { .off = skip_container(body, first.off) },
                 next = skip_between(body, end, false, &is_apart);
    bool has_separator = memchr(body.at, SEPARATOR, first.off) ||
                         memchr(body.at + end.off, SEPARATOR, next.off - end.off);
    return has_separator || (is_apart && is_container(body, next.off)) ? 24 : 0;
}

static bool keeps(struct wd_bytes body)
{
    return bid(body) > 0;
}

static const char *const media_types[] = {
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    "application/json-seq", "+json-seq", NULL,
};
const struct wd_codec wd_codec_ndjson = {
    .name = "ndjson",
    .media_types = media_types,
    .bid = bid,
    .keeps = keeps,
    .walk = walk,
};
