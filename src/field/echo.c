/* field/echo.c - two texts side by side:
 *
 *     last   {"seq":41,"items":[{"a":1},{"a":2}],"up":true}
 *     now    {"seq":42,"items":[{"a":1},{"a":2},{"a":7}],"up":true}
 *                   ^                         ^ here
 *
 * Where bytes differ inside a scalar, the new one is scanned and both go on behind it. Where one text ends an
 * array and the other goes on, the last one is made to do the same: its elements are taken out, or the last
 * of them is written once more, and the comparison goes on as if it had always been so.
 */
#include "field/echo.h"

#include "base/arena.h"
#include "field/codec.h"
#include "field/scan.h"

struct match {
    struct wd_echo *echo;
    struct wd_echo_diff *diff;
    struct wd_bytes body;
    uint32_t now;
    uint32_t off, old;   /* in the body, in the echo's text */
    uint32_t next;       /* entry that is not compared yet */
    uint32_t added;      /* one past the last entry that was added */
};

void wd_echo_diff_free(struct wd_echo_diff *diff)
{
    wd_tape_free(&diff->edits);
    wd_free(diff->removed);
}

size_t wd_echo_size(const struct wd_echo *echo)
{
    return echo->cap * sizeof *echo->entries + echo->text_cap;
}

size_t wd_echo_reserve(struct wd_echo *echo, uint32_t entries, uint32_t text)
{
    size_t before = wd_echo_size(echo);
    if (entries <= echo->cap && text <= echo->text_cap)
        return 0;
    echo->cap = entries > echo->cap ? entries + entries / 2 : echo->cap;
    echo->text_cap = text > echo->text_cap ? text + text / 2 : echo->text_cap;
    wd_free(echo->entries);
    echo->entries = wd_alloc(wd_echo_size(echo));
    echo->text = (uint8_t *)(echo->entries + echo->cap);
    return wd_echo_size(echo) - before;
}

void wd_echo_free(struct wd_echo *echo)
{
    wd_free(echo->entries);
    *echo = (struct wd_echo){ 0 };
}

/* --- entries --- */

static bool is_container(const struct wd_echo_entry *e)
{
    return e->type == WD_TYPE_OBJECT || e->type == WD_TYPE_ARRAY;
}

/* Of the scalar, or of the opening bracket. */
static uint32_t value_start(const struct wd_echo_entry *e)
{
    return e->end - e->value_len - is_container(e);
}

/* A number that is followed by other bytes than before may be longer now. */
static bool may_go_on(const struct wd_echo_entry *e)
{
    return e->type == WD_TYPE_INTEGER || e->type == WD_TYPE_NUMBER;
}

static void shift(struct wd_echo *echo, uint32_t from, uint32_t by)
{
    for (uint32_t i = from; i < echo->count; i++)
        echo->entries[i].end += by;
}

static struct wd_field *push(struct match *m, uint32_t index)
{
    const struct wd_echo_entry *e = &m->echo->entries[index];
    struct wd_field *f = wd_tape_push(&m->diff->edits);
    f->path = index;
    f->type = e->type;
    f->flags = e->flags & (WD_ECHO_ELEMENT - 1);
    f->depth = e->depth;
    f->key_len = e->key_len;
    f->syntax_len = e->syntax_len;
    f->space_len = e->space_len;
    f->value_len = 0;
    return f;
}

/* The scalar of entry `index` as the body has it now. */
static bool read_scalar(struct match *m, uint32_t index, uint32_t off)
{
    if (m->echo->entries[index].flags & WD_ECHO_FIXED)
        return false;
    struct wd_field *f = push(m, index);
    return wd_scan_scalar(m->body.at, off, (uint32_t)m->body.len, f);
}

/* Whether the bytes of the entry are the same in both texts. */
static bool is_behind(const struct match *m, const struct wd_echo_entry *e)
{
    return e->end < m->old || (e->end == m->old && !may_go_on(e));
}

/* Of entries that were added is told even if their bytes are the same. */
static bool confirm_added(struct match *m)
{
    for (; m->next < m->added && is_behind(m, &m->echo->entries[m->next]); m->next++) {
        const struct wd_echo_entry *e = &m->echo->entries[m->next];
        if (e->since != m->now)
            continue;
        if (is_container(e))
            push(m, m->next)->value_off = value_start(e) + (m->off - m->old);
        else if (!read_scalar(m, m->next, value_start(e) + (m->off - m->old)))
            return false;
    }
    return true;
}

/* Entries whose bytes are the same in both texts up to here. */
static bool confirm(struct match *m)
{
    const struct wd_echo *echo = m->echo;
    if (m->next < m->added && !confirm_added(m))
        return false;
    if (m->next < m->added)
        return true;
    while (m->next < echo->count && echo->entries[m->next].end < m->old)
        m->next++;
    m->next += m->next < echo->count && is_behind(m, &echo->entries[m->next]);
    return true;
}

/* --- arrays that grow and shrink --- */

/* Whether all that stands from `from` to `to` closes containers. */
static bool is_closing(const struct wd_echo *echo, uint32_t from, uint32_t to)
{
    while (from < to && (echo->text[from] == ']' || echo->text[from] == '}'))
        from++;
    return from == to;
}

static void keep_removed(struct wd_echo_diff *diff, const struct wd_echo_entry *entries, uint32_t count)
{
    if (diff->removed_count + count > diff->removed_cap) {
        diff->removed_cap = (diff->removed_count + count) * 2;
        diff->removed = wd_realloc(diff->removed, diff->removed_cap, sizeof *diff->removed);
    }
    memcpy(diff->removed + diff->removed_count, entries, count * sizeof *entries);
    diff->removed_count += count;
}

