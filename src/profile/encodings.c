/* profile/encodings.c - what each value of a Protobuf message would take in another wire type.
 *
 *     value      plain varint           zigzag     fixed
 *     150        96 01                  ac 02      96 00 00 00
 *     -2         fe ff .. ff 01 (10)    03         fe ff ff ff
 *
 *     18 01 18 02 18 03                 a list of three records, each with its tag
 *     1a 03 01 02 03                    the same, packed: one tag and a length
 *
 * A list is what one message, not the whole body, holds of a repeated field; its records need not stand
 * together. Lists are settled when the next one of the row begins, and at the end of the body.
 */
#include "base/shape.h"
#include "profile/observer.h"

enum { UUID_TEXT = 36, LONGEST_WORD = 32 };

/* --- integers --- */

static uint64_t magnitude_of(const struct wd_field *f)
{
    uint64_t value = f->mantissa;
    for (int32_t i = 0; i < f->exponent; i++)
        value *= 10;
    return value;
}

/* Without a schema a negative integer looks like one of 64 bits. */
static void add_integer(struct wd_encodings *e, const struct wd_field *f)
{
    uint64_t bits = magnitude_of(f);
    if (f->flags & WD_FIELD_NEGATIVE)
        bits = 0 - bits;
    bool is_negative = bits >> 63;
    e->integers++;
    e->varint_bytes += wd_varint_len(bits);
    e->zigzag_bytes += wd_varint_len(bits << 1 ^ (is_negative ? UINT64_MAX : 0));
    e->negatives += is_negative;
}

/* --- texts --- */

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_uuid(struct wd_bytes s)
{
    if (s.len != UUID_TEXT)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? s.at[i] != '-' : !is_hex(s.at[i]))
            return false;
    }
    return true;
}

/* Letters, then digits and what joins words too: BUY, in_progress, metrics.update. */
static bool is_word(struct wd_bytes s)
{
    if (!s.len || s.len > LONGEST_WORD || !((s.at[0] | 0x20) >= 'a' && (s.at[0] | 0x20) <= 'z'))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        uint8_t c = s.at[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
            return false;
    }
    return !wd_shape_is_identifier(s);
}

/* --- lists --- */

static void settle(struct wd_encodings *e, struct list *list)
{
    if (list->tag_len)
        e->packed_bytes += list->tag_len + wd_varint_len(list->bytes) + list->bytes;
    list->tag_len = 0;
    list->bytes = 0;
}

static bool is_element(const struct wd_paths *paths, uint32_t node)
{
    const struct wd_path *nodes = wd_paths_nodes(paths);
    return node > WD_PATH_OTHER && nodes[nodes[node].parent].element == node;
}

/* The key of a packed record is its tag and its length. */
static uint32_t tag_len(const struct wd_field *f, struct wd_bytes body)
{
    uint32_t len = 0;
    while (len < f->key_len && body.at[f->key_off + len++] & 0x80)
        continue;
    return len;
}

/* A packed record without elements is one of its own. */
static void add_element(struct wd_encodings *e, struct list *list, const struct wd_field *f,
                        struct wd_bytes body, uint32_t container)
{
    if (list->tag_len && list->container != container)
        settle(e, list);
    if (!f->value_len) {
        e->packed_bytes += f->key_len;
        return;
    }
    list->container = container;
    list->bytes += f->value_len;
    if (!list->tag_len)
        list->tag_len = tag_len(f, body);
}

/* --- a message --- */

static void add_value(struct wd_observer *o, struct wd_encodings *e, struct list *list,
                      const struct wd_field *f, struct wd_bytes body, bool is_in_list)
{
    bool is_number = f->type == WD_TYPE_INTEGER || f->type == WD_TYPE_NUMBER || f->type == WD_TYPE_BOOLEAN;
    e->records += f->key_len > 0;
    if (f->type == WD_TYPE_INTEGER && f->value_len)
        add_integer(e, f);
    if (f->type == WD_TYPE_STRING) {
        struct wd_bytes text = wd_field_text(f, body, &o->scratch);
        e->uuids += is_uuid(text);
        e->words += is_word(text);
    }
    if (is_number && is_in_list)
        add_element(e, list, f, body, o->containers[f->depth ? f->depth - 1 : 0]);
}

void encodings_message(struct wd_observer *o, struct type *type, struct wd_bytes body)
{
    for (uint32_t i = 0; i < o->tape.count; i++) {
        const struct wd_field *f = &o->tape.fields[i];
        uint32_t entry = row_entry(o, type, f->path), r = (entry & ROW_MASK) - 1;
        if (f->type == WD_TYPE_OBJECT)
            o->containers[f->depth] = i;
        if (!(entry & ROW_SPECIAL))
            add_value(o, &type->profile.rows[r].encodings, &type->lists[r], f, body,
                      is_element(type->paths, f->path));
    }
    for (uint32_t i = 0; i < type->touched_count; i++)
        settle(&type->profile.rows[type->touched[i]].encodings, &type->lists[type->touched[i]]);
}
