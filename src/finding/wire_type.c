/* finding/wire_type.c - WD304. Protobuf types and numbers that the values show to be badly chosen. What each
 * alternative takes was counted value by value (profile/encodings.c): a saving is a difference of two
 * sums. */
#include "finding/rules.h"
#include "finding/waste.h"
#include "model/path.h"

enum {
    UUID_SAVES = 20, /* 36 characters for 16 bytes */
    MOST_ENUMERATORS = 16,
    SEEN_EACH = 20, /* times, on average, before a few words are an enum */
    ONE_BYTE_NUMBERS = 15,
};
static const double LEAST_SHARE = 0.001; /* of the message's bytes; less is not worth a line */

/* A field as it is sent, and as it is declared where a schema says so. */
struct sent {
    const struct wd_subject *subject;
    const struct wd_row *row;
    const struct wd_proto_field *field; /* of its values; NULL: not known */
    uint32_t number;                    /* of its records; 0: not known */
    struct wd_bytes holder;             /* path of the message that it is a field of */
    bool is_personal;
    uint32_t partner;         /* one-byte number that would serve better here; 0: none */
    uint64_t partner_records; /* records that number has now */
};

/* --- what is known of a path --- */

static const struct wd_proto_field *field_named(const struct wd_proto_message *m, struct wd_bytes name)
{
    for (size_t i = 0; m && i < m->field_count; i++)
        if (wd_bytes_eq(m->fields[i].name, name))
            return &m->fields[i];
    return NULL;
}

/* Follows the layout down the path; below a field that it does not have, numbers speak for themselves. */
static void look_up(const struct wd_proto_message *m, struct wd_bytes path, struct sent *out)
{
    struct wd_bytes step;
    for (size_t off = 0; wd_path_next(path, &off, &step);) {
        uint64_t number = 0;
        if (wd_bytes_is(step, "[]"))
            continue;
        if (wd_bytes_is(step, "{}")) {
            out->field = out->field && out->field->is_map ? &out->field->message->fields[1] : NULL;
            m = out->field ? out->field->message : NULL;
            continue;
        }
        out->field = field_named(m, step);
        m = out->field ? out->field->message : NULL;
        bool is_number = !out->field && wd_bytes_uint(step, &number) && number <= UINT32_MAX >> 3;
        out->number = out->field ? out->field->number : is_number ? (uint32_t)number : 0;
    }
}

static struct sent sent_at(const struct wd_subject *s, const struct wd_row *row)
{
    const struct wd_layout *layout = s->message ? s->message->layout : NULL;
    struct sent out = { .subject = s, .row = row, .holder = row->path };
    look_up(layout ? layout->proto : NULL, row->path, &out);
    while (wd_path_is_entry(out.holder))
        out.holder = wd_path_parent(out.holder);
    out.holder = wd_path_parent(out.holder);
    return out;
}

static uint64_t tag_bytes(const struct sent *s)
{
    return wd_varint_len((uint64_t)s->number << 3);
}

