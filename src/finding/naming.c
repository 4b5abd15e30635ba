#include "finding/naming.h"

#include "base/escape.h"
#include "model/path.h"

enum { MAX_TOKENS = 24, MAX_FOLDED = 256, MAX_STEPS = 4, MAX_RUN = 5, LONGEST_WORD = 40, MAX_STRANGERS = 2 };

/* The tokens of a name, folded and run together: token i is text[start[i]..start[i + 1]]. */
struct tokens {
    char text[MAX_FOLDED];
    size_t start[MAX_TOKENS + 1];
    size_t count;
    bool is_cut;      /* too long to be a name */
};

/* ---- folding ---- */

/* U+00C0 to U+017F without their accents; digraphs by their first letters. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo*ouuuuyts" "aaaaaaaceeeeiiiidnooooo/ouuuuyty" "aaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkklllllll" "lllnnnnnnnnnoooooooorrrrrrssssss" "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static int32_t fold(int32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c >= 0xc0 && c <= 0x17f)
        return (uint8_t)latin[c - 0xc0];
    if (c >= 0x410 && c <= 0x42f)  /* Cyrillic capitals */
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    return c;
}

static bool is_capital(int32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde) || (c >= 0x400 && c <= 0x42f);
}
static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool is_letter(int32_t c) { return (fold(c) >= 'a' && fold(c) <= 'z') || c > 0x17f; }

static void put_utf8(struct tokens *t, size_t *n, int32_t c)
{
    uint32_t u = (uint32_t)c;
    if (u < 0x80) {
        t->text[(*n)++] = (char)u;
    } else if (u < 0x800) {
        t->text[(*n)++] = (char)(0xc0 | u >> 6);
        t->text[(*n)++] = (char)(0x80 | (u & 0x3f));
    } else {
        t->text[(*n)++] = (char)(0xe0 | (u >> 12 & 0x0f));
        t->text[(*n)++] = (char)(0x80 | (u >> 6 & 0x3f));
        t->text[(*n)++] = (char)(0x80 | (u & 0x3f));
    }
}

/* Does a token end between these two? userId|Id, HTTP|Server, ipv|4. */
static bool breaks(int32_t before, int32_t c, int32_t after)
{
    if (is_digit(before) != is_digit(c))
        return true;
    if (is_capital(c) && !is_capital(before))
        return true;
    return is_capital(c) && is_capital(before) && is_letter(after) && !is_capital(after);
}

static int32_t peek(struct wd_bytes step, size_t off)
{
    return off < step.len ? wd_utf8_next(step, &off) : 0;
}

/* Adds the tokens of one step. */
static void split(struct tokens *t, struct wd_bytes step)
{
    size_t n = t->start[t->count];
    bool is_open = false;
    int32_t before = 0;
    for (size_t off = 0; off < step.len;) {
        int32_t c = wd_utf8_next(step, &off);
        bool is_part = c > 0 && (is_letter(c) || is_digit(c));
        if (is_open && (!is_part || breaks(before, c, peek(step, off)))) {
            t->start[++t->count] = n;
            is_open = false;
        }
        if (t->count + 1 >= MAX_TOKENS || n + 6 >= MAX_FOLDED) {
            t->is_cut = true;
            return;
        }
        if (is_part) {
            put_utf8(t, &n, fold(c));
            if (c == 0xdf)  /* sharp s */
                put_utf8(t, &n, 's');
            is_open = true;
        }
        before = c;
    }
    if (is_open)
        t->start[++t->count] = n;
}

/* ---- looking words up ---- */

static struct wd_bytes run_of(const struct tokens *t, size_t from, size_t to)
{
    return wd_bytes_at(t->text + t->start[from], t->start[to] - t->start[from]);
}

static bool is_token(const struct tokens *t, size_t i, const char *word)
{
    return wd_bytes_is(run_of(t, i, i + 1), word);
}

static bool is_listed(const struct tokens *t, size_t i, const char *const *words)
{
    for (; *words; words++)
        if (is_token(t, i, *words))
            return true;
    return false;
}

static bool is_number(const struct tokens *t, size_t i) { return is_digit((uint8_t)t->text[t->start[i]]); }

/* How a run of tokens relates to a word of the vocabulary. */
enum match { NO_MATCH, PLURAL, EXACT };

