/* base/unescape.h - what a JSON string says. Source  RFC 8259 section 7; RFC 3629. */
#ifndef WD_BASE_UNESCAPE_H
#define WD_BASE_UNESCAPE_H

#include "base/buf.h"

/* Four hex digits at `at`, or -1. */
int32_t wd_hex4(const uint8_t *at, size_t left);

/* Appends the text inside a JSON string's quotes with its escapes decoded. Escapes that are none are taken
 * literally; half a surrogate pair becomes U+FFFD. */
void wd_unescape(struct wd_bytes inside, struct wd_buf *out);

#endif
