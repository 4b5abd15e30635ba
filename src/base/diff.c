#include "base/diff.h"

#include "base/arena.h"

enum { CONTEXT = 3, NEAR = 32 };

struct lines {
    struct wd_bytes *at; /* with their line ends */
    size_t count, cap;
};

/* One line of the edit script. */
struct step {
    char mark;
    struct wd_bytes line;
};

struct script {
    struct step *at;
    size_t count, cap;
};

static struct lines split(struct wd_bytes text)
{
    struct lines lines = {0};
    for (size_t off = 0; off < text.len;) {
        const uint8_t *end = memchr(text.at + off, '\n', text.len - off);
        size_t len = end ? (size_t)(end - text.at) + 1 - off : text.len - off;
        WD_GROW(lines.at, lines.count, lines.cap);
        lines.at[lines.count++] = wd_bytes_at(text.at + off, len);
        off += len;
    }
    return lines;
}

static void add(struct script *s, char mark, struct wd_bytes line)
{
    WD_GROW(s->at, s->count, s->cap);
    s->at[s->count++] = (struct step){mark, line};
}

static bool is_same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
    return i < a->count && j < b->count && wd_bytes_eq(a->at[i], b->at[j]);
}

/* Two lines in a row, so that a lone brace does not pass for the place where the texts meet again. */
static bool meets(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
    if (i == a->count && j == b->count)
        return true;
    if (!is_same(a, i, b, j))
        return false;
    return (i + 1 == a->count && j + 1 == b->count) || is_same(a, i + 1, b, j + 1);
}

/* The nearest place from (i, j) where the texts meet again: fewest lines passed over in all, removals first.
 * Of far places only those are looked at that keep nearly all of one side; failing that, the rest is
 * replaced. */
static void resync(const struct lines *a, size_t *i, const struct lines *b, size_t *j)
{
    size_t left_a = a->count - *i, left_b = b->count - *j;
    for (size_t distance = 1; distance <= left_a + left_b; distance++) {
        for (size_t added = 0; added <= distance; added++) {
            size_t removed = distance - added;
            if (added > NEAR && removed > NEAR)
                added = distance - NEAR, removed = NEAR; /* on to the places that remove few */
            if (removed > left_a || added > left_b || !meets(a, *i + removed, b, *j + added))
                continue;
            *i += removed;
            *j += added;
            return;
        }
    }
    *i = a->count;
    *j = b->count;
}

/* What took the place of as many lines is told line by line, and one that is the same stays. */
static void add_replaced(struct script *s, const struct lines *a, size_t i, const struct lines *b, size_t j,
                         size_t count)
{
    for (size_t k = 0, end; k < count; k = end) {
        bool is_kept = is_same(a, i + k, b, j + k);
        for (end = k; end < count && is_same(a, i + end, b, j + end) == is_kept; end++)
            add(s, is_kept ? ' ' : '-', a->at[i + end]);
        for (size_t n = k; n < end && !is_kept; n++)
            add(s, '+', b->at[j + n]);
    }
}

static struct script compare(const struct lines *a, const struct lines *b)
{
    struct script s = {0};
    for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
        if (is_same(a, i, b, j)) {
            add(&s, ' ', a->at[i]);
            i++;
            j++;
            continue;
        }
        size_t to_i = i, to_j = j;
        resync(a, &to_i, b, &to_j);
        if (to_i - i == to_j - j) {
            add_replaced(&s, a, i, b, j, to_i - i);
            i = to_i;
            j = to_j;
        }
        for (; i < to_i; i++)
            add(&s, '-', a->at[i]);
        for (; j < to_j; j++)
            add(&s, '+', b->at[j]);
    }
    return s;
}

/* The end of the hunk that starts at `from`: where more than twice the context is unchanged. */
static size_t hunk_end(const struct script *s, size_t from)
{
    size_t end = from, same = 0;
    for (size_t k = from; k < s->count && same <= 2 * CONTEXT; k++) {
        same = s->at[k].mark == ' ' ? same + 1 : 0;
        if (!same)
            end = k + 1;
    }
    return end + CONTEXT < s->count ? end + CONTEXT : s->count;
}

