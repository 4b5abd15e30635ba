/* field/packed.h - what MessagePack and CBOR share: each value begins with a head that says what it is and
 * how long, and containers count their members instead of bracketing them.
 *
 *     head  content          head  key value  key value ...          open  item item ...  break
 *     TEXT  UTF-8            MAP   a text or an integer, mostly      ARRAY                (CBOR only)
 *
 * Shape   a codec is a table of initial bytes, a reader of heads and whatever is its own; struct wd_packing
 *         names them. It is a constant where these functions are called, so that each codec gets a loop of
 *         its own with everything inlined. wd_survey_value() passes one value without a tape: for bids, for
 *         keys, for what is nested in bytes.
 * Units   offsets from the start of the body.
 * Owns    nothing.
 * Errors  a fault is a literal in the place; what was emitted before counts.
 * Source  MessagePack specification; RFC 8949 section 3.
 */
#ifndef WD_FIELD_PACKED_H
#define WD_FIELD_PACKED_H

#include "base/buf.h"
#include "field/codec.h"
#include "field/guess.h"
#include "field/text.h"

enum wd_head_kind {
    WD_HEAD_FAULT,      /* none: no value begins with this byte, or it is cut short */
    WD_HEAD_NULL,
    WD_HEAD_BOOLEAN,
    WD_HEAD_UNSIGNED,
    WD_HEAD_NEGATIVE,   /* -1 - arg */
    WD_HEAD_SIGNED,     /* two's complement: the reader makes one of the two above of it */
    WD_HEAD_FLOAT,      /* IEEE 754 of `size` bytes */
    WD_HEAD_TEXT,       /* arg bytes of content follow, as after all of the next ones */
    WD_HEAD_BYTES,
    WD_HEAD_ARRAY,      /* arg elements */
    WD_HEAD_MAP,        /* arg members */
    WD_HEAD_OWN,        /* from here on the codec's own business */
    WD_HEAD_EXT = WD_HEAD_OWN, WD_HEAD_TIME, WD_HEAD_TAG, WD_HEAD_BREAK, WD_HEAD_SIMPLE, WD_HEAD_CHUNKS,
};

/* What an initial byte announces. */
struct wd_initial {
    uint8_t kind;       /* enum wd_head_kind */
    uint8_t size;       /* bytes of the big-endian argument that follow it */
    uint8_t mask;       /* its own bits that are the argument, when none follow */
    bool is_open;       /* a container that a break ends instead of a count */
};

/* 16 bytes, so that it lives in registers. */
struct wd_head {
    union {
        uint64_t arg;
        const char *fault;  /* of a FAULT */
    };
    uint32_t end;       /* one past it */
    uint8_t kind, size;
    bool is_open;
};

/* What one value is like that was passed, not walked. */
struct wd_survey {
    const char *fault;
    uint32_t end;         /* one past it; with a fault: where */
    uint32_t text_bytes;  /* of all its texts without control characters: each speaks for it */
    uint32_t integer_keys;
    bool has_odd_key;     /* a key that is neither such a text nor an integer */
};

struct wd_packed;
struct wd_packed_place;

struct wd_packing {
    struct wd_head (*head)(const uint8_t *at, uint32_t off, uint32_t len);
    bool (*begins_key)(uint8_t initial);  /* of a key that may be guessed */
    struct wd_packed_place (*own)(struct wd_packed *w, struct wd_packed_place p, uint32_t path,
                                  struct wd_head h);
    bool must_be_utf8;                    /* text that is not is malformed, not bytes */
};

struct wd_packed_level {
    uint64_t left;        /* members or elements still to come; of an open one: more than there can be */
    uint32_t field;       /* index of the container on the tape */
    uint32_t path;
    uint32_t child_path;  /* node of the last member, of [] in arrays; WD_PATH_NONE at first */
    bool is_map, is_open;
};

/* What changes with every value: handed around by value, so that it lives in registers. */
struct wd_packed_place {
    uint32_t off;
    uint32_t syntax;           /* bytes of tags and heads that wait for the value they belong to */
    uint32_t key_off, key_len;
    const char *fault;
};

struct wd_packed {
    const uint8_t *body;
    uint32_t len;
    struct wd_paths *paths;
    struct wd_tape *tape;
    uint32_t depth, max_depth;
    struct wd_packed_level stack[WD_DEPTH_MAX];
};

/* --- heads --- */

