/* output/text_balance.c - the books, open: each layer, both sums, and per message payload = fields. */
#include "output/facts.h"
#include "output/text.h"

enum { NAME_AT = 2, SUM_END = 24, OTHER_END = 42 };

struct books { struct wd_page page; uint64_t wrong; };

static void put_number(struct wd_page *page, uint64_t n, size_t end)
{
    wd_put_count(wd_page_cell(page), n);
    wd_page_right(page, WD_TINT_PLAIN, end);
}

/* Ends a line that holds two sums which must be equal. */
static void put_verdict(struct books *b, uint64_t got, uint64_t expected, size_t column)
{
    wd_page_to(&b->page, column > b->page.column + 2 ? column : b->page.column + 2);
    if (got == expected)
        wd_page_put(&b->page, WD_TINT_GOOD, "ok");
    else {
        struct wd_buf *cell = wd_page_cell(&b->page);
        wd_buf_puts(cell, got > expected ? "+" : "-");
        wd_put_count(cell, got > expected ? got - expected : expected - got);
        wd_page_left(&b->page, WD_TINT_ERROR);
        b->wrong++;
    }
    wd_page_end(&b->page);
}

static void put_sum(struct books *b, const char *name, uint64_t sum, const char *other, uint64_t expected)
{
    wd_page_to(&b->page, NAME_AT);
    wd_page_put(&b->page, WD_TINT_STRONG, name);
    put_number(&b->page, sum, SUM_END);
    wd_page_to(&b->page, SUM_END + 3);
    wd_page_put(&b->page, WD_TINT_PLAIN, other);
    put_number(&b->page, expected, OTHER_END + 12);
    put_verdict(b, sum, expected, OTHER_END + 14);
}

static void put_line(struct wd_page *page, const char *name, uint64_t bytes)
{
    wd_page_to(page, NAME_AT);
    wd_page_put(page, WD_TINT_PLAIN, name);
    put_number(page, bytes, SUM_END);
    wd_page_end(page);
}

/* No input could say. */
static void put_unknown(struct wd_page *page, const char *name)
{
    wd_page_to(page, NAME_AT);
    wd_page_put(page, WD_TINT_PLAIN, name);
    wd_buf_puts(wd_page_cell(page), "not contained");
    wd_page_right(page, WD_TINT_FAINT, SUM_END + 6);
    wd_page_end(page);
}

static void put_layers(struct books *b, const struct wd_profile *p)
{
    wd_page_put(&b->page, WD_TINT_STRONG, "bytes by layer");
    wd_page_end(&b->page);
    for (int i = 0; i < WD_LAYER_COUNT; i++) {
        if (wd_profile_lacks(p, (enum wd_layer)i))
            put_unknown(&b->page, wd_layer_names[i]);
        else
            put_line(&b->page, wd_layer_names[i], p->ledger.layer[i]);
    }
    put_sum(b, "sum", wd_ledger_sum(&p->ledger), "captured", p->ledger.captured_bytes);
    put_sum(b, "payload", p->ledger.layer[WD_LAYER_PAYLOAD], "of messages", p->wire_payload_bytes);
    if (p->ledger.missing_bytes)
        put_line(&b->page, "never captured", p->ledger.missing_bytes);
    wd_page_end(&b->page);
}

static void put_reasons(struct books *b, const struct wd_profile *p)
{
    uint64_t sum = 0;
    for (int i = 0; i < WD_REASON_COUNT; i++)
        sum += p->ledger.reason_bytes[i];
    if (!sum && !p->ledger.layer[WD_LAYER_UNDECODED])
        return;
    wd_page_put(&b->page, WD_TINT_STRONG, "undecoded by reason");
    wd_page_end(&b->page);
    for (int i = 0; i < WD_REASON_COUNT; i++)
        if (p->ledger.reason_bytes[i])
            put_line(&b->page, wd_reason_names[i], p->ledger.reason_bytes[i]);
    put_sum(b, "sum", sum, "undecoded", p->ledger.layer[WD_LAYER_UNDECODED]);
    wd_page_end(&b->page);
}

/* What must be equal of each message: what was counted of it as a whole, and what its fields bear. */
struct account {
    const char *title, *unit;
    uint64_t (*whole)(const struct wd_type_profile *type);
    uint64_t (*of_row)(const struct wd_row *row);
};