/* The body closes the array where the last message had the comma before entry m->next. Where white space stands among
 * the brackets, `close` is not the array's: inside the element that is seen here, and behind it by the next comparison. */
static bool shrink(struct match *m)
{
    struct wd_echo *echo = m->echo;
    const struct wd_echo_entry *first = &echo->entries[m->next];
    uint32_t past = m->next;
    if (m->next == echo->count || !(first->flags & WD_ECHO_ELEMENT) || value_start(first) != m->old + 1)
        return false;
    while (past < echo->count && echo->entries[past].depth >= first->depth)
        past++;
    const struct wd_echo_entry *last = &echo->entries[past - 1];
    uint32_t close = last->end + is_container(last) + (uint32_t)(last->depth - first->depth);
    if (!is_closing(echo, last->end, close))
        return false;
    keep_removed(m->diff, first, past - m->next);
    memmove(echo->entries + m->next, echo->entries + past, (echo->count - past) * sizeof *echo->entries);
    echo->count -= past - m->next;
    if (m->next < m->added)
        m->added -= (past < m->added ? past : m->added) - m->next;
    memmove(echo->text + m->old, echo->text + close, echo->len - close);
    echo->len -= close - m->old;
    shift(echo, m->next, m->old - close);
    return true;
}

/* The last element of the array that the last message closes at m->old, or m->next when there is none that
 * can be repeated. */
static uint32_t last_element(const struct match *m)
{
    const struct wd_echo *echo = m->echo;
    const struct wd_echo_entry *before = &echo->entries[m->next - 1];
    uint32_t closed = m->old - before->end, open = before->depth + (uint32_t)is_container(before),
             first = m->next - 1;
    if (!is_closing(echo, before->end, m->old))   /* white space is no level */
        return m->next;
    while (first && echo->entries[first].depth > open - closed)
        first--;
    const struct wd_echo_entry *e = &echo->entries[first];
    return e->depth == open - closed && e->flags & WD_ECHO_ELEMENT && !e->space_len ? first : m->next;
}

/* The body goes on where the last message closed the array: the last element is written once more. */
static bool grow(struct match *m)
{
    struct wd_echo *echo = m->echo;
    uint32_t first = m->next ? last_element(m) : 0, count = m->next - first;
    if (!count)
        return false;
    uint32_t start = value_start(&echo->entries[first]), len = m->old - start;
    if (echo->count + count > echo->cap || echo->len + len + 1 > echo->text_cap)
        return false;
    memmove(echo->text + m->old + 1 + len, echo->text + m->old, echo->len - m->old);
    echo->text[m->old] = ',';
    memcpy(echo->text + m->old + 1, echo->text + start, len);
    echo->len += len + 1;
    struct wd_echo_entry *added = echo->entries + m->next;
    memmove(added + count, added, (echo->count - m->next) * sizeof *added);
    memcpy(added, echo->entries + first, count * sizeof *added);
    echo->count += count;
    for (uint32_t i = 0; i < count; i++) {
        added[i].end += len + 1;
        added[i].since = m->now;
        added[i].flags &= (uint8_t)~WD_ECHO_FIXED;
    }
    added[0].syntax_len = is_container(&added[0]) ? 3 : 1;
    m->added = (m->next < m->added ? m->added : m->next) + count;
    shift(echo, m->next + count, len + 1);
    return true;
}

/* --- the comparison --- */

/* The texts differ at m->off and m->old: past the scalar there, or to where both go on again. */
static bool pass(struct match *m)
{
    struct wd_echo *echo = m->echo;
    const struct wd_echo_entry *e = &echo->entries[m->next];
    if (m->next < echo->count && !is_container(e) && m->old >= value_start(e)) {
        if (!read_scalar(m, m->next, m->off - (m->old - value_start(e))))
            return false;
        const struct wd_field *f = &m->diff->edits.fields[m->diff->edits.count - 1];
        m->off = f->value_off + f->value_len;
        m->old = e->end;
        m->next++;
        return true;
    }
    if (m->off == m->body.len || m->old == echo->len)
        return false;
    uint8_t now = m->body.at[m->off], then = echo->text[m->old];
    return now == ']' && then == ',' ? shrink(m) : now == ',' && then == ']' ? grow(m) : false;
}

/* Entries end where the body has them now; the text is the body. */
static void settle(struct wd_echo *echo, struct wd_bytes body, const struct wd_tape *edits)
{
    uint32_t by = 0, next = 0;
    for (uint32_t i = 0; i < edits->count; i++) {
        const struct wd_field *f = &edits->fields[i];
        struct wd_echo_entry *e = &echo->entries[f->path];
        for (; by && next < f->path; next++)
            echo->entries[next].end += by;
        next = f->path + 1;
        by = f->value_off + f->value_len + is_container(e) - e->end;
        e->end += by;
    }
    if (by)
        shift(echo, next, by);
    memcpy(echo->text, body.at, body.len);
    echo->len = (uint32_t)body.len;
}

bool wd_echo_match(struct wd_echo *echo, struct wd_bytes body, uint32_t now, struct wd_echo_diff *diff)
{
    struct match m = { .echo = echo, .diff = diff, .body = body, .now = now };
    diff->edits.count = diff->removed_count = 0;
    if (body.len > echo->text_cap)
        return false;
    for (;;) {
        uint32_t left = (uint32_t)body.len - m.off, old_left = echo->len - m.old;
        uint32_t same = wd_same_len(body.at + m.off, echo->text + m.old, left < old_left ? left : old_left);
        m.off += same;
        m.old += same;
        if (!confirm(&m))
            return false;
        if (m.off == body.len && m.old == echo->len)
            break;
        if (!pass(&m))
            return false;
    }
    settle(echo, body, &diff->edits);
    return true;
}
