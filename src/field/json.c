/* field/json.c - JSON text, strictly (RFC 8259), with an owner for each byte.
 *
 *     { "cpu" : { "load" : 0.5 } , "up" : true }
 *     |  |    | |              |  |            |
 *     |  |    | object's own bracket           the root's
 *     |  |    the member's colon  the comma belongs to the element after it
 *     |  the member's key, quotes included
 *     the root's
 *
 * White space goes to the token that follows: to the entry of its value, at the end of a container to the
 * container. The walk is one loop over tokens with a stack of open containers; keys are confirmed against the
 * node that followed last time before anything is looked up.
 */
#include "field/json.h"

#include "base/unescape.h"
#include "field/guess.h"
#include "field/scan.h"

WD_HOT struct place fail(struct place p, const char *why)
{
    p.fault = why;
    return p;
}

WD_HOT struct place skip_space(const struct walk *w, struct place p)
{
    while (p.off < w->len && wd_is_space(w->body[p.off])) {
        p.off++;
        p.space++;
    }
    return p;
}

/* The entry of the value at p.off; what waited is its own now. */
WD_HOT struct wd_field *emit(struct walk *w, struct place *p, uint32_t path, uint8_t type)
{
    struct wd_field *f = wd_tape_push(w->tape);
    f->path = path;
    f->type = type;
    f->flags = 0;
    f->depth = (uint16_t)w->depth;
    f->key_off = p->key_off;
    f->key_len = p->key_len;
    f->value_off = p->off;
    f->value_len = 0;
    f->syntax_len = p->syntax;
    f->space_len = p->space;
    p->space = p->syntax = p->key_len = 0;
    return f;
}

/* --- scalars --- */

WD_HOT struct place string_value(struct walk *w, struct place p, uint32_t path)
{
    struct wd_scan s = wd_scan_string(w->body, p.off, w->len);
    if (s.fault)
        return p.off = s.end, fail(p, s.fault);
    wd_scan_keep_string(&s, emit(w, &p, path, WD_TYPE_STRING));
    p.off = s.end;
    return p;
}

WD_HOT struct place number_value(struct walk *w, struct place p, uint32_t path)
{
    struct wd_scan s = wd_scan_number(w->body, p.off, w->len);
    if (s.fault)
        return fail(p, s.fault);
    wd_scan_keep_number(&s, emit(w, &p, path, WD_TYPE_INTEGER));
    p.off = s.end;
    return p;
}

WD_HOT struct place word_value(struct walk *w, struct place p, uint32_t path, const char *word, uint32_t len,
                            uint8_t type)
{
    if (w->len - p.off < len || memcmp(w->body + p.off, word, len) != 0)
        return fail(p, "expected a value");
    struct wd_field *f = emit(w, &p, path, type);
    f->value_len = len;
    f->flags = type == WD_TYPE_NULL ? WD_FIELD_EMPTY : 0;
    p.off += len;
    return p;
}

/* --- containers --- */

WD_HOT struct place open_container(struct walk *w, struct place p, uint32_t path, bool is_array)
{
    if (w->depth >= w->max_depth)
        return fail(p, "nested too deeply");
    p.syntax++;
    struct wd_field *f = emit(w, &p, path, is_array ? WD_TYPE_ARRAY : WD_TYPE_OBJECT);
    f->close_off = 0;
    w->stack[w->depth++] = (struct level){ w->tape->count - 1, path, WD_PATH_NONE, is_array ? ']' : '}' };
    p.off++;
    return p;
}

WD_HOT struct place close_container(struct walk *w, struct place p)
{
    const struct level *level = &w->stack[--w->depth];
    struct wd_field *f = &w->tape->fields[level->field];
    f->syntax_len++;
    f->space_len += p.space;
    if (level->field + 1 == w->tape->count)
        f->flags |= WD_FIELD_EMPTY;
    p.space = 0;
    f->close_off = ++p.off;
    return p;
}

/* A key that was not seen at this place the last time: its node, found or made, remembered as what comes
 * after the one before. */
static __attribute__((noinline)) uint32_t look_up(struct walk *w, const struct level *level,
                                                  struct wd_bytes token, bool is_escaped)
{
    struct wd_bytes key = wd_bytes_at(token.at + 1, token.len - 2);
    if (is_escaped) {
        struct wd_buf *scratch = wd_paths_scratch(w->paths);
        wd_buf_reset(scratch);
        wd_unescape(key, scratch);
        key = wd_buf_bytes(scratch);
    }
    uint32_t path = wd_paths_member(w->paths, level->path, key, token);
    wd_guess_learn(w->paths, level->path, level->child_path, path);
    return path;
}

static __attribute__((noinline)) struct place other_key(struct walk *w, struct place p, struct level *level,
                                                        uint32_t *path)
{
    if (p.off >= w->len || w->body[p.off] != '"')
        return fail(p, "expected a key in quotes");
    struct wd_scan s = wd_scan_string(w->body, p.off, w->len);
    if (s.fault)
        return p.off = s.end, fail(p, s.fault);
    *path = look_up(w, level, wd_bytes_at(w->body + p.off, s.end - p.off), s.is_escaped);
    p.key_len = s.end - p.off;
    return p;
}

