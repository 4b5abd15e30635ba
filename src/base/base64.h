/* base/base64.h - base64 undone. Source  RFC 4648 sections 4 and 5: both alphabets, padding as one likes. */
#ifndef WD_BASE_BASE64_H
#define WD_BASE_BASE64_H

#include "base/buf.h"

/* 0 to 63; negative: no digit of either alphabet. */
int wd_base64_digit(uint8_t c);

/* Appends the bytes that `text` stands for; white space is skipped. False, with nothing appended, when it is
 * not base64. */
bool wd_base64_decode(struct wd_bytes text, struct wd_buf *out);

#endif
