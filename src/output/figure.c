#include "output/figure.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

void wd_put_count(struct wd_buf *out, uint64_t n)
{
    char digits[27];
    size_t at = sizeof digits;
    for (int i = 0; i == 0 || n; i++, n /= 10) {
        if (i && i % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (char)('0' + n % 10);
    }
    wd_buf_put(out, wd_bytes_at(digits + at, sizeof digits - at));
}

void wd_put_plural(struct wd_buf *out, uint64_t n, const char *one, const char *many)
{
    wd_put_count(out, n);
    wd_buf_printf(out, " %s", n == 1 ? one : many);
}

/* `scaled` is a number times 10^decimals. */
static void put_fixed(struct wd_buf *out, uint64_t scaled, int decimals)
{
    uint64_t unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    wd_put_count(out, scaled / unit);
    if (decimals)
        wd_buf_printf(out, ".%0*" PRIu64, decimals, scaled % unit);
}

void wd_put_size(struct wd_buf *out, uint64_t bytes)
{
    static const struct { uint64_t one; const char *name; } units[] = {
        { 1000, "kB" }, { 1000000, "MB" }, { 1000000000, "GB" }, { 1000000000000, "TB" }, { 0, NULL },
    };
    if (bytes < 1000) {
        wd_buf_printf(out, "%" PRIu64 " B", bytes);
        return;
    }
    for (int u = 0;; u++) {
        uint64_t step = units[u].one / 100;
        for (int decimals = 2; decimals >= 0; decimals--, step *= 10) {
            uint64_t scaled = bytes / step + (bytes % step >= step - step / 2);
            if (scaled >= 1000 && (decimals || units[u + 1].name))
                continue;
            put_fixed(out, scaled, decimals);
            wd_buf_printf(out, " %s", units[u].name);
            return;
        }
    }
}

double wd_share_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

void wd_put_share(struct wd_buf *out, double share)
{
    uint64_t tenths = share > 0 && isfinite(share) ? (uint64_t)llround(fmin(share, 1e9) * 1000) : 0;
    if (share > 0 && tenths == 0) {
        wd_buf_puts(out, "<0.1 %");
        return;
    }
    if (share < 1 && tenths >= 1000) {   /* nearly all is not all */
        wd_buf_puts(out, ">99.9 %");
        return;
    }
    put_fixed(out, tenths == 1000 || tenths == 0 ? tenths / 10 : tenths,
              tenths == 1000 || tenths == 0 ? 0 : 1);
    wd_buf_puts(out, " %");
}

void wd_put_percent(struct wd_buf *out, double share)
{
    uint64_t whole = share > 0 && isfinite(share) ? (uint64_t)llround(fmin(share, 1e9) * 100) : 0;
    if (share > 0 && whole == 0) {
        wd_buf_puts(out, "<1 %");
        return;
    }
    if (share < 1 && whole >= 100) {
        wd_buf_puts(out, ">99 %");
        return;
    }
    wd_put_count(out, whole);
    wd_buf_puts(out, " %");
}

void wd_put_decimal(struct wd_buf *out, double value, int digits)
{
    if (!isfinite(value))
        value = 0;
    uint64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    if (value < 0)
        wd_buf_byte(out, '-');
    uint64_t scaled = (uint64_t)llround(fmin(fabs(value), 1e12) * (double)unit);
    wd_buf_printf(out, "%" PRIu64, scaled / unit);
    if (scaled % unit == 0)
        return;
    wd_buf_printf(out, ".%0*" PRIu64, digits, scaled % unit);
    while (out->at[out->len - 1] == '0')
        out->len--;
}

/* Two neighbouring units: 4 min 12 s. */
static void put_pair(struct wd_buf *out, uint64_t n, uint64_t per, const char *large, const char *small)
{
    wd_put_count(out, n / per);
    wd_buf_printf(out, " %s", large);
    if (n % per)
        wd_buf_printf(out, " %" PRIu64 " %s", n % per, small);
}

void wd_put_duration(struct wd_buf *out, int64_t ns)
{
    uint64_t ms = ns > 0 ? ((uint64_t)ns + 500000) / 1000000 : 0;
    uint64_t s = (ms + 500) / 1000;
    if (ms < 1000)
        wd_buf_printf(out, "%" PRIu64 " ms", ms);
    else if (ms < 59950) {
        put_fixed(out, (ms + 50) / 100, 1);
        wd_buf_puts(out, " s");
    } else if (s < 3600)
        put_pair(out, s, 60, "min", "s");
    else if (s < 86400)
        put_pair(out, s / 60, 60, "h", "min");
    else
        put_pair(out, s / 3600, 24, "d", "h");
}

/* Two significant digits. */
static uint64_t coarse(uint64_t n)
{
    uint64_t unit = 1;
    while (n / unit >= 100)
        unit *= 10;
    return (n + unit / 2) / unit * unit;
}

void wd_put_about(struct wd_buf *out, int64_t ns)
{
    static const struct { uint64_t ms, below; const char *name;
    } units[] = {
        { 1, 950, "ms" },
        { 1000, 119500, "s" },
        { 60000, 119 * UINT64_C(60000), "min" },
        { 3600000, 47 * UINT64_C(3600000), "h" },
        { 86400000, UINT64_MAX, "d" },
    };
    uint64_t ms = ns > 0 ? (uint64_t)ns / 1000000 : 0;
    size_t u = 0;
    while (ms >= units[u].below)
        u++;
    uint64_t tenths = coarse((ms * 10 + units[u].ms / 2) / units[u].ms);
    wd_buf_printf(out, "~%" PRIu64, ms ? tenths / 10 : 1);
    if (tenths % 10)
        wd_buf_printf(out, ".%" PRIu64, tenths % 10);
    wd_buf_printf(out, " %s", units[u].name);
}

void wd_put_time(struct wd_buf *out, int64_t ns)
{
    int64_t fraction = ns % 1000000000;
    time_t second = ns / 1000000000;
    struct tm tm = { 0 };
    if (fraction < 0) {
        fraction += 1000000000;
        second--;
    }
    gmtime_r(&second, &tm);  /* cannot fail: an int64 of nanoseconds ends in 2262 */
    wd_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%09" PRId64 "Z", tm.tm_year + 1900, tm.tm_mon + 1,
                  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
}

void wd_put_bits(struct wd_buf *out, uint64_t bits, uint64_t count)
{
    double bytes = count ? (double)bits / 8 / (double)count : 0;
    if (bytes >= 9.95)
        wd_put_count(out, (uint64_t)(bytes + 0.5));
    else if (bits && bytes < 0.05)
        wd_buf_puts(out, "<0.1");
    else
        wd_buf_printf(out, "%.1f", bytes);
}

uint64_t wd_each(uint64_t bytes, uint64_t count)
{
    return count ? bytes / count + (bytes % count >= count - count / 2) : 0;
}

int64_t wd_profile_span(const struct wd_profile *profile)
{
    uint64_t span = 0;
    for (size_t i = 0; i < profile->input_count; i++) {
        const struct wd_input *in = &profile->inputs[i];
        if (in->last_ns > in->first_ns)
            span += (uint64_t)in->last_ns - (uint64_t)in->first_ns;
    }
    return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

uint64_t wd_profile_dropped(const struct wd_profile *profile)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < profile->input_count; i++)
        sum += profile->inputs[i].dropped;
    return sum;
}

