#include "field/packed.h"

#include <math.h>

#include "base/escape.h"

/* --- heads --- */

/* IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
static double half_double(uint64_t bits)
{
    int exponent = bits >> 10 & 0x1f;
    double fraction = (double)(bits & 0x3ff), size = ldexp(fraction, -24);
    if (exponent == 0x1f)
        size = fraction != 0 ? (double)NAN : (double)INFINITY;
    else if (exponent)
        size = ldexp(fraction + 1024, exponent - 25);
    return bits & 0x8000 ? -size : size;
}

double wd_head_double(struct wd_head h)
{
    uint32_t word = (uint32_t)h.arg;
    float single;
    double whole;
    memcpy(&single, &word, sizeof single);
    memcpy(&whole, &h.arg, sizeof whole);
    return h.size == 8 ? whole : h.size == 4 ? (double)single : half_double(h.arg);
}

static struct wd_bytes integer_key(struct wd_head h, struct wd_buf *scratch)
{
    if (h.kind == WD_HEAD_NEGATIVE && h.arg == UINT64_MAX)
        return wd_bytes_of("-18446744073709551616");
    bool is_negative = h.kind == WD_HEAD_NEGATIVE;
    wd_buf_printf(scratch, "%s%llu", is_negative ? "-" : "", (unsigned long long)(h.arg + is_negative));
    return wd_buf_bytes(scratch);
}

static struct wd_bytes hex_key(struct wd_bytes token, struct wd_buf *scratch)
{
    wd_buf_reset(scratch);
    wd_put_hex(scratch, token);
    return wd_buf_bytes(scratch);
}

struct wd_bytes wd_head_key(struct wd_head h, const uint8_t *body, struct wd_bytes token,
                            struct wd_buf *scratch)
{
    struct wd_bytes text = { 0 };
    wd_buf_reset(scratch);
    if (h.kind == WD_HEAD_UNSIGNED || h.kind == WD_HEAD_NEGATIVE)
        return integer_key(h, scratch);
    if (h.kind == WD_HEAD_CHUNKS) {
        wd_field_join(wd_bytes_at(body + h.end, (size_t)(token.at + token.len - (body + h.end)) - 1),
                      scratch);
        text = wd_buf_bytes(scratch);
    } else if (h.kind == WD_HEAD_TEXT || h.kind == WD_HEAD_BYTES) {
        text = wd_bytes_at(body + h.end, (size_t)h.arg);
    } else {
        return hex_key(token, scratch);
    }
    return wd_utf8_valid(text) ? text : hex_key(token, scratch);
}

/* --- text --- */

bool wd_is_longer_utf8(const uint8_t *at, uint32_t len)
{
    return wd_utf8_valid(wd_bytes_at(at, len));
}

static bool has_controls(struct wd_bytes text)
{
    bool has_some = false;
    for (size_t i = 0; i < text.len; i++)
        has_some |= text.at[i] < ' ';
    return has_some;
}

/* --- surveys --- */

/* What follows a head of text or bytes. */
static void survey_content(struct wd_survey *s, const struct wd_packing *packing, const uint8_t *at,
                           uint32_t len, struct wd_head h, bool is_key)
{
    if (h.arg > len - h.end) {
        s->fault = "ends inside a string";
        return;
    }
    struct wd_bytes content = wd_bytes_at(at + h.end, (size_t)h.arg);
    bool is_utf8 = h.kind == WD_HEAD_TEXT && wd_is_utf8(content.at, (uint32_t)content.len),
         is_plain = is_utf8 && !has_controls(content);
    if (h.kind == WD_HEAD_TEXT && packing->must_be_utf8 && !is_utf8)
        s->fault = "a string is not valid UTF-8";
    s->has_odd_key |= is_key && !is_plain;
    s->text_bytes += is_plain ? (uint32_t)content.len : 0;
    s->end = h.end + (uint32_t)content.len;
}

