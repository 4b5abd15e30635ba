/* base/format.h - formats as JSON Schema names them: what a whole string must be to satisfy one.
 *
 * Shape   stricter than base/shape.h, which recognises what people meant: who validates by the name of a
 *         format refuses everything else.
 * Owns    nothing.
 * Errors  none.
 * Source  JSON Schema validation 2020-12, 7.3; RFC 3339, RFC 3986, RFC 4122, RFC 4291.
 */
#ifndef WD_BASE_FORMAT_H
#define WD_BASE_FORMAT_H

#include "base/bytes.h"

#define WD_STRING_FORMATS(X) \
    X(DATE_TIME, "date-time") X(DATE, "date") X(TIME, "time") X(EMAIL, "email") X(UUID, "uuid") \
    X(IPV4, "ipv4") X(IPV6, "ipv6") X(URI, "uri")
enum wd_string_format {
#define ROW(id, name) WD_STRING_##id,
    WD_STRING_FORMATS(ROW)
#undef ROW
    WD_STRING_FORMAT_COUNT
};
extern const char *const wd_string_format_names[WD_STRING_FORMAT_COUNT];
enum { WD_STRING_FORMATS_ALL = (1 << WD_STRING_FORMAT_COUNT) - 1 };

/* Bits 1 << enum wd_string_format of the formats that `text`, decoded, satisfies. */
unsigned wd_string_formats_of(struct wd_bytes text);

#endif