bool wd_put_dropped(struct wd_buf *out, const struct wd_profile *profile)
{
    uint64_t dropped = wd_profile_dropped(profile);
    if (!dropped)
        return false;
    wd_put_plural(out, dropped, "packet was", "packets were");
    wd_buf_puts(out, " dropped while recording: nobody saw what was in them.");
    return true;
}

bool wd_row_is_per_entity(const struct wd_type_profile *type, const struct wd_row *row)
{
    return type->entity.len && row->entity_compared;
}

uint64_t wd_row_repeated(const struct wd_type_profile *type, const struct wd_row *row)
{
    if (!wd_row_is_per_entity(type, row) || row->present == 0)
        return row->repeated_bytes;
    double same =
        row->entity_compared > row->entity_changed ? (double)(row->entity_compared - row->entity_changed) : 0;
    uint64_t bytes = (uint64_t)((double)wd_row_bytes(row) * fmin(same / (double)row->present, 1));
    return bytes > row->repeated_bytes ? bytes : row->repeated_bytes;
}

uint64_t wd_type_repeated(const struct wd_type_profile *type)
{
    uint64_t sum = 0;
    for (size_t r = 0; r < type->row_count; r++)
        sum += wd_row_repeated(type, &type->rows[r]);
    return sum;
}

int64_t wd_row_lasts(const struct wd_type_profile *type, const struct wd_row *row)
{
    uint64_t ms = wd_row_is_per_entity(type, row) ? 0 : wd_row_mean_hold_ms(row);
    return ms < INT64_MAX / 1000000 ? (int64_t)ms * 1000000 : INT64_MAX;
}

void wd_row_change(const struct wd_type_profile *type, const struct wd_row *row, uint64_t *compared,
                   uint64_t *changed)
{
    bool per_entity = wd_row_is_per_entity(type, row);
    *compared = per_entity ? row->entity_compared : row->compared;
    *changed = per_entity ? row->entity_changed : row->changed;
}

bool wd_row_is_container(const struct wd_row *row)
{
    return row->types[WD_TYPE_OBJECT] + row->types[WD_TYPE_ARRAY] > 0 &&
           row->types[WD_TYPE_OBJECT] + row->types[WD_TYPE_ARRAY] == row->occurrences;
}

void wd_put_change(struct wd_buf *out, const struct wd_type_profile *type, const struct wd_row *row)
{
    uint64_t compared, changed;
    wd_row_change(type, row, &compared, &changed);
    if (compared == 0)
        wd_buf_puts(out, wd_row_is_container(row) ? "" : "once");
    else if (changed == 0)
        wd_buf_puts(out, "never");
    else if (changed >= compared)
        wd_buf_puts(out, "always");
    else
        wd_put_percent(out, wd_share_of(changed, compared));
}

void wd_put_types(struct wd_buf *out, const struct wd_row *row)
{
    size_t start = out->len;
    bool is_number = row->types[WD_TYPE_NUMBER] > 0;   /* 1.0 is an integer: "number" says both */
    for (int t = 0; t < WD_TYPE_COUNT; t++) {
        if (!row->types[t] || t == WD_TYPE_NULL || (t == WD_TYPE_INTEGER && is_number))
            continue;
        wd_buf_printf(out, "%s%s", out->len > start ? " or " : "", wd_type_names[t]);
    }
    if (row->types[WD_TYPE_NULL])
        wd_buf_puts(out, out->len > start ? " or null" : "null");
}

struct wd_bytes wd_base_name(struct wd_bytes name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/')
            return wd_bytes_at(name.at + i, name.len - i);
    return name;
}

struct wd_bytes wd_file_shown(const char *file)
{
    struct wd_bytes name = wd_bytes_of(file);
    if (wd_bytes_is(name, "-"))
        return wd_bytes_of("standard input");
    return wd_bytes_starts(name, "/") ? wd_base_name(name) : name;
}