/* Chunks up to a break, each with a head of the kind that the string has. */
static void survey_chunks(struct wd_survey *s, const struct wd_packing *packing, const uint8_t *at,
                          uint32_t len, struct wd_head open, bool is_key)
{
    uint8_t kind = open.arg ? WD_HEAD_TEXT : WD_HEAD_BYTES;
    struct wd_head h = packing->head(at, s->end = open.end, len);
    while (h.kind == kind && !s->fault) {
        survey_content(s, packing, at, len, h, is_key);
        h = packing->head(at, s->end, len);
    }
    if (!s->fault && h.kind == WD_HEAD_BREAK)
        s->end = h.end;
    else if (!s->fault)
        s->fault = h.kind == WD_HEAD_FAULT ? h.fault : "a chunk of another kind than its string";
}

static void survey_scalar(struct wd_survey *s, const struct wd_packing *packing, const uint8_t *at,
                          uint32_t len, struct wd_head h, bool is_key)
{
    switch ((enum wd_head_kind)h.kind) {
    case WD_HEAD_TEXT:
    case WD_HEAD_BYTES:
    case WD_HEAD_EXT:
    case WD_HEAD_TIME: survey_content(s, packing, at, len, h, is_key); break;
    case WD_HEAD_CHUNKS: survey_chunks(s, packing, at, len, h, is_key); break;
    case WD_HEAD_BREAK: s->fault = "a break where a value should be"; break;
    case WD_HEAD_UNSIGNED:
    case WD_HEAD_NEGATIVE:
        s->integer_keys += is_key;
        s->end = h.end;
        break;
    default:
        s->has_odd_key |= is_key;
        s->end = h.end;
    }
}

/* A container that is not passed yet. Members of a map count twice; of an open one, 2^64 - 2 is more than
 * there can be, and even. */
struct level {
    uint64_t left;
    bool is_map, is_open;
};

/* Passes what `h` announces, and the container with it whose break it is; how many are open then. */
static uint32_t survey_head(struct wd_survey *s, const struct wd_packing *packing, struct wd_bytes body,
                            struct level *levels, uint32_t depth, struct wd_head h, bool is_tagged)
{
    struct level *level = &levels[depth - 1];
    uint32_t len = (uint32_t)body.len;
    bool is_key = level->is_map && level->left % 2 == 0, is_map = h.kind == WD_HEAD_MAP;
    if (h.kind == WD_HEAD_BREAK && level->is_open && !is_tagged && (is_key || !level->is_map)) {
        s->end = h.end;
        return depth - 1;
    }
    level->left--;
    if (!is_map && h.kind != WD_HEAD_ARRAY) {
        survey_scalar(s, packing, body.at, len, h, is_key);
        return depth;
    }
    s->end = h.end;
    s->has_odd_key |= is_key;
    if (depth > WD_DEPTH_MAX || (!h.is_open && h.arg > len - h.end)) {
        s->fault = depth > WD_DEPTH_MAX ? "nested too deeply" : "ends inside a container";
        return depth;
    }
    levels[depth] = (struct level){ h.is_open ? UINT64_MAX - 1 : h.arg << is_map, is_map, h.is_open };
    return depth + 1;
}

struct wd_survey wd_survey_value(const struct wd_packing *packing, const uint8_t *at, uint32_t off,
                                 uint32_t len)
{
    struct wd_survey s = { .end = off };
    struct level levels[WD_DEPTH_MAX + 1];  /* not cleared: only those below `depth` are read */
    levels[0] = (struct level){ .left = 1 };
    bool is_tagged = false;
    for (uint32_t depth = 1; depth && !s.fault;) {
        if (levels[depth - 1].left == 0) {
            depth--;
            continue;
        }
        struct wd_head h = packing->head(at, s.end, len);
        if (h.kind == WD_HEAD_FAULT)
            s.fault = h.fault;
        else if (h.kind == WD_HEAD_TAG)
            s.end = h.end;
        else
            depth = survey_head(&s, packing, wd_bytes_at(at, len), levels, depth, h, is_tagged);
        is_tagged = h.kind == WD_HEAD_TAG;
    }
    return s;
}

int wd_survey_bid(const struct wd_survey *s, uint32_t len)
{
    enum { WHOLE = 3, MOST = 11 };
    if (s->fault || s->end != len || s->has_odd_key || !s->text_bytes)
        return 0;
    uint32_t speaks = s->text_bytes > s->integer_keys ? s->text_bytes - s->integer_keys : 0;
    return WHOLE + (speaks < MOST ? (int)speaks : MOST);
}
