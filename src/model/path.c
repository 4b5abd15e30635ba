/* model/path.c - reading field paths.
 *
 *   path   = "." | first *( "[]" | "{}" | "." member )
 *   first  = member | "[]" | "{}"
 *   member = word | number | JSON string
 *   word   = [A-Za-z_][A-Za-z0-9_-]*     number = [0-9]+, a field of Protobuf whose name is not known
 */
#include "model/path.h"

#include "base/escape.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_byte(uint8_t c, bool is_first)
{
    bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return is_letter || (!is_first && (is_digit(c) || c == '-'));
}

static bool is_word(struct wd_bytes key)
{
    for (size_t i = 0; i < key.len; i++)
        if (!is_word_byte(key.at[i], i == 0))
            return false;
    return key.len > 0;
}

/* Behind the closing quote of the string that opens at `off`, or 0 when there is none. */
static size_t skip_string(struct wd_bytes path, size_t off)
{
    for (off++; off < path.len; off++) {
        if (path.at[off] == '"')
            return off + 1;
        if (path.at[off] == '\\')
            off++;
    }
    return 0;
}

static size_t skip_member(struct wd_bytes path, size_t off)
{
    if (off < path.len && path.at[off] == '"')
        return skip_string(path, off);
    size_t start = off;
    while (off < path.len && is_digit(path.at[off]))
        off++;
    if (off > start)
        return off;
    while (off < path.len && is_word_byte(path.at[off], off == start))
        off++;
    return off == start ? 0 : off;
}

bool wd_path_next(struct wd_bytes path, size_t *off, struct wd_bytes *step)
{
    size_t start = *off;
    if (start >= path.len)
        return false;
    size_t end;
    uint8_t c = path.at[start];
    if (c == '[' || c == '{') {
        bool is_closed = path.len - start >= 2 && path.at[start + 1] == (c == '[' ? ']' : '}');
        end = is_closed ? start + 2 : 0;
    } else {
        if ((c == '.') != (start > 0))
            return false;
        start += start > 0;
        end = skip_member(path, start);
    }
    if (end == 0)
        return false;
    *step = wd_bytes_at(path.at + start, end - start);
    *off = end;
    return true;
}

static bool steps_meet(struct wd_bytes a, struct wd_bytes b)
{
    if (wd_bytes_eq(a, b))
        return true;
    return (wd_bytes_is(a, "{}") && !wd_bytes_is(b, "[]")) || (wd_bytes_is(b, "{}") && !wd_bytes_is(a, "[]"));
}

/* How many bytes of `path` the steps of `top` cover, or SIZE_MAX when they part. */
static size_t covered(struct wd_bytes path, struct wd_bytes top)
{
    size_t at = 0, top_at = 0;
    struct wd_bytes step, top_step;
    while (wd_path_next(top, &top_at, &top_step))
        if (!wd_path_next(path, &at, &step) || !steps_meet(step, top_step))
            return SIZE_MAX;
    return at;
}

/* Most paths have no `{}`: then steps meet when their bytes do. */
static bool is_plain(struct wd_bytes a, struct wd_bytes b)
{
    return a.len && b.len && !memchr(a.at, '{', a.len) && !memchr(b.at, '{', b.len);
}

static bool is_plainly_under(struct wd_bytes path, struct wd_bytes top)
{
    if (wd_bytes_is(top, "."))
        return true;
    if (path.len < top.len || memcmp(path.at, top.at, top.len) != 0)
        return false;
    return path.len == top.len || path.at[top.len] == '.' || path.at[top.len] == '[';
}

bool wd_path_is_under(struct wd_bytes path, struct wd_bytes top)
{
    if (is_plain(path, top))
        return is_plainly_under(path, top);
    return covered(path, top) != SIZE_MAX;
}

bool wd_path_meets(struct wd_bytes a, struct wd_bytes b)
{
    if (wd_bytes_eq(a, b))
        return true;
    if (is_plain(a, b))
        return false;
    size_t at = covered(a, b);
    struct wd_bytes step;
    return at != SIZE_MAX && !wd_path_next(a, &at, &step);
}

struct wd_bytes wd_path_parent(struct wd_bytes path)
{
    size_t at = 0, last = 0, before = 0;
    struct wd_bytes step;
    bool has_steps = false;
    while (wd_path_next(path, &at, &step)) {
        before = last;
        last = at;
        has_steps = true;
    }
    if (!has_steps)
        return wd_bytes_of("");
    return before == 0 ? wd_bytes_of(".") : wd_bytes_at(path.at, before);
}

static bool ends_with(struct wd_bytes path, const char *two)
{
    return path.len >= 2 && memcmp(path.at + path.len - 2, two, 2) == 0;
}

