/* output/csv.c - a row per field, a row per finding. RFC 4180 with a header; lines end in LF, as every tool
 * here reads. Text cells are quoted and cannot be formulas (output/escapes.h); numbers stand bare. */
#include <inttypes.h>

#include "output/escapes.h"
#include "output/figure.h"
#include "output/writers.h"

struct cells { struct wd_buf *out; bool has_any; };

static void next(struct cells *c)
{
    if (c->has_any)
        wd_buf_byte(c->out, ',');
    c->has_any = true;
}

static void end(struct cells *c)
{
    wd_buf_byte(c->out, '\n');
    c->has_any = false;
}

static void text(struct cells *c, struct wd_bytes s)
{
    next(c);
    wd_put_csv(c->out, s);
}

static void word(struct cells *c, const char *literal) { text(c, wd_bytes_of(literal)); }

static void count(struct cells *c, uint64_t n)
{
    next(c);
    wd_buf_printf(c->out, "%" PRIu64, n);
}

static void number(struct cells *c, double value)
{
    next(c);
    wd_put_decimal(c->out, value, 6);
}

static void header(struct cells *c, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        next(c);
        wd_buf_puts(c->out, names[i]);
    }
    end(c);
}

static void put_row(struct cells *c, const struct wd_type_profile *type, const struct wd_row *row)
{
    struct wd_buf types = { 0 };
    text(c, type->channel);
    word(c, wd_direction_names[type->direction]);
    text(c, type->name);
    text(c, row->path);
    count(c, type->count);
    count(c, row->present);
    count(c, row->occurrences);
    count(c, wd_row_bytes(row));
    count(c, row->key_bytes);
    count(c, row->value_bytes);
    count(c, row->syntax_bytes);
    count(c, row->space_bytes);
    if (type->has_wire_bits)
        count(c, row->wire_bits);
    else
        word(c, "");
    wd_put_types(&types, row);
    text(c, wd_buf_bytes(&types));
    count(c, row->compared);
    count(c, row->changed);
    count(c, row->entity_compared);
    count(c, row->entity_changed);
    count(c, row->repeated_bytes);
    count(c, row->distinct);
    word(c, row->is_estimated ? "true" : "");
    wd_buf_free(&types);
    end(c);
}

void wd_csv_profile(struct wd_buf *out, const struct wd_profile *profile)
{
    static const char *const names[] = {
        "channel",         "direction",        "message",        "path",      "messages",
        "present",         "occurrences",      "bytes",          "key_bytes", "value_bytes",
        "syntax_bytes",    "whitespace_bytes", "wire_bits",      "types",     "compared",
        "changed",         "entity_compared",  "entity_changed", "repeated_bytes", "distinct",
        "estimated" };
    struct cells c = { out, false };
    header(&c, names, WD_COUNT(names));
    for (size_t t = 0; t < profile->type_count; t++)
        for (size_t r = 0; r < profile->types[t].row_count; r++)
            put_row(&c, &profile->types[t], &profile->types[t].rows[r]);
}

static void put_finding(struct cells *c, const struct wd_finding *f, bool has_wire)
{
    bool has_direction = f->direction >= 0 && f->direction < WD_DIRECTION_COUNT;
    word(c, f->rule->id);
    word(c, f->rule->name);
    word(c, wd_severity_names[f->severity]);
    number(c, f->confidence);
    text(c, f->message);
    text(c, f->channel);
    word(c, has_direction ? wd_direction_names[f->direction] : "");
    text(c, f->path);
    text(c, f->at.file ? wd_file_shown(f->at.file) : wd_bytes_of(""));
    count(c, f->at.line);
    count(c, f->saves_bytes);
    number(c, f->saves_share);
    text(c, f->text);
    text(c, f->remedy);
    if (has_wire && f->type)
        count(c, f->saves_wire_bytes);
    else
        next(c);
    end(c);
}

void wd_csv_audit(struct wd_buf *out, const struct wd_audit *audit)
{
    static const char *const names[] = { "rule",    "name",    "severity",        "confidence",
                                         "message", "channel", "direction",       "path",
                                         "file",    "line",    "saves_bytes",     "saves_share",
                                         "text",    "remedy",  "saves_wire_bytes" };
    struct cells c = { out, false };
    header(&c, names, WD_COUNT(names));
    for (size_t i = 0; i < audit->finding_count; i++)
        put_finding(&c, &audit->findings[i], audit->summary.has_wire);
}