static void put_range(struct wd_buf *out, char sign, size_t start, size_t count)
{
    wd_buf_printf(out, "%c%zu", sign, count ? start + 1 : start);
    if (count != 1)
        wd_buf_printf(out, ",%zu", count);
}

static void put_hunk(struct wd_buf *out, const struct script *s, size_t from, size_t to, size_t line_a,
                     size_t line_b)
{
    size_t count_a = 0, count_b = 0;
    for (size_t k = from; k < to; k++) {
        count_a += s->at[k].mark != '+';
        count_b += s->at[k].mark != '-';
    }
    wd_buf_puts(out, "@@ ");
    put_range(out, '-', line_a, count_a);
    wd_buf_byte(out, ' ');
    put_range(out, '+', line_b, count_b);
    wd_buf_puts(out, " @@\n");
    for (size_t k = from; k < to; k++) {
        struct wd_bytes line = s->at[k].line;
        wd_buf_byte(out, (uint8_t)s->at[k].mark);
        wd_buf_put(out, line);
        if (line.at[line.len - 1] != '\n')
            wd_buf_puts(out, "\n\\ No newline at end of file\n");
    }
}

static void put_script(struct wd_buf *out, const struct script *s)
{
    size_t line_a = 0, line_b = 0, done = 0;
    for (size_t k = 0; k < s->count; k++) {
        if (s->at[k].mark == ' ')
            continue;
        size_t from = k > done + CONTEXT ? k - CONTEXT : done, to = hunk_end(s, k);
        for (; done < from; done++) {
            line_a++;
            line_b++;
        }
        put_hunk(out, s, from, to, line_a, line_b);
        for (; done < to; done++) {
            line_a += s->at[done].mark != '+';
            line_b += s->at[done].mark != '-';
        }
        k = to - 1;
    }
}

/* ---- names ---- */

static bool needs_quotes(struct wd_bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 0x20 || name.at[i] == 0x7f || name.at[i] == '"' || name.at[i] == '\\')
            return true;
    return false;
}

static void put_quoted(struct wd_buf *out, const char *side, struct wd_bytes name)
{
    wd_buf_byte(out, '"');
    wd_buf_puts(out, side);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        if (c < 0x20 || c == 0x7f)
            wd_buf_printf(out, "\\%03o", c);
        else
            wd_buf_printf(out, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
    }
    wd_buf_byte(out, '"');
}

/* Behind a name with a blank stands a tab: it tells the name from a date. */
static void put_name(struct wd_buf *out, const char *mark, const char *side, struct wd_bytes name)
{
    wd_buf_puts(out, mark);
    if (needs_quotes(name)) {
        put_quoted(out, side, name);
    } else {
        wd_buf_puts(out, side);
        wd_buf_put(out, name);
        if (memchr(name.at, ' ', name.len))
            wd_buf_byte(out, '\t');
    }
    wd_buf_byte(out, '\n');
}

/* As a path below the place where the patch is applied. */
static struct wd_bytes relative(struct wd_bytes name)
{
    for (;;) {
        size_t skip = wd_bytes_starts(name, "./") ? 2 : wd_bytes_starts(name, "/") ? 1 : 0;
        if (!skip)
            return name;
        name = wd_bytes_at(name.at + skip, name.len - skip);
    }
}

void wd_diff_put(struct wd_buf *out, struct wd_bytes name, struct wd_bytes before, struct wd_bytes after)
{
    if (wd_bytes_eq(before, after))
        return;
    struct lines a = split(before), b = split(after);
    struct script s = compare(&a, &b);
    put_name(out, "--- ", "a/", relative(name));
    put_name(out, "+++ ", "b/", relative(name));
    put_script(out, &s);
    wd_free(a.at);
    wd_free(b.at);
    wd_free(s.at);
}