static enum match match_word(struct wd_bytes run, const char *word)
{
    size_t i = 0;
    while (i < run.len && word[i] && run.at[i] == (uint8_t)word[i])
        i++;
    if (word[i])
        return NO_MATCH;
    struct wd_bytes rest = wd_bytes_at(run.at + i, run.len - i);
    return rest.len == 0 ? EXACT : wd_bytes_is(rest, "s") || wd_bytes_is(rest, "es") ? PLURAL : NO_MATCH;
}

/* An exact word comes before the plural of another: "address" before "addres". Most words differ in their
 * first byte. */
static const struct wd_word *find_word(struct wd_bytes run)
{
    const struct wd_word *plural = NULL;
    for (const struct wd_word *w = wd_words; run.len && run.len <= LONGEST_WORD && w->word; w++) {
        enum match match = (uint8_t)w->word[0] == run.at[0] ? match_word(run, w->word) : NO_MATCH;
        if (match == EXACT)
            return w;
        if (match == PLURAL && !plural)
            plural = w;
    }
    return plural;
}

static const struct wd_holder_word *find_holder(struct wd_bytes run)
{
    const struct wd_holder_word *plural = NULL;
    for (const struct wd_holder_word *h = wd_holder_words; run.len && run.len <= LONGEST_WORD && h->word;
         h++) {
        enum match match = (uint8_t)h->word[0] == run.at[0] ? match_word(run, h->word) : NO_MATCH;
        if (match == EXACT)
            return h;
        if (match == PLURAL && !plural)
            plural = h;
    }
    return plural;
}

/* ---- the head ---- */

struct head { const struct wd_word *word; size_t from, to; };

/* The longest word that ends before token `to`. */
static struct head word_ending(const struct tokens *t, size_t to)
{
    for (size_t len = to < MAX_RUN ? to : MAX_RUN; len > 0; len--) {
        const struct wd_word *w = find_word(run_of(t, to - len, to));
        if (w)
            return (struct head){ w, to - len, to };
    }
    return (struct head){ 0 };
}

static const char *qualifier_at(const struct tokens *t, size_t i, const struct head *h)
{
    for (const struct wd_qualifier *q = wd_qualifiers; q->word; q++) {
        bool fits = q->place == WD_QUALIFIES_ANYWHERE || (q->place == WD_QUALIFIES_FIRST && i < h->from)
                    || (q->place == WD_QUALIFIES_LAST && i >= h->to);
        if (fits && is_token(t, i, q->word))
            return q->word;
    }
    return NULL;
}

/* What stands beside the head: a digest, a qualifier, or words that make it something else. */
static void judge_neighbours(const struct tokens *t, const struct head *h, struct wd_naming *out)
{
    for (size_t i = 0; i < t->count; i++) {
        if (i >= h->from && i < h->to)
            continue;
        const char *qualifier = qualifier_at(t, i, h);
        if (qualifier && !out->qualifier)
            out->qualifier = qualifier;
        if (i < h->to || qualifier || is_number(t, i))
            continue;
        if (is_listed(t, i, wd_digest_words))
            out->is_digest = true;
        else if (!is_listed(t, i, wd_neutral_words))
            out->strength = WD_HOMONYM;
    }
}

/* ---- what holds it ---- */

/* The nearest token run before `to` that is a holder's word; false when a word that we do not know stands
 * nearer. */
static bool holder_before(const struct tokens *t, size_t to, struct wd_naming *out)
{
    while (to > 0) {
        if (is_number(t, to - 1)) {
            to--;
            continue;
        }
        const struct wd_holder_word *h = NULL;
        size_t len = to < 3 ? to : 3;
        while (len > 0 && !(h = find_holder(run_of(t, to - len, to))))
            len--;
        if (!h)
            return false;
        if (h->holder != WD_HOLDER_CLEAR) {
            out->holder = (enum wd_holder)h->holder;
            out->holder_word = h->word;
            return false;
        }
        to -= len;
    }
    return true;
}

static void find_holder_of(const struct tokens *own, size_t head_from, const struct wd_bytes *above,
                           size_t count, struct wd_naming *out)
{
    bool goes_on = holder_before(own, head_from, out);
    for (size_t i = 0; goes_on && i < count; i++) {
        struct tokens t = { 0 };
        split(&t, above[i]);
        goes_on = !t.is_cut && holder_before(&t, t.count, out);
    }
}

