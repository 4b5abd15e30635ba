/* field/protobuf_guess.c - Protobuf without a schema: what content looks like, and what stays so.
 *
 *     text        UTF-8 without control characters, but for tabs and line ends that are not its first byte
 *     a message   records from the first byte to the last, numbers to 4095 that rarely step back, no groups
 *     bytes       what is neither; packed numbers too, which nothing tells from bytes
 *     a float     0, or from 1e-9 to 1e12; what else 4 or 8 bytes hold is an integer
 *
 * Content that could be text or a message is text. Of each field it is remembered what it cannot be: it goes
 * from text to a message to bytes, from a float to an integer, and never back.
 */
#include <math.h>

#include "base/escape.h"
#include "field/protobuf_wire.h"
#include "model/field.h"

enum { NUMBER_MAX = 4095, TEXT_MAX = 4096, SURE = 4 };

static bool is_text(struct wd_bytes s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        bool is_space = i && (c == '\t' || c == '\n' || c == '\r');
        if ((c < 0x20 && !is_space) || c == 0x7f)
            return false;
    }
    return wd_utf8_valid(s);
}

/* What the records of a message, one beside the other, look like. */
struct survey {
    uint32_t records, steps_back;
    bool is_whole;
};

static struct survey survey(struct wd_bytes s)
{
    struct survey found = { 0 };
    struct wd_record r = { 0 };
    for (uint32_t before = 0; r.off < s.len; before = r.number) {
        bool is_plausible = !wd_wire_record(s.at, (uint32_t)s.len, &r) && r.number <= NUMBER_MAX &&
                            r.wire != WD_WIRE_START && r.wire != WD_WIRE_END;
        if (!is_plausible)
            return found;
        found.records++;
        found.steps_back += r.number < before;
        r.off = r.content_off + r.content_len;
    }
    found.is_whole = found.records && found.steps_back * 4 <= found.records;
    return found;
}

/* Messages lie inside each other: of what can be one, the beginning has to do, or each level would read all
 * that is deeper again. */
static struct wd_bytes beginning(struct wd_bytes s)
{
    if (s.len <= TEXT_MAX)
        return s;
    for (s.len = TEXT_MAX; s.len && (s.at[s.len] & 0xc0) == 0x80;)
        s.len--;
    return s;
}

uint8_t wd_guess_content(struct wd_bytes content, uint32_t *seen)
{
    bool can_be_message = !(*seen & WD_GUESS_NO_MESSAGE), can_be_text = !(*seen & WD_GUESS_NO_TEXT);
    if (content.len && can_be_message)
        can_be_message = survey(content).is_whole;
    if (content.len && can_be_text)
        can_be_text = is_text(can_be_message ? beginning(content) : content);
    *seen |= (can_be_message ? 0 : WD_GUESS_NO_MESSAGE) | (can_be_text ? 0 : WD_GUESS_NO_TEXT);
    return can_be_text ? WD_TYPE_STRING : can_be_message ? WD_TYPE_OBJECT : WD_TYPE_BYTES;
}

double wd_wire_double(const struct wd_record *r)
{
    uint32_t half = (uint32_t)r->bits;
    float single;
    double value;
    if (r->wire == WD_WIRE_I64) {
        memcpy(&value, &r->bits, sizeof value);
        return value;
    }
    memcpy(&single, &half, sizeof single);
    return (double)single;
}

bool wd_guess_float(const struct wd_record *r, uint32_t *seen)
{
    double size = fabs(wd_wire_double(r));
    bool is_plausible = r->bits == 0 || (size >= 1e-9 && size <= 1e12); /* false for NaN too */
    if (!is_plausible)
        *seen |= WD_GUESS_NO_FLOAT;
    return !(*seen & WD_GUESS_NO_FLOAT);
}

/* To the first group, which would have to be read through to find its end. */
struct wd_wire_repeats wd_wire_repeats(const uint8_t *at, uint32_t off, uint32_t end)
{
    struct wd_wire_repeats once = { { 0 } }, again = { { 0 } };
    struct wd_record r = {.off = off};
    for (; r.off < end && !wd_wire_record(at, end, &r); r.off = r.content_off + r.content_len) {
        if (r.wire == WD_WIRE_START || r.wire == WD_WIRE_END)
            break;
        uint64_t bit = UINT64_C(1) << r.number % 64;
        if (r.number >= 128)
            continue;
        again.bits[r.number / 64] |= once.bits[r.number / 64] & bit;
        once.bits[r.number / 64] |= bit;
    }
    return again;
}

/* Other people's bytes can be records by chance, the more easily the fewer they are: text, and messages
 * inside, say more than numbers do. */
static uint32_t evidence(const uint8_t *at, const struct wd_record *r)
{
    struct wd_bytes content = wd_bytes_at(at + r->content_off, r->content_len);
    if (r->wire == WD_WIRE_LEN && content.len >= 4 && (is_text(content) || survey(content).is_whole))
        return content.len >= 16 ? 4 : content.len >= 8 ? 3 : 2;
    return r->wire == WD_WIRE_VARINT && r->content_len <= 2 && r->number < 32;
}

int wd_guess_bid(struct wd_bytes body)
{
    struct wd_record r = { 0 };
    uint32_t sum = 0;
    if (body.len > UINT32_MAX || is_text(body))
        return 0;
    struct survey found = survey(body);
    for (; found.is_whole && r.off < body.len; r.off = r.content_off + r.content_len)
        sum += wd_wire_record(body.at, (uint32_t)body.len, &r) ? 0 : evidence(body.at, &r);
    return sum >= SURE && sum >= found.records / 2 ? 4 : 0;
}

bool wd_guess_keeps(struct wd_bytes body)
{
    struct wd_record r = { 0 };
    return !body.len ||
           (!wd_wire_tag(body.at, (uint32_t)body.len, &r) && r.wire <= WD_WIRE_I32 && r.wire != WD_WIRE_END);
}