static uint64_t beyond(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

static bool is_kind(const struct sent *s, uint32_t kinds)
{
    return s->field && kinds >> s->field->kind & 1;
}

#define KIND(name) (1u << WD_PROTO_##name)
enum {
    SIGNED_VARINTS = KIND(INT32) | KIND(INT64),
    VARINTS = SIGNED_VARINTS | KIND(UINT32) | KIND(UINT64) | KIND(SINT32) | KIND(SINT64),
    FIXED = KIND(FIXED32) | KIND(FIXED64) | KIND(SFIXED32) | KIND(SFIXED64),
    SMALL = KIND(INT32) | KIND(UINT32) | KIND(SINT32) | KIND(FIXED32) | KIND(SFIXED32),
    UNSIGNED = KIND(UINT32) | KIND(UINT64) | KIND(FIXED32) | KIND(FIXED64),
};

/* Every value is a whole number; without a declaration varints give themselves away by their length. */
static bool holds_integers(const struct sent *s, uint32_t kinds)
{
    const struct wd_row *row = s->row;
    bool is_whole = row->encodings.integers && row->types[WD_TYPE_INTEGER] == row->occurrences;
    bool looks_so = !s->field && kinds & SIGNED_VARINTS && row->value_bytes == row->encodings.varint_bytes;
    return is_whole && (is_kind(s, kinds) || looks_so);
}

static const char *wide(const struct sent *s, const char *small, const char *large)
{
    return is_kind(s, SMALL) ? small : large;
}

/* --- the habits --- */

static uint64_t negative_varints(const struct sent *s)
{
    const struct wd_encodings *e = &s->row->encodings;
    return e->negatives && holds_integers(s, SIGNED_VARINTS) ? beyond(s->row->value_bytes, e->zigzag_bytes)
                                                             : 0;
}

static void say_negative(struct wd_buf *out, const struct sent *s)
{
    wd_say_count(out, s->row->encodings.negatives);
    wd_buf_puts(out, " of its ");
    wd_say_count(out, s->row->encodings.integers);
    wd_buf_printf(out, " values are negative and take 10 bytes each as %s; %s",
                  s->field ? wide(s, "int32", "int64") : "a varint", wide(s, "sint32", "sint64"));
}

/* Fixed bytes that become varints: in zigzag where that is shorter, but not of what is declared unsigned. */
static bool is_zigzag_shorter(const struct sent *s)
{
    const struct wd_encodings *e = &s->row->encodings;
    return !is_kind(s, UNSIGNED) && e->negatives && e->zigzag_bytes < e->varint_bytes;
}

static uint64_t small_fixed(const struct sent *s)
{
    const struct wd_encodings *e = &s->row->encodings;
    uint64_t then = is_zigzag_shorter(s) ? e->zigzag_bytes : e->varint_bytes;
    return holds_integers(s, FIXED) ? beyond(s->row->value_bytes, then) : 0;
}

static void say_small(struct wd_buf *out, const struct sent *s)
{
    wd_buf_printf(out, "Its values are small for %s bytes each; %s", wide(s, "4", "8"),
                  is_zigzag_shorter(s)   ? wide(s, "sint32", "sint64")
                  : is_kind(s, UNSIGNED) ? wide(s, "uint32", "uint64")
                                         : wide(s, "int32", "int64"));
}

static uint64_t large_varints(const struct sent *s)
{
    uint64_t each = is_kind(s, SMALL) ? 4 : 8;
    return holds_integers(s, VARINTS) ? beyond(s->row->value_bytes, each * s->row->encodings.integers) : 0;
}

static void say_large(struct wd_buf *out, const struct sent *s)
{
    bool is_unsigned = is_kind(s, UNSIGNED);
    wd_buf_printf(out, "Its values are large for varints; %s",
                  is_unsigned ? wide(s, "fixed32", "fixed64") : wide(s, "sfixed32", "sfixed64"));
}

static uint64_t unpacked(const struct sent *s)
{
    const struct wd_row *row = s->row;
    return row->encodings.packed_bytes
               ? beyond(row->key_bytes + row->value_bytes, row->encodings.packed_bytes)
               : 0;
}

static void say_unpacked(struct wd_buf *out, const struct sent *s)
{
    wd_buf_puts(out, "Each of its ");
    wd_say_count(out, s->row->encodings.records);
    wd_buf_puts(out, " elements has a tag of its own; packing them");
}

static bool are_all_texts(const struct wd_row *row, uint64_t count)
{
    return count && count == row->occurrences && row->types[WD_TYPE_STRING] == row->occurrences;
}

static uint64_t uuid_text(const struct sent *s)
{
    return are_all_texts(s->row, s->row->encodings.uuids) ? s->row->encodings.uuids * UUID_SAVES : 0;
}

static void say_uuid(struct wd_buf *out, const struct sent *s)
{
    (void)s;
    wd_buf_puts(out, "A UUID as 36 characters; its 16 bytes");
}

/* An enumerator takes a byte behind its tag, and no length. */
static uint64_t enum_text(const struct sent *s)
{
    const struct wd_row *row = s->row;
    bool is_enum = are_all_texts(row, row->encodings.words) && row->distinct > 1 &&
                   row->distinct <= MOST_ENUMERATORS && row->occurrences / SEEN_EACH >= row->distinct &&
                   row->encodings.records == row->occurrences && !s->is_personal &&
                   !wd_path_has_map(row->path);
    return is_enum ? beyond(row->key_bytes + row->value_bytes, row->occurrences * (tag_bytes(s) + 1)) : 0;
}

static void say_enum(struct wd_buf *out, const struct sent *s)
{
    wd_say_count(out, s->row->distinct);
    wd_buf_puts(out, " different words are all that it says; an enum");
}

static uint64_t high_number(const struct sent *s)
{
    return s->partner ? beyond(s->row->encodings.records, s->partner_records) * (tag_bytes(s) - 1) : 0;
}

static void say_high(struct wd_buf *out, const struct sent *s)
{
    wd_buf_printf(out, "Its number, %u, makes a tag of %u bytes, ", s->number, (unsigned)tag_bytes(s));
    wd_say_count(out, s->row->encodings.records);
    wd_buf_printf(out, " times; number %u has one of 1 byte and is sent ", s->partner);
    if (s->partner_records)
        wd_say_plural(out, s->partner_records, "time", "times");
    else
        wd_buf_puts(out, "never");
    wd_buf_puts(out, "; a swap");
}

#define MIGRATION                                                                                            \
    " No type or number changes in place: declare a new field, send both until every reader knows it, then " \
    "reserve the old."

struct habit {
    const char *name;
    uint64_t (*saves)(const struct sent *s);
    void (*say)(struct wd_buf *out, const struct sent *s);
    const char *remedy;
};

/* The one that saves most is the finding. */
static const struct habit habits[] = {
    { "negative-varint", negative_varints, say_negative, "Send it as sint32 or sint64." MIGRATION },
    { "small-fixed", small_fixed, say_small, "Send it as a varint." MIGRATION },
    { "large-varint", large_varints, say_large, "Send it as fixed bytes." MIGRATION },
    { "unpacked", unpacked, say_unpacked,
     "Declare it [packed = true], or in an edition repeated_field_encoding = PACKED: readers take either." },
    { "text-uuid", uuid_text, say_uuid, "Send its 16 bytes in a field of type bytes." MIGRATION },
    { "text-enum", enum_text, say_enum,
     "Declare an enum, if the words are a closed set, its zero for what is not stated." MIGRATION },
    { "high-number", high_number, say_high, "Swap the numbers, or give a free one below 16." MIGRATION },
};

/* --- numbers below 16 for those fields that are sent most --- */

struct number {
    uint32_t number;
    uint64_t records;
};

static bool goes_first(const struct sent *a, const struct sent *b)
{
    uint64_t x = a->row->encodings.records, y = b->row->encodings.records;
    return x != y ? x > y : a->number < b->number;
}

/* The numbers of one byte by how seldom they are sent; a field that takes part in a swap takes one of them.
 */
static void sort_numbers(struct number *list)
{
    for (int i = 1; i < ONE_BYTE_NUMBERS; i++)
        for (int k = i; k > 0 && list[k].records < list[k - 1].records; k--) {
            struct number swap = list[k];
            list[k] = list[k - 1];
            list[k - 1] = swap;
        }
}

static void find_partner(struct sent *s)
{
    struct number numbers[ONE_BYTE_NUMBERS];
    size_t rank = 0;
    if (s->number <= ONE_BYTE_NUMBERS)
        return;
    for (uint32_t i = 0; i < ONE_BYTE_NUMBERS; i++)
        numbers[i] = (struct number){ i + 1, 0 };
    for (size_t c = 0; c < s->subject->cell_count; c++) {
        const struct wd_row *row = s->subject->cells[c].row;
        if (!row || !row->encodings.records)
            continue;
        struct sent other = sent_at(s->subject, row);
        if (!wd_bytes_eq(other.holder, s->holder) || !other.number)
            continue;
        if (other.number <= ONE_BYTE_NUMBERS)
            numbers[other.number - 1].records += row->encodings.records;
        else
            rank += goes_first(&other, s);
    }
    sort_numbers(numbers);
    if (rank >= ONE_BYTE_NUMBERS)
        return;
    s->partner = numbers[rank].number;
    s->partner_records = numbers[rank].records;
}

/* --- the finding --- */

static void add_facts(struct wd_draft *d, const struct sent *s, const struct habit *habit)
{
    const struct wd_encodings *e = &s->row->encodings;
    wd_draft_word(d, "habit", habit->name);
    wd_draft_count(d, "number", s->number);
    wd_draft_count(d, "records", e->records);
    wd_draft_count(d, "key_bytes", s->row->key_bytes);
    wd_draft_count(d, "value_bytes", s->row->value_bytes);
    wd_draft_count(d, "varint_bytes", e->varint_bytes);
    wd_draft_count(d, "zigzag_bytes", e->zigzag_bytes);
    wd_draft_count(d, "negatives", e->negatives);
    if (s->partner)
        wd_draft_count(d, "partner", s->partner);
}

static void report(struct wd_ask *ask, const struct wd_cell *cell, const struct sent *s,
                   const struct habit *habit, uint64_t saves)
{
    struct wd_draft d;
    wd_draft_open(&d, ask, &wd_rule_wire_type, s->subject, cell);
    d.finding.confidence = wd_sureness(s->row->occurrences);
    d.finding.saves_bytes = saves;
    add_facts(&d, s, habit);
    habit->say(&d.text, s);
    wd_buf_puts(&d.text, " would save ");
    wd_say_cost(&d.text, ask->audit, saves);
    wd_buf_puts(&d.text, ".");
    wd_buf_puts(&d.remedy, habit->remedy);
    wd_draft_send(&d);
}

static void judge(struct wd_ask *ask, const struct wd_rule *rule, const struct wd_subject *subject,
                  const struct wd_cell *cell)
{
    (void)rule;
    const struct habit *worst = NULL;
    uint64_t most = 0;
    if (!cell->row->encodings.records || wd_is_moot(ask->audit, subject, cell))
        return;
    struct sent s = sent_at(subject, cell->row);
    s.is_personal = wd_is_personal(ask->audit, subject, cell);
    find_partner(&s);
    for (size_t i = 0; s.number && i < WD_COUNT(habits); i++) {
        uint64_t saves = habits[i].saves(&s);
        if (saves <= most)
            continue;
        worst = &habits[i];
        most = saves;
    }
    if (worst && wd_share(most, subject->type->payload_bytes) >= LEAST_SHARE)
        report(ask, cell, &s, worst, most);
}

static void check(struct wd_ask *ask)
{
    wd_ask_each_row(ask, &wd_rule_wire_type, judge);
}

const struct wd_rule wd_rule_wire_type = {
    .id = "WD304",
    .name = "wire-type",
    .title = "a Protobuf type that its values do not fit",
    .severity = WD_NOTE,
    .needs = WD_NEEDS_PROFILE,
    .check = check,
    .asks = "The values of a Protobuf field would take fewer bytes in another type or under another number: "
            "int32 "
            "or int64 that goes negative, fixed bytes for small numbers or varints for large ones, numbers "
            "in a list "
            "that each have a tag, a UUID or a few words as text, a number above 15 on a field that is sent "
            "often.",
    .why =
        "A negative int32 takes ten bytes, a sint32 one or two. Tags are paid in every record: those of the "
        "numbers 1 to 15 take one byte, others two or more.",
    .measured =
        "What each value would take as a varint, in zigzag and packed is summed as it passes, so a saving "
        "is the difference of two sums, to the byte. The declared type comes from the schema; without one "
        "only what the wire type tells is judged. A few words are an enum when at most 16 are different, "
        "each seen 20 times on average, and the field does not look personal. Numbers are paired within "
        "one message: the most sent above 15 with the least sent below 16. Passed over is what goes or is "
        "sent once anyway, or would save less than 0.1 % of its message.",
    .remedy =
        "A field with a new number and the right type, sent beside the old one until every reader knows it; "
        "then reserve the old number and name. Only packing needs no new field: readers take either form. "
        "Choose numbers below 16 for what is sent most before the first release.",
};
