#include "pipeline/limited.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/escape.h"

/* 1,048,576 */
static void put_figure(struct wd_buf *out, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            wd_buf_byte(out, ',');
        wd_buf_byte(out, (uint8_t)digits[i]);
    }
}

/* The double, as it is typed; of a limit that allows nothing, the default. */
static void put_remedy(struct wd_buf *out, const struct wd_limit_row *row, uint64_t value, uint64_t most)
{
    static const struct {
        uint64_t unit;
        const char *suffix;
    } units[] = {{1u << 30, "G"}, {1u << 20, "M"}, {1u << 10, "k"}};
    uint64_t more = !value ? row->value : value < most / 2 ? value * 2 : most;
    bool is_bytes = strncmp(row->unit, "bytes", 5) == 0;
    const char *suffix = "";
    if (value >= most) {
        wd_buf_puts(out, "; it is as high as it can be\n");
        return;
    }
    for (size_t i = 0; is_bytes && i < WD_COUNT(units) && !*suffix; i++) {
        if (more % units[i].unit)
            continue;
        more /= units[i].unit;
        suffix = units[i].suffix;
    }
    wd_buf_printf(out, "; raise it with --limit %s=%" PRIu64 "%s\n", row->name, more, suffix);
}

/* Packets are numbered in their file: which one it was is said where there are several. */
static void put_place(struct wd_buf *out, const struct wd_road *road, const struct wd_limit_hits *hits)
{
    struct wd_shown shown;
    const char *first = hits->count > 1 ? ", first" : ",";
    bool has_name = road->input_count > 1 && hits->input;
    if (hits->packet)
        wd_buf_printf(out, "%s at packet %" PRIu64, first, hits->packet);
    if (has_name)
        wd_buf_printf(out, "%s %s",
                      hits->packet      ? " of"
                      : hits->count > 1 ? ", first in"
                                        : ", in",
                      wd_show(&shown, road->inputs[hits->input - 1].name));
}

void wd_limited_report(const struct wd_road *road, struct wd_buf *out)
{
    for (int id = 0; id < WD_LIMIT_COUNT; id++) {
        const struct wd_limit_hits *hits = &road->ledger.limits[id];
        const struct wd_limit_row *row = &wd_limit_rows[id];
        uint64_t value = wd_limits_value(&road->config->limits, (enum wd_limit)id);
        if (!hits->count || row->voice != WD_LIMIT_TOLD)
            continue;
        wd_buf_printf(out, "limit %s (", row->name);
        put_figure(out, value);
        wd_buf_printf(out, " %s) was reached ", row->unit);
        put_figure(out, hits->count);
        wd_buf_printf(out, " time%s", hits->count == 1 ? "" : "s");
        put_place(out, road, hits);
        wd_buf_printf(out, ": %s", row->effect);
        put_remedy(out, row, value, wd_limits_most((enum wd_limit)id));
    }
}
