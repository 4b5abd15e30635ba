/* infer/table.c - the formats of inferred schemas. The first is the default. */
#include "infer/printer.h"

#define FORMATS(X) X(asyncapi) X(jsonschema) X(proto) X(avro)
#define DECLARE(name) extern const struct wd_infer_format wd_infer_##name;
#define ROW(name) &wd_infer_##name,
FORMATS(DECLARE)
const struct wd_infer_format *const wd_infer_formats[] = { FORMATS(ROW) NULL };

const struct wd_infer_format *wd_infer_format_named(struct wd_bytes name)
{
    for (size_t i = 0; wd_infer_formats[i]; i++)
        if (wd_bytes_is(name, wd_infer_formats[i]->name))
            return wd_infer_formats[i];
    return NULL;
}

static bool ends_with(struct wd_bytes file, const char *extension)
{
    size_t n = strlen(extension);
    return file.len > n && memcmp(file.at + file.len - n, extension, n) == 0;
}

/* The longest extension that fits: x.schema.yaml is no AsyncAPI. */
const struct wd_infer_format *wd_infer_format_for(struct wd_bytes file)
{
    const struct wd_infer_format *best = NULL;
    size_t most = 0;
    for (size_t i = 0; wd_infer_formats[i]; i++) {
        for (const char *const *e = wd_infer_formats[i]->extensions; *e; e++) {
            if (strlen(*e) <= most || !ends_with(file, *e))
                continue;
            most = strlen(*e);
            best = wd_infer_formats[i];
        }
    }
    return best;
}