static uint64_t payload_of(const struct wd_type_profile *type) { return type->payload_bytes; }
static uint64_t wire_bits_of(const struct wd_type_profile *type) { return type->wire_bits; }
static uint64_t row_bits(const struct wd_row *row) { return row->wire_bits; }

static const struct account payload_account = { "payload by message", "payload", payload_of, wd_row_bytes };
static const struct account wire_account = { "bits on the wire by message", "bits", wire_bits_of, row_bits };

static uint64_t rows_sum(const struct wd_type_profile *type, const struct account *account)
{
    uint64_t sum = 0;
    for (size_t r = 0; r < type->row_count; r++)
        sum += account->of_row(&type->rows[r]);
    return sum;
}

static void put_type(struct books *b, const struct wd_type_profile *type, const struct account *account,
                     size_t name_end)
{
    uint64_t fields = rows_sum(type, account), whole = account->whole(type);
    wd_page_to(&b->page, NAME_AT);
    size_t room = name_end - NAME_AT - 5;
    size_t name = wd_name_columns(type->name, room - 4 < 24 ? room - 4 : 24);
    if (type->channel.len && room > name)
        wd_page_name(&b->page, WD_TINT_PLAIN, type->channel, room - name);
    wd_page_putf(&b->page, WD_TINT_PLAIN, "%s%s ", type->channel.len ? " " : "",
                 wd_direction_names[type->direction]);
    wd_page_name(&b->page, WD_TINT_PLAIN, type->name,
                 name_end > b->page.column ? name_end - b->page.column : 0);
    put_number(&b->page, whole, name_end + 15);
    put_number(&b->page, fields, name_end + 30);
    put_verdict(b, fields, whole, name_end + 32);
}

static size_t names_end(const struct books *b, const struct wd_profile *p)
{
    size_t widest = 16, room = b->page.width > 60 ? b->page.width - 40 : 20;
    for (size_t t = 0; t < p->type_count; t++) {
        size_t w = NAME_AT + wd_name_columns(p->types[t].channel, room) + 5 +
                   wd_name_columns(p->types[t].name, room);
        widest = w > widest ? w : widest;
    }
    return widest < room ? widest : room;
}

static void put_head(struct books *b, const struct account *account, size_t end)
{
    wd_page_put(&b->page, WD_TINT_STRONG, account->title);
    wd_buf_puts(wd_page_cell(&b->page), account->unit);
    wd_page_right(&b->page, WD_TINT_FAINT, end + 15);
    wd_buf_puts(wd_page_cell(&b->page), "fields");
    wd_page_right(&b->page, WD_TINT_FAINT, end + 30);
    wd_page_end(&b->page);
}

static void put_types(struct books *b, const struct wd_profile *p)
{
    size_t end = names_end(b, p);
    uint64_t payload = 0;
    put_head(b, &payload_account, end);
    for (size_t t = 0; t < p->type_count; t++) {
        put_type(b, &p->types[t], &payload_account, end);
        payload += p->types[t].payload_bytes;
    }
    put_sum(b, "sum", payload, "total", p->payload_bytes);
    wd_page_end(&b->page);
}

/* Where nothing is compressed the bits say nothing that the bytes do not. */
static void put_wire(struct books *b, const struct wd_profile *p)
{
    size_t end = names_end(b, p);
    bool has_head = false;
    for (size_t t = 0; t < p->type_count; t++) {
        const struct wd_type_profile *type = &p->types[t];
        if (!type->has_wire_bits || type->wire_payload_bytes == type->payload_bytes)
            continue;
        if (!has_head)
            put_head(b, &wire_account, end);
        has_head = true;
        put_type(b, type, &wire_account, end);
    }
    if (has_head)
        wd_page_end(&b->page);
}

void wd_print_balance(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style)
{
    struct books b = { .page = wd_page_open(out, style) };
    put_layers(&b, profile);
    put_reasons(&b, profile);
    put_types(&b, profile);
    put_wire(&b, profile);
    if (b.wrong == 0)
        wd_page_put(&b.page, WD_TINT_GOOD, "Every sum agrees: no byte is counted twice, none is lost.");
    else {
        struct wd_buf *cell = wd_page_cell(&b.page);
        wd_put_plural(cell, b.wrong, "sum differs", "sums differ");
        wd_buf_puts(cell, ": that is a bug of wirediet, please report it.");
        wd_page_wrap(&b.page, WD_TINT_ERROR, 0);
    }
    wd_page_end(&b.page);
    wd_page_close(&b.page);
}