/* ---- a path ---- */

static bool is_member(struct wd_bytes step) { return !wd_bytes_is(step, "[]") && !wd_bytes_is(step, "{}"); }

/* The last members of a path, nearest first. */
static size_t last_members(struct wd_bytes path, struct wd_bytes *out, size_t cap)
{
    size_t off = 0, count = 0;
    struct wd_bytes step;
    while (wd_path_next(path, &off, &step)) {
        if (!is_member(step))
            continue;
        size_t kept = count < cap ? count++ : cap - 1;
        memmove(out + 1, out, kept * sizeof *out);
        out[0] = step;
    }
    return count;
}

static bool is_neutral(const struct tokens *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (!is_number(t, i) && !is_listed(t, i, wd_neutral_words))
            return false;
    return t->count > 0;
}

static bool has_condition(const struct wd_word *word, enum wd_holder holder)
{
    bool is_person = holder == WD_HOLDER_PERSON || holder == WD_HOLDER_BODY;
    return word->condition == WD_ANYWHERE ||
           (word->condition == WD_OF_PERSON ? is_person : holder == WD_HOLDER_BODY);
}

static bool is_stranger(const struct tokens *t, size_t i)
{
    if (is_number(t, i) || is_listed(t, i, wd_neutral_words) || is_listed(t, i, wd_digest_words))
        return false;
    for (const struct wd_qualifier *q = wd_qualifiers; q->word; q++)
        if (is_token(t, i, q->word))
            return false;
    return true;
}

/* The word nearest to the end whose condition holds, with its holder. Behind two words that we do not know a
 * head is none. */
static struct head find_head(const struct tokens *t, const struct wd_bytes *above, size_t count,
                             enum wd_holder unknown, struct wd_naming *out)
{
    size_t strangers = 0;
    for (size_t to = t->count; to > 0 && strangers <= MAX_STRANGERS; to--) {
        struct head h = word_ending(t, to);
        strangers += is_stranger(t, to - 1);
        if (!h.word)
            continue;
        struct wd_naming held = { .holder = unknown };
        find_holder_of(t, h.from, above, count, &held);
        if (has_condition(h.word, held.holder)) {
            *out = held;
            return h;
        }
    }
    out->holder = unknown;
    find_holder_of(t, t->count - 1, above, count, out);
    return (struct head){ 0 };
}

/* A head that is a person itself (warehouse.manager) is not the thing's that it stands in. */
static void forget_thing(const struct tokens *t, const struct head *h, struct wd_naming *out)
{
    const struct wd_holder_word *own = find_holder(run_of(t, h->from, h->to));
    if (out->holder == WD_HOLDER_THING && own && own->holder == WD_HOLDER_PERSON) {
        out->holder = WD_HOLDER_UNKNOWN;
        out->holder_word = NULL;
    }
}

/* A neutral last step only speaks with the one above it: phone.number, email.value. */
struct wd_naming wd_naming_of(struct wd_bytes path, enum wd_holder unknown)
{
    struct wd_bytes steps[MAX_STEPS];   /* nearest first */
    size_t count = last_members(path, steps, MAX_STEPS), used = 1;
    struct wd_naming out = { 0 };
    struct tokens t = { 0 };
    if (count == 0)
        return out;
    split(&t, steps[0]);
    if (count > 1 && is_neutral(&t)) {
        t = (struct tokens){ 0 };
        split(&t, steps[1]);
        split(&t, steps[0]);
        used = 2;
    }
    if (t.is_cut || t.count == 0)
        return out;
    struct head h = find_head(&t, steps + used, count - used, unknown, &out);
    out.word = h.word;
    if (h.word) {
        out.strength = (enum wd_strength)h.word->strength;
        judge_neighbours(&t, &h, &out);
        forget_thing(&t, &h, &out);
    }
    return out;
}

const struct wd_word *wd_naming_word(struct wd_bytes text)
{
    struct tokens t = { 0 };
    split(&t, text);
    const struct wd_word *word = NULL;
    for (size_t to = t.is_cut ? 0 : t.count; to > 0 && !word; to--)
        word = word_ending(&t, to).word;
    return word;
}
