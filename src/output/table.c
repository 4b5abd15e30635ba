/* output/table.c - which noun can be had in which format: a row per format, NULL where there is none. */
#include "output/html.h"
#include "output/output.h"
#include "output/writers.h"

#define NAME(id, name) name,
const char *const wd_format_names[WD_FORMAT_COUNT] = { WD_FORMATS(NAME) };

/* Formats that have no use for a style, fitted to the same three shapes. */
#define PLAIN(verb, noun, type)                                                                  \
    static void verb##_##noun(struct wd_buf *out, const type *it, const struct wd_style *style)  \
    {                                                                                            \
        (void)style;                                                                             \
        wd_##verb##_##noun(out, it);                                                             \
    }
PLAIN(json, profile, struct wd_profile)
PLAIN(csv, profile, struct wd_profile)
PLAIN(json, audit, struct wd_audit)
PLAIN(csv, audit, struct wd_audit)
PLAIN(sarif, audit, struct wd_audit)
PLAIN(json, report, struct wd_report)
PLAIN(html, report, struct wd_report)

static const struct format {
    void (*profile)(struct wd_buf *out, const struct wd_profile *profile, const struct wd_style *style);
    void (*audit)(struct wd_buf *out, const struct wd_audit *audit, const struct wd_style *style);
    void (*report)(struct wd_buf *out, const struct wd_report *report, const struct wd_style *style);
} formats[WD_FORMAT_COUNT] = {
    [WD_FORMAT_TEXT]     = { wd_text_profile,     wd_text_audit,     NULL },
    [WD_FORMAT_JSON]     = { json_profile,        json_audit,        json_report },
    [WD_FORMAT_MARKDOWN] = { wd_markdown_profile, wd_markdown_audit, wd_markdown_report },
    [WD_FORMAT_HTML]     = { NULL,                NULL,              html_report },
    [WD_FORMAT_SARIF]    = { NULL,                sarif_audit,       NULL },
    [WD_FORMAT_CSV]      = { csv_profile,         csv_audit,         NULL },
};

/* The columns of the table above as bits, for the option parser; a test holds them to it. */
#define BIT(id) (1u << WD_FORMAT_##id)
const unsigned wd_formats_profile = BIT(TEXT) | BIT(JSON) | BIT(MARKDOWN) | BIT(CSV);
const unsigned wd_formats_audit = BIT(TEXT) | BIT(JSON) | BIT(MARKDOWN) | BIT(SARIF) | BIT(CSV);
const unsigned wd_formats_report = BIT(JSON) | BIT(MARKDOWN) | BIT(HTML);

void wd_print_profile(struct wd_buf *out, const struct wd_profile *profile, enum wd_format format,
                      const struct wd_style *style)
{
    assert(wd_formats_profile & 1u << format);
    formats[format].profile(out, profile, style);
}

void wd_print_audit(struct wd_buf *out, const struct wd_audit *audit, enum wd_format format,
                    const struct wd_style *style)
{
    assert(wd_formats_audit & 1u << format);
    formats[format].audit(out, audit, style);
}

void wd_print_report(struct wd_buf *out, const struct wd_report *report, enum wd_format format,
                     const struct wd_style *style)
{
    assert(wd_formats_report & 1u << format);
    formats[format].report(out, report, style);
}