WD_HOT struct place member_key(struct walk *w, struct place p, struct level *level, uint32_t *path)
{
    p.key_off = p.off;
    *path = WD_PATH_NONE;
    if (p.off < w->len && w->body[p.off] == '"')
        *path = wd_guess_member(w->paths, level->path, level->child_path, w->body + p.off, w->len - p.off);
    if (*path == WD_PATH_NONE)
        p = other_key(w, p, level, path);
    else
        p.key_len = wd_paths_nodes(w->paths)[*path].token_len;
    if (p.fault)
        return p;
    const struct wd_path *nodes = wd_paths_nodes(w->paths);
    level->child_path = *path;
    *path = nodes[*path].target;
    p.off += p.key_len;
    if (p.off < w->len && w->body[p.off] != ':')
        p = skip_space(w, p);
    if (p.off >= w->len || w->body[p.off] != ':')
        return fail(p, "expected ':' after a key");
    p.off++;
    p.syntax++;
    return p;
}

WD_HOT uint32_t element_path(struct walk *w, struct level *level)
{
    if (level->child_path == WD_PATH_NONE)
        level->child_path = wd_paths_nodes(w->paths)[level->path].element;
    if (level->child_path == WD_PATH_NONE)
        level->child_path = wd_paths_element(w->paths, level->path);
    return level->child_path;
}

/* --- the loop --- */

WD_HOT struct place value(struct walk *w, struct place p, uint32_t path)
{
    if (p.off < w->len && w->body[p.off] <= ' ')
        p = skip_space(w, p);
    if (p.off >= w->len)
        return fail(p, "ends where a value should be");
    switch (w->body[p.off]) {
    case '"': return string_value(w, p, path);
    case '{': return open_container(w, p, path, false);
    case '[': return open_container(w, p, path, true);
    case 't': return word_value(w, p, path, "true", 4, WD_TYPE_BOOLEAN);
    case 'f': return word_value(w, p, path, "false", 5, WD_TYPE_BOOLEAN);
    case 'n': return word_value(w, p, path, "null", 4, WD_TYPE_NULL);
    default: return number_value(w, p, path);
    }
}

/* Up to the value of the next member or element of the innermost container, or past the container's end
 * (*path is then NONE). */
WD_HOT struct place step(struct walk *w, struct place p, uint32_t *path)
{
    struct level *level = &w->stack[w->depth - 1];
    *path = WD_PATH_NONE;
    if (p.off < w->len && w->body[p.off] <= ' ')
        p = skip_space(w, p);
    if (p.off >= w->len)
        return fail(p, "ends inside a container");
    uint8_t c = w->body[p.off];
    if (c == level->end)
        return close_container(w, p);
    if (wd_tape_is_full(w->tape))
        return fail(p, WD_TAPE_FULL);
    if (level->field + 1 != w->tape->count) {
        if (c != ',')
            return fail(p, level->end == ']' ? "expected ',' or ']'" : "expected ',' or '}'");
        p.off++;
        p.syntax++;
        if (p.off < w->len && w->body[p.off] <= ' ')
            p = skip_space(w, p);
    }
    if (level->end == '}')
        return member_key(w, p, level, path);
    *path = element_path(w, level);
    return p;
}

/* The value at p.off with all that is in it; `outside`: how many containers are open around it. */
WD_HOT struct place whole_value(struct walk *w, struct place p, uint32_t path, uint32_t outside)
{
    do {
        if (path != WD_PATH_NONE)
            p = value(w, p, path);
        if (!p.fault && w->depth > outside)
            p = step(w, p, &path);
        else
            path = WD_PATH_NONE;
    } while (!p.fault && (w->depth > outside || path != WD_PATH_NONE));
    return p;
}

static struct place walk_document(struct walk *w)
{
    struct place p = whole_value(w, (struct place){ 0 }, WD_PATH_ROOT, 0);
    if (p.fault)
        return p;
    p = skip_space(w, p);
    w->tape->fields[0].space_len += p.space;
    return p.off == w->len ? p : fail(p, "text after the end of the value");
}

static void walk(struct wd_bytes body, const struct wd_layout *layout, struct wd_paths *paths,
                 const struct wd_limits *limits, struct wd_tape *tape)
{
    (void)layout;
    struct walk w;  /* the stack is not cleared: only levels below `depth` are read */
    json_begin(&w, body, paths, limits, tape);
    struct place end = walk_document(&w);
    if (end.fault)
        wd_tape_fail(tape, body, end.off, end.fault);
}

struct place json_value(struct walk *w, struct place p, uint32_t path)
{
    return whole_value(w, p, path, w->depth);
}

/* An object or array announces itself; a lone scalar is JSON only when all of it is. */
static int bid(struct wd_bytes body)
{
    uint32_t off = 0, len = (uint32_t)body.len;
    while (off < len && wd_is_space(body.at[off]))
        off++;
    if (off == len)
        return 0;
    uint8_t c = body.at[off];
    if (c == '{' || c == '[')
        return 16;
    struct wd_bytes rest = wd_bytes_at(body.at + off, len - off);
    while (rest.len && wd_is_space(rest.at[rest.len - 1]))
        rest.len--;
    if (wd_bytes_is(rest, "true") || wd_bytes_is(rest, "false") || wd_bytes_is(rest, "null"))
        return 16;
    struct wd_scan s = c == '"' ? wd_scan_string(rest.at, 0, (uint32_t)rest.len)
                                : wd_scan_number(rest.at, 0, (uint32_t)rest.len);
    return !s.fault && s.end == rest.len ? 16 : 0;
}

static bool keeps(struct wd_bytes body)
{
    return bid(body) > 0;
}

static const char *const media_types[] = { "application/json", "text/json", "+json", NULL };
const struct wd_codec wd_codec_json = {
    .name = "json",
    .media_types = media_types,
    .bid = bid,
    .keeps = keeps,
    .walk = walk,
};