bool wd_path_is_entry(struct wd_bytes path)
{
    return ends_with(path, "[]") || ends_with(path, "{}");
}

bool wd_path_has_map(struct wd_bytes path)
{
    size_t at = 0;
    struct wd_bytes step;
    while (wd_path_next(path, &at, &step))
        if (wd_bytes_is(step, "{}"))
            return true;
    return false;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The four digits of a \u escape at s[*i], or -1. */
static int32_t read_hex4(struct wd_bytes s, size_t *i)
{
    int32_t unit = 0;
    for (int n = 0; n < 4; n++, (*i)++) {
        int digit = *i < s.len ? hex_digit(s.at[*i]) : -1;
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static void put_utf8(struct wd_buf *out, uint32_t c)
{
    if (c < 0x80) {
        wd_buf_byte(out, (uint8_t)c);
    } else if (c < 0x800) {
        wd_buf_byte(out, (uint8_t)(0xc0 | c >> 6));
        wd_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        wd_buf_byte(out, (uint8_t)(0xe0 | c >> 12));
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        wd_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        wd_buf_byte(out, (uint8_t)(0xf0 | c >> 18));
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        wd_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        wd_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

/* A \u escape, with its second half when it is a surrogate. */
static bool read_unicode(struct wd_bytes s, size_t *i, struct wd_buf *out)
{
    int32_t unit = read_hex4(s, i);
    if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000))
        return false;
    uint32_t point = (uint32_t)unit;
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (s.len - *i < 2 || s.at[*i] != '\\' || s.at[*i + 1] != 'u')
            return false;
        *i += 2;
        int32_t low = read_hex4(s, i);
        if (low < 0xdc00 || low >= 0xe000)
            return false;
        point = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    }
    put_utf8(out, point);
    return true;
}

/* The inside of a JSON string, decoded (RFC 8259 section 7). */
static bool decode(struct wd_bytes s, struct wd_buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    for (size_t i = 0; i < s.len;) {
        uint8_t c = s.at[i++];
        if (c != '\\') {
            wd_buf_byte(out, c);
            continue;
        }
        if (i == s.len)
            return false;
        uint8_t e = s.at[i++];
        if (e == 'u') {
            if (!read_unicode(s, &i, out))
                return false;
            continue;
        }
        const char *known = e ? strchr(from, e) : NULL;
        if (!known)
            return false;
        wd_buf_byte(out, (uint8_t)to[known - from]);
    }
    return true;
}

void wd_path_put_quoted(struct wd_buf *out, struct wd_bytes key)
{
    wd_buf_byte(out, '"');
    for (size_t i = 0; i < key.len; i++) {
        uint8_t c = key.at[i];
        if (c == '"' || c == '\\')
            wd_buf_byte(out, '\\');
        if (c < 0x20)
            wd_buf_printf(out, "\\u%04x", c);
        else
            wd_buf_byte(out, c);
    }
    wd_buf_byte(out, '"');
}

void wd_path_put_key(struct wd_buf *out, struct wd_bytes key)
{
    if (is_word(key))
        wd_buf_put(out, key);
    else
        wd_path_put_quoted(out, key);
}

void wd_path_put_member(struct wd_buf *out, struct wd_bytes key)
{
    if (out->len)
        wd_buf_byte(out, '.');
    wd_path_put_key(out, key);
}

/* A word, or the number of a field. */
static void put_bare(struct wd_buf *out, struct wd_bytes step)
{
    if (out->len)
        wd_buf_byte(out, '.');
    wd_buf_put(out, step);
}

static bool put_step(struct wd_buf *out, struct wd_bytes step)
{
    if (step.at[0] == '[' || step.at[0] == '{') {
        wd_buf_put(out, step);
        return true;
    }
    if (step.at[0] != '"') {
        put_bare(out, step);
        return true;
    }
    struct wd_buf key = { 0 };
    bool is_string = decode(wd_bytes_at(step.at + 1, step.len - 2), &key);
    if (is_string)
        wd_path_put_member(out, wd_buf_bytes(&key));
    wd_buf_free(&key);
    return is_string;
}

bool wd_path_normal(struct wd_bytes path, struct wd_arena *arena, struct wd_bytes *out)
{
    if (wd_bytes_is(path, ".")) {
        *out = wd_bytes_of(".");
        return true;
    }
    struct wd_buf buf = { 0 };
    size_t at = 0;
    struct wd_bytes step;
    bool is_path = path.len > 0 && wd_utf8_valid(path);
    while (is_path && wd_path_next(path, &at, &step))
        is_path = put_step(&buf, step);
    is_path = is_path && at == path.len;
    if (is_path)
        *out = wd_arena_copy(arena, wd_buf_bytes(&buf));
    wd_buf_free(&buf);
    return is_path;
}