/* The `size` bytes at `at`, 1, 2, 4 or 8, the first one the highest. */
WD_HOT uint64_t wd_read_big_endian(const uint8_t *at, uint32_t size)
{
    uint64_t value = at[0];
    for (uint32_t i = 1; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

static inline struct wd_head wd_head_fault(uint32_t off, const char *why)
{
    return (struct wd_head){ .fault = why, .end = off, .kind = WD_HEAD_FAULT };
}

WD_HOT void wd_head_settle_sign(struct wd_head *h, uint8_t initial)
{
    int64_t value = h->size ? (int64_t)(h->arg << (64 - 8 * h->size)) >> (64 - 8 * h->size) : (int8_t)initial;
    h->kind = value < 0 ? WD_HEAD_NEGATIVE : WD_HEAD_UNSIGNED;
    h->arg = value < 0 ? ~(uint64_t)value : (uint64_t)value;
}

WD_HOT struct wd_head wd_head_read(const struct wd_initial *table, const uint8_t *at, uint32_t off,
                                   uint32_t len)
{
    if (off >= len)
        return wd_head_fault(off, "ends where a value should be");
    struct wd_initial i = table[at[off]];
    struct wd_head h = {
        .arg = at[off] & i.mask, .end = off + 1, .kind = i.kind, .size = i.size, .is_open = i.is_open
    };
    if (i.size) {
        if (i.size > len - h.end)
            return wd_head_fault(off, "ends inside the head of a value");
        h.arg = wd_read_big_endian(at + h.end, i.size);
        h.end += i.size;
    }
    if (i.kind == WD_HEAD_SIGNED)
        wd_head_settle_sign(&h, at[off]);
    else if (i.kind == WD_HEAD_FAULT)
        return wd_head_fault(off, "a byte that no value begins with");
    return h;
}

/* The number of a FLOAT. */
double wd_head_double(struct wd_head h);
/* What a key says: text as it is, also text that is written as bytes; an integer in decimal; anything else,
 * which no schema has a name for, as hexadecimal digits of its `token`. `h` is its head, behind all tags. */
struct wd_bytes wd_head_key(struct wd_head h, const uint8_t *body, struct wd_bytes token,
                            struct wd_buf *scratch);

/* --- text --- */

/* Whether all bytes are below 0x80: eight at a time, the last ones once more. */
WD_HOT bool wd_is_ascii(const uint8_t *at, uint32_t len)
{
    uint64_t word, any = 0;
    if (len < 8) {
        for (uint32_t i = 0; i < len; i++)
            any |= at[i];
        return any < 0x80;
    }
    for (uint32_t i = 0; i + 8 < len; i += 8) {
        memcpy(&word, at + i, 8);
        any |= word;
    }
    memcpy(&word, at + len - 8, 8);
    return !((any | word) & UINT64_C(0x8080808080808080));
}

bool wd_is_longer_utf8(const uint8_t *at, uint32_t len);  /* wd_utf8_valid, out of line */
WD_HOT bool wd_is_utf8(const uint8_t *at, uint32_t len)
{
    return wd_is_ascii(at, len) || wd_is_longer_utf8(at, len);
}

/* --- one value, passed --- */

struct wd_survey wd_survey_value(const struct wd_packing *packing, const uint8_t *at, uint32_t off,
                                 uint32_t len);
/* How sure a codec may be that a body is its own: not at all when it is not one value to its last byte, or
 * has no text, or a key that nobody writes: numbers alone are what any bytes can look like. Else the more
 * text was found where text should be, the surer; integers as keys speak against it. So of two codecs that
 * can read a body the one wins that finds more text in it. */
int wd_survey_bid(const struct wd_survey *s, uint32_t len);

/* --- entries --- */

WD_HOT struct wd_packed_place wd_packed_fail(struct wd_packed_place p, const char *why)
{
    p.fault = why;
    return p;
}

/* The entry of the value at p.off that ends at `end`; what waited is its own now. */
WD_HOT struct wd_field *wd_packed_emit(struct wd_packed *w, struct wd_packed_place *p, uint32_t path,
                                       uint8_t type, uint32_t end)
{
    struct wd_field *f = wd_tape_push(w->tape);
    f->path = path;
    f->type = type;
    f->flags = WD_FIELD_BINARY;
    f->depth = (uint16_t)w->depth;
    f->key_off = p->key_off;
    f->key_len = p->key_len;
    f->value_off = p->off;
    f->value_len = end - p->off;
    f->syntax_len = p->syntax;
    f->space_len = 0;
    p->syntax = p->key_len = 0;
    p->off = end;
    return f;
}

WD_HOT struct wd_packed_place wd_packed_number(struct wd_packed *w, struct wd_packed_place p, uint32_t path,
                                               struct wd_head h)
{
    struct wd_field *f = wd_packed_emit(w, &p, path, WD_TYPE_NUMBER, h.end);
    if (h.kind == WD_HEAD_UNSIGNED)
        wd_field_keep_integer(f, h.arg, false);
    else if (h.kind == WD_HEAD_FLOAT)
        wd_field_keep_double(f, wd_head_double(h));
    else if (h.arg == UINT64_MAX)  /* -2^64 */
        wd_field_keep_double(f, -0x1p64);
    else
        wd_field_keep_integer(f, h.arg + 1, true);
    return p;
}

WD_HOT struct wd_packed_place wd_packed_string(const struct wd_packing *packing, struct wd_packed *w,
                                               struct wd_packed_place p, uint32_t path, struct wd_head h)
{
    if (h.arg > w->len - h.end)
        return wd_packed_fail(p, "ends inside a string");
    uint32_t text_len = (uint32_t)h.arg;
    bool is_text = h.kind == WD_HEAD_TEXT && wd_is_utf8(w->body + h.end, text_len);
    if (packing->must_be_utf8 && h.kind == WD_HEAD_TEXT && !is_text)
        return wd_packed_fail(p, "a string is not valid UTF-8");
    uint8_t type = is_text ? WD_TYPE_STRING : WD_TYPE_BYTES;
    struct wd_field *f = wd_packed_emit(w, &p, path, type, h.end + text_len);
    f->flags |= text_len ? 0 : WD_FIELD_EMPTY;
    f->text_off = h.end;
    f->text_len = text_len;
    return p;
}

/* --- containers --- */

WD_HOT struct wd_packed_place wd_packed_open(struct wd_packed *w, struct wd_packed_place p, uint32_t path,
                                             struct wd_head h)
{
    bool is_map = h.kind == WD_HEAD_MAP;
    if (w->depth >= w->max_depth)
        return wd_packed_fail(p, "nested too deeply");
    p.syntax += h.end - p.off;
    p.off = h.end;
    wd_packed_emit(w, &p, path, is_map ? WD_TYPE_OBJECT : WD_TYPE_ARRAY, h.end)->close_off = 0;
    w->stack[w->depth++] = (struct wd_packed_level){ .left = h.is_open ? UINT64_MAX : h.arg,
                                                     .field = w->tape->count - 1,
                                                     .path = path,
                                                     .child_path = WD_PATH_NONE,
                                                     .is_map = is_map,
                                                     .is_open = h.is_open };
    return p;
}

WD_HOT struct wd_packed_place wd_packed_close(struct wd_packed *w, struct wd_packed_place p)
{
    const struct wd_packed_level *level = &w->stack[--w->depth];
    struct wd_field *f = &w->tape->fields[level->field];
    f->syntax_len += level->is_open;
    if (level->field + 1 == w->tape->count)
        f->flags |= WD_FIELD_EMPTY;
    p.off += level->is_open;
    f->close_off = p.off;
    return p;
}

/* A key that was not seen at this place the last time: its node, found or made. */
static __attribute__((noinline)) struct wd_packed_place
wd_packed_other_key(const struct wd_packing *packing, struct wd_packed *w, struct wd_packed_place p,
                    uint32_t *path)
{
    const struct wd_packed_level *level = &w->stack[w->depth - 1];
    struct wd_survey s = wd_survey_value(packing, w->body, p.off, w->len);
    p.key_len = s.end - p.off;
    if (s.fault)
        return p.off = s.end, wd_packed_fail(p, s.fault);
    struct wd_head h = packing->head(w->body, p.off, w->len);
    while (h.kind == WD_HEAD_TAG)
        h = packing->head(w->body, h.end, w->len);
    struct wd_bytes token = wd_bytes_at(w->body + p.off, p.key_len);
    struct wd_bytes key = wd_head_key(h, w->body, token, wd_paths_scratch(w->paths));
    *path = wd_paths_member(w->paths, level->path, key, token);
    wd_guess_learn(w->paths, level->path, level->child_path, *path);
    return p;
}

WD_HOT struct wd_packed_place wd_packed_key(const struct wd_packing *packing, struct wd_packed *w,
                                            struct wd_packed_place p, uint32_t *path)
{
    struct wd_packed_level *level = &w->stack[w->depth - 1];
    p.key_off = p.off;
    *path = WD_PATH_NONE;
    if (p.off < w->len && packing->begins_key(w->body[p.off]))
        *path = wd_guess_member(w->paths, level->path, level->child_path, w->body + p.off, w->len - p.off);
    if (*path == WD_PATH_NONE)
        p = wd_packed_other_key(packing, w, p, path);
    else
        p.key_len = wd_paths_nodes(w->paths)[*path].token_len;
    if (p.fault)
        return p;
    level->child_path = *path;
    *path = wd_paths_nodes(w->paths)[*path].target;
    p.off += p.key_len;
    return p;
}

WD_HOT uint32_t wd_packed_element(struct wd_packed *w)
{
    struct wd_packed_level *level = &w->stack[w->depth - 1];
    if (level->child_path == WD_PATH_NONE)
        level->child_path = wd_paths_element(w->paths, level->path);
    return level->child_path;
}

/* --- the loop --- */

enum { WD_PACKED_BREAK = 0xff };

/* Up to the value of the next member or element of the innermost container, or past the container's end
 * (*path is then NONE). */
WD_HOT struct wd_packed_place wd_packed_step(const struct wd_packing *packing, struct wd_packed *w,
                                             struct wd_packed_place p, uint32_t *path)
{
    struct wd_packed_level *level = &w->stack[w->depth - 1];
    bool is_over = level->is_open ? p.off < w->len && w->body[p.off] == WD_PACKED_BREAK : level->left == 0;
    *path = WD_PATH_NONE;
    if (is_over)
        return wd_packed_close(w, p);
    level->left--;
    if (level->is_map)
        return wd_packed_key(packing, w, p, path);
    *path = wd_packed_element(w);
    return p;
}

WD_HOT struct wd_packed_place wd_packed_value(const struct wd_packing *packing, struct wd_packed *w,
                                              struct wd_packed_place p, uint32_t path, struct wd_head h)
{
    struct wd_field *f;
    switch ((enum wd_head_kind)h.kind) {
    case WD_HEAD_FAULT: return wd_packed_fail(p, h.fault);
    case WD_HEAD_TEXT:
    case WD_HEAD_BYTES: return wd_packed_string(packing, w, p, path, h);
    case WD_HEAD_UNSIGNED:
    case WD_HEAD_NEGATIVE:
    case WD_HEAD_FLOAT: return wd_packed_number(w, p, path, h);
    case WD_HEAD_ARRAY:
    case WD_HEAD_MAP: return wd_packed_open(w, p, path, h);
    case WD_HEAD_NULL:
        wd_packed_emit(w, &p, path, WD_TYPE_NULL, h.end)->flags |= WD_FIELD_EMPTY;
        return p;
    case WD_HEAD_BOOLEAN:
        f = wd_packed_emit(w, &p, path, WD_TYPE_BOOLEAN, h.end);
        f->mantissa = h.arg;
        return p;
    default: return packing->own(w, p, path, h);
    }
}

/* The whole of a codec's walk(). */
WD_HOT void wd_packed_walk(const struct wd_packing *packing, struct wd_bytes body, struct wd_paths *paths,
                           const struct wd_limits *limits, struct wd_tape *tape)
{
    struct wd_packed w;  /* the stack is not cleared: only levels below `depth` are read */
    struct wd_packed_place p = { 0 };
    uint32_t path = WD_PATH_ROOT;
    w.body = body.at;
    w.len = (uint32_t)body.len;
    w.paths = paths;
    w.tape = tape;
    w.depth = 0;
    w.max_depth = limits->depth < WD_DEPTH_MAX ? (uint32_t)limits->depth : WD_DEPTH_MAX;
    wd_tape_reset(tape);
    wd_tape_bound(tape, limits);
    do {
        if (path != WD_PATH_NONE)
            p = wd_packed_value(packing, &w, p, path, packing->head(w.body, p.off, w.len));
        path = WD_PATH_NONE;
        if (!p.fault && w.depth)
            p = wd_tape_is_full(tape) ? wd_packed_fail(p, WD_TAPE_FULL) : wd_packed_step(packing, &w, p, &path);
    } while (!p.fault && (w.depth || path != WD_PATH_NONE));
    if (!p.fault && p.off != w.len)
        p = wd_packed_fail(p, "bytes after the end of the value");
    if (p.fault)
        wd_tape_fail(tape, body, p.off, p.fault);
}

#endif
