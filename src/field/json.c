/* field/json.c - JSON text, strictly (RFC 8259), with an owner for each byte.
 *
 *     { "cpu" : { "load" : 0.5 } , "up" : true }
 *     |  |    | |              |  |            |
 *     |  |    | object's own bracket           the root's
 *     |  |    the member's colon  the comma belongs to the element after it
 *     |  the member's key, quotes included
 *     the root's
 *
 * White space goes to the token that follows: to the entry of its value, at the end of a container to the container.
 * The walk is one loop over tokens with a stack of open containers; keys are confirmed against the node that followed
 * last time before anything is looked up.
 */
#include "base/unescape.h"
#include "field/codec.h"
#include "field/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { STACK = 512 };

struct level {
    uint32_t field;       /* index of the container on the tape */
    uint32_t path;
    uint32_t child_path;  /* node of the last member, of [] in arrays */
    bool is_array;
};

struct walk {
    const uint8_t *body;
    uint32_t off, len;
    struct wd_paths *paths;
    const struct wd_path *nodes;
    struct wd_tape *tape;
    uint32_t depth, max_depth;
    uint32_t space, syntax;       /* bytes that wait for the value they belong to */
    uint32_t key_off, key_len;
    struct wd_buf *scratch;
    const char *fault;
    struct level stack[STACK];
};

static bool fail(struct walk *w, const char *why)
{
    w->fault = why;
    return false;
}

static void skip_space(struct walk *w)
{
    uint32_t start = w->off;
    while (w->off < w->len && wd_is_space(w->body[w->off]))
        w->off++;
    w->space += w->off - start;
}

static struct wd_field *emit(struct walk *w, uint32_t path, uint8_t type)
{
    struct wd_field *f = wd_tape_push(w->tape);
    *f = (struct wd_field){
        .path = path, .type = type, .depth = (uint16_t)w->depth,
        .key_off = w->key_off, .key_len = w->key_len,
        .value_off = w->off, .syntax_len = w->syntax, .space_len = w->space,
    };
    w->space = w->syntax = w->key_len = 0;
    return f;
}

/* --- scalars --- */

static bool string_value(struct walk *w, uint32_t path)
{
    struct wd_scan s = wd_scan_string(w->body, w->off, w->len);
    if (s.fault)
        return fail(w, s.fault);
    struct wd_field *f = emit(w, path, WD_TYPE_STRING);
    f->value_len = s.end - w->off;
    f->flags = (uint8_t)((s.is_escaped ? WD_FIELD_ESCAPED : 0) | (f->value_len == 2 ? WD_FIELD_EMPTY : 0));
    w->off = s.end;
    return true;
}

static bool number_value(struct walk *w, uint32_t path)
{
    struct wd_scan s = wd_scan_number(w->body, w->off, w->len);
    if (s.fault)
        return fail(w, s.fault);
    struct wd_field *f = emit(w, path, s.is_integer ? WD_TYPE_INTEGER : WD_TYPE_NUMBER);
    f->value_len = s.end - w->off;
    f->flags = s.is_escaped ? WD_FIELD_ESCAPED : 0;
    w->off = s.end;
    return true;
}

static bool word_value(struct walk *w, uint32_t path, const char *word, uint32_t len, uint8_t type)
{
    if (w->len - w->off < len || memcmp(w->body + w->off, word, len) != 0)
        return fail(w, "expected a value");
    struct wd_field *f = emit(w, path, type);
    f->value_len = len;
    f->flags = type == WD_TYPE_NULL ? WD_FIELD_EMPTY : 0;
    w->off += len;
    return true;
}

/* --- containers --- */

static bool open_container(struct walk *w, uint32_t path, bool is_array)
{
    if (w->depth >= w->max_depth)
        return fail(w, "nested too deeply");
    w->syntax++;
    struct wd_field *f = emit(w, path, is_array ? WD_TYPE_ARRAY : WD_TYPE_OBJECT);
    w->stack[w->depth++] = (struct level){ (uint32_t)(f - w->tape->fields), path, WD_PATH_NONE, is_array };
    w->off++;
    return true;
}

static void close_container(struct walk *w)
{
    struct level *level = &w->stack[--w->depth];
    struct wd_field *f = &w->tape->fields[level->field];
    f->syntax_len++;
    f->space_len += w->space;
    if (level->field + 1 == w->tape->count)
        f->flags |= WD_FIELD_EMPTY;
    w->space = 0;
    w->off++;
}

/* The decoded key of a token that was not seen at this place before. */
static uint32_t look_up(struct walk *w, struct level *level, struct wd_scan s)
{
    struct wd_bytes token = wd_bytes_at(w->body + w->off, s.end - w->off);
    struct wd_bytes key = wd_bytes_at(token.at + 1, token.len - 2);
    if (s.is_escaped) {
        wd_buf_reset(w->scratch);
        wd_unescape(key, w->scratch);
        key = wd_buf_bytes(w->scratch);
    }
    uint32_t path = wd_paths_member(w->paths, level->path, key, token);
    w->nodes = wd_paths_nodes(w->paths);
    return path;
}

/* True when the token at `off` is the key of `node`, written the same way. Tokens are padded to 16 bytes (arena blocks are). */
static inline bool is_token(const struct walk *w, uint32_t node)
{
    const struct wd_path *n = &w->nodes[node];
    const uint8_t *at = w->body + w->off;
    uint32_t len = n->token_len, left = w->len - w->off;
#ifdef __SSE2__
    if (len <= 16 && left >= 16) {
        __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at),
                                      _mm_loadu_si128((const __m128i *)(const void *)n->token));
        uint32_t mask = (1u << len) - 1;
        return ((uint32_t)_mm_movemask_epi8(same) & mask) == mask;
    }
