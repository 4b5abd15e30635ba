/* RFC 8259 as a machine of one state per place between two bytes:
 *
 *   VALUE  { MEMBER "key" COLON : VALUE ... AFTER , KEY ... }  AFTER    [ ELEMENT VALUE AFTER , VALUE ] AFTER
 *          MEMBER and ELEMENT also take the closing bracket; strings, numbers and words have their own states
 */
#include "base/jevents.h"

enum { VALUE, ELEMENT, MEMBER, KEY, COLON, AFTER, STRING, ESCAPE, UNICODE, NUMBER, WORD, OVER, DEAD };

void wd_jevents_open(struct wd_jevents *j, wd_jevent_fn *event, wd_jroom_fn *room, void *ctx)
{
    *j = (struct wd_jevents){ .event = event, .room = room, .ctx = ctx };
}

void wd_jevents_reset(struct wd_jevents *j)
{
    struct wd_buf text = j->text, key = j->key;
    wd_jevents_open(j, j->event, j->room, j->ctx);
    j->text = text;
    j->key = key;
    wd_buf_reset(&j->text);
    wd_buf_reset(&j->key);
}

void wd_jevents_free(struct wd_jevents *j)
{
    wd_buf_free(&j->text);
    wd_buf_free(&j->key);
}

static int fail(struct wd_jevents *j, const char *fault)
{
    j->fault = fault;
    j->state = DEAD;
    return 0;
}

static bool in_array(const struct wd_jevents *j)
{
    return j->is_array[(j->depth - 1) / 8] >> (j->depth - 1) % 8 & 1;
}

static int tell(struct wd_jevents *j, enum wd_jkind kind, uint64_t end)
{
    bool has_text = kind == WD_J_STRING || kind == WD_J_NUMBER;
    struct wd_jevent event = {
        .kind = kind,
        .key = wd_buf_bytes(&j->key),
        .text = has_text ? wd_buf_bytes(&j->text) : wd_bytes_at(NULL, 0),
        .len = has_text ? j->len : 0,
        .start = j->start,
        .end = end,
        .depth = j->depth,
    };
    int rc = j->event(j->ctx, &event);
    wd_buf_reset(&j->key);
    return rc;
}

static void end_value(struct wd_jevents *j)
{
    j->state = j->depth ? AFTER : OVER;
    j->is_over = j->depth == 0;
}

static int tell_scalar(struct wd_jevents *j, enum wd_jkind kind, uint64_t end)
{
    end_value(j);
    return tell(j, kind, end);
}

/* --- strings --- */

static void keep(struct wd_jevents *j, const uint8_t *at, size_t len)
{
    size_t n = len < j->room_left ? len : (size_t)j->room_left;
    j->len += len;
    j->room_left -= n;
    wd_buf_put(&j->text, wd_bytes_at(at, n));
}

/* Three bytes also for half a pair: no UTF-8, and meant so. */
static void keep_character(struct wd_jevents *j, uint32_t c)
{
    uint8_t at[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    for (size_t i = n; i-- > 1; c >>= 6)
        at[i] = (uint8_t)(0x80 | (c & 0x3f));
    at[0] = (uint8_t)(heads[n] | c);
    keep(j, at, n);
}

static void keep_half(struct wd_jevents *j)
{
    if (j->high)
        keep_character(j, j->high);
    j->high = 0;
}

static void begin_string(struct wd_jevents *j, bool is_key)
{
    j->state = STRING;
    j->is_key = is_key;
    j->start = j->offset;
    j->len = 0;
    wd_buf_reset(&j->text);
    j->room_left = is_key ? WD_JKEY_MAX : j->room ? j->room(j->ctx, wd_buf_bytes(&j->key), j->depth) : 0;
}

static int end_string(struct wd_jevents *j)
{
    keep_half(j);
    if (!j->is_key)
        return tell_scalar(j, WD_J_STRING, j->offset + 1);
    wd_buf_reset(&j->key);
    wd_buf_put(&j->key, wd_buf_bytes(&j->text));
    j->state = COLON;
    return 0;
}

static size_t plain_bytes(struct wd_bytes bytes)
{
    size_t n = 0;
    while (n < bytes.len && bytes.at[n] != '"' && bytes.at[n] != '\\' && bytes.at[n] >= ' ')
        n++;
    return n;
}

static int in_string(struct wd_jevents *j, uint8_t c)
{
    if (c == '"')
        return end_string(j);
    if (c != '\\')
        return fail(j, "a control character in a string");
    j->state = ESCAPE;
    return 0;
}

static int in_escape(struct wd_jevents *j, uint8_t c)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (c == 'u') {
        j->state = UNICODE;
        j->hex_left = 4;
        j->unit = 0;
        return 0;
    }
    const char *letter = c ? strchr(letters, c) : NULL;
    if (!letter)
        return fail(j, "an escape that is none");
    keep_half(j);
    keep(j, (const uint8_t *)&meanings[letter - letters], 1);
    j->state = STRING;
    return 0;
}