#endif
    return len <= left && memcmp(at, n->token, len) == 0;
}

/* Remembers what came after `last` (or first in the container), for the next message. */
static void learn(struct walk *w, struct level *level, uint32_t path)
{
    struct wd_path *nodes = wd_paths_nodes(w->paths);
    if (level->child_path == WD_PATH_NONE)
        nodes[level->path].guess_first = path;
    else
        nodes[level->child_path].guess_next = path;
}

static bool member_key(struct walk *w, struct level *level, uint32_t *path)
{
    uint32_t guess = level->child_path == WD_PATH_NONE ? w->nodes[level->path].guess_first
                                                       : w->nodes[level->child_path].guess_next;
    uint32_t end;
    if (guess != WD_PATH_NONE && w->nodes[guess].token && w->nodes[guess].parent == level->path && is_token(w, guess)) {
        *path = guess;
        end = w->off + w->nodes[guess].token_len;
    } else {
        if (w->off >= w->len || w->body[w->off] != '"')
            return fail(w, "expected a key in quotes");
        struct wd_scan s = wd_scan_string(w->body, w->off, w->len);
        if (s.fault)
            return fail(w, s.fault);
        *path = look_up(w, level, s);
        end = s.end;
        learn(w, level, *path);
    }
    w->key_off = w->off;
    w->key_len = end - w->off;
    w->off = end;
    level->child_path = *path;
    *path = w->nodes[*path].target;
    if (w->off < w->len && w->body[w->off] != ':')
        skip_space(w);
    if (w->off >= w->len || w->body[w->off] != ':')
        return fail(w, "expected ':' after a key");
    w->off++;
    w->syntax++;
    return true;
}

/* --- the loop --- */

static bool value(struct walk *w, uint32_t path)
{
    if (w->off < w->len && w->body[w->off] <= ' ')
        skip_space(w);
    if (w->off >= w->len)
        return fail(w, "ends where a value should be");
    switch (w->body[w->off]) {
    case '"': return string_value(w, path);
    case '{': return open_container(w, path, false);
    case '[': return open_container(w, path, true);
    case 't': return word_value(w, path, "true", 4, WD_TYPE_BOOLEAN);
    case 'f': return word_value(w, path, "false", 5, WD_TYPE_BOOLEAN);
    case 'n': return word_value(w, path, "null", 4, WD_TYPE_NULL);
    default: return number_value(w, path);
    }
}

/* The next member or element of the innermost container, or its end. */
static bool step(struct walk *w)
{
    struct level *level = &w->stack[w->depth - 1];
    bool is_first = level->field + 1 == w->tape->count;
    if (w->off < w->len && w->body[w->off] <= ' ')
        skip_space(w);
    if (w->off >= w->len)
        return fail(w, "ends inside a container");
    uint8_t c = w->body[w->off];
    if (c == (level->is_array ? ']' : '}')) {
        close_container(w);
        return true;
    }
    if (!is_first) {
        if (c != ',')
            return fail(w, level->is_array ? "expected ',' or ']'" : "expected ',' or '}'");
        w->off++;
        w->syntax++;
        if (w->off < w->len && w->body[w->off] <= ' ')
            skip_space(w);
    }
    uint32_t path;
    if (!level->is_array) {
        if (!member_key(w, level, &path))
            return false;
    } else {
        if (level->child_path == WD_PATH_NONE)
            level->child_path = w->nodes[level->path].element;
        if (level->child_path == WD_PATH_NONE) {
            level->child_path = wd_paths_element(w->paths, level->path);
            w->nodes = wd_paths_nodes(w->paths);
        }
        path = level->child_path;
    }
    return value(w, path);
}

static bool walk_document(struct walk *w)
{
    if (!value(w, WD_PATH_ROOT))
        return false;
    while (w->depth)
        if (!step(w))
            return false;
    skip_space(w);
    w->tape->fields[0].space_len += w->space;
    w->space = 0;
    return w->off == w->len || fail(w, "text after the end of the value");
}

/* What no entry holds is the malformed rest, in one piece. */
static void emit_rest(struct wd_tape *tape, struct wd_bytes body)
{
    uint64_t held = wd_tape_bytes(tape);
    if (held < body.len)
        *wd_tape_push(tape) = (struct wd_field){
            .path = WD_PATH_MALFORMED, .type = WD_TYPE_BYTES, .flags = WD_FIELD_MALFORMED,
            .value_off = (uint32_t)held, .value_len = (uint32_t)(body.len - held),
        };
}

static void walk(struct wd_bytes body, struct wd_paths *paths, const struct wd_limits *limits, struct wd_tape *tape)
{
    struct wd_buf scratch = { 0 };
    struct walk w;  /* the stack is not cleared: only levels below `depth` are read */
    w.body = body.at;
    w.off = 0;
    w.len = (uint32_t)body.len;
    w.paths = paths;
    w.nodes = wd_paths_nodes(paths);
    w.tape = tape;
    w.depth = 0;
    w.max_depth = limits->depth < STACK ? (uint32_t)limits->depth : STACK;
    w.space = w.syntax = w.key_off = w.key_len = 0;
    w.scratch = &scratch;
    w.fault = NULL;
    tape->count = 0;
    tape->fault = NULL;
    if (!walk_document(&w)) {
        tape->fault = w.fault;
        tape->fault_off = w.off;
        emit_rest(tape, body);
    }
    wd_buf_free(&scratch);
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

static const char *const media_types[] = { "application/json", "text/json", "+json", NULL };
const struct wd_codec wd_codec_json = { "json", media_types, bid, walk };