static int hex_value(uint8_t c)
{
    uint8_t lower = c | 0x20;
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static int in_unicode(struct wd_jevents *j, uint8_t c)
{
    int digit = hex_value(c);
    if (digit < 0)
        return fail(j, "an escape that is none");
    j->unit = j->unit << 4 | (uint32_t)digit;
    if (--j->hex_left)
        return 0;
    j->state = STRING;
    bool is_low = j->unit >= 0xdc00 && j->unit <= 0xdfff, is_high = j->unit >= 0xd800 && j->unit < 0xdc00;
    if (j->high && is_low) {
        keep_character(j, 0x10000 + ((j->high - 0xd800) << 10) + (j->unit - 0xdc00));
        j->high = 0;
        return 0;
    }
    keep_half(j);
    if (is_high)
        j->high = j->unit;
    else
        keep_character(j, j->unit);
    return 0;
}

/* --- containers --- */

static int begin_container(struct wd_jevents *j, bool is_list)
{
    if (j->depth == WD_JDEPTH_MAX)
        return fail(j, "nested too deeply");
    j->start = j->offset;
    int rc = tell(j, is_list ? WD_J_ARRAY : WD_J_OBJECT, j->offset + 1);
    uint8_t bit = (uint8_t)(1u << j->depth % 8);
    j->is_array[j->depth / 8] =
        (uint8_t)(is_list ? j->is_array[j->depth / 8] | bit : j->is_array[j->depth / 8] & ~bit);
    j->depth++;
    j->state = is_list ? ELEMENT : MEMBER;
    return rc;
}

static int end_container(struct wd_jevents *j, uint8_t c)
{
    if (in_array(j) != (c == ']'))
        return fail(j, "a bracket that closes another kind");
    j->depth--;
    j->start = j->offset;
    end_value(j);
    return tell(j, WD_J_END, j->offset + 1);
}

/* --- values --- */

static int begin_word(struct wd_jevents *j, const char *word, enum wd_jkind kind)
{
    j->state = WORD;
    j->word = word;
    j->word_kind = kind;
    return 0;
}

static int in_word(struct wd_jevents *j, uint8_t c)
{
    if (c != (uint8_t)*j->word)
        return fail(j, "a word that is none of true, false and null");
    return *++j->word ? 0 : tell_scalar(j, j->word_kind, j->offset + 1);
}

static bool is_number(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static int begin_number(struct wd_jevents *j, uint8_t c)
{
    j->state = NUMBER;
    j->len = 0;
    j->room_left = WD_JNUMBER_MAX;
    wd_buf_reset(&j->text);
    keep(j, &c, 1);
    return 0;
}

static int in_value(struct wd_jevents *j, uint8_t c)
{
    j->start = j->offset;
    switch (c) {
    case '{': return begin_container(j, false);
    case '[': return begin_container(j, true);
    case '"': begin_string(j, false); return 0;
    case 't': return begin_word(j, "rue", WD_J_TRUE);
    case 'f': return begin_word(j, "alse", WD_J_FALSE);
    case 'n': return begin_word(j, "ull", WD_J_NULL);
    default: return c == '-' || (c >= '0' && c <= '9') ? begin_number(j, c) : fail(j, "expected a value");
    }
}

static int in_after(struct wd_jevents *j, uint8_t c)
{
    if (c == '}' || c == ']')
        return end_container(j, c);
    if (c != ',')
        return fail(j, "expected a comma or a closing bracket");
    j->state = in_array(j) ? VALUE : KEY;
    return 0;
}

static int in_key(struct wd_jevents *j, uint8_t c)
{
    if (c != '"')
        return fail(j, "expected a name in quotes");
    begin_string(j, true);
    return 0;
}

static int in_colon(struct wd_jevents *j, uint8_t c)
{
    if (c != ':')
        return fail(j, "expected a colon");
    j->state = VALUE;
    return 0;
}

static int between(struct wd_jevents *j, uint8_t c)
{
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
        return 0;
    switch (j->state) {
    case ELEMENT: return c == ']' ? end_container(j, c) : in_value(j, c);
    case MEMBER: return c == '}' ? end_container(j, c) : in_key(j, c);
    case KEY: return in_key(j, c);
    case COLON: return in_colon(j, c);
    case AFTER: return in_after(j, c);
    case OVER: return fail(j, "something after the end");
    default: return in_value(j, c);
    }
}

/* The byte order mark at the very start. */
static bool take_mark(struct wd_jevents *j, uint8_t c)
{
    static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
    return j->offset == j->bom && j->bom < sizeof mark && c == mark[j->bom] && ++j->bom;
}

/* A number ends before the byte that does not belong to it: that one is looked at again. */
static int step(struct wd_jevents *j, uint8_t c)
{
    switch (j->state) {
    case STRING: return in_string(j, c);
    case ESCAPE: return in_escape(j, c);
    case UNICODE: return in_unicode(j, c);
    case WORD: return in_word(j, c);
    case NUMBER: {
        if (is_number(c)) {
            keep(j, &c, 1);
            return 0;
        }
        int rc = tell_scalar(j, WD_J_NUMBER, j->offset);
        return rc < 0 ? rc : between(j, c);
    }
    default: return take_mark(j, c) ? 0 : between(j, c);
    }
}

int wd_jevents_feed(struct wd_jevents *j, struct wd_bytes bytes)
{
    while (bytes.len && j->state != DEAD) {
        size_t n = j->state == STRING ? plain_bytes(bytes) : 0;
        if (n) {
            keep_half(j);
            keep(j, bytes.at, n);
        } else {
            int rc = step(j, bytes.at[0]);
            if (j->state == DEAD)
                return 0;
            if (rc < 0)
                return rc;
            n = 1;
        }
        j->offset += n;
        bytes.at += n;
        bytes.len -= n;
    }
    return 0;
}

int wd_jevents_finish(struct wd_jevents *j)
{
    int rc = j->state == NUMBER && j->depth == 0 ? tell_scalar(j, WD_J_NUMBER, j->offset) : 0;
    if (rc >= 0 && j->state != OVER && j->state != DEAD)
        fail(j, j->offset ? "cut short" : "empty");
    return rc;
}
