/* output/json.h - JSON straight into the buffer, in the order in which it is written.
 *
 * Shape   a scope is one object or list being written: it knows whether a comma is due. Keys are ours, in the
 *         documented order; strings of inputs go through wd_put_json. A scope laid out puts each member on a
 *         line of its own.
 * Errors  none.
 * Source  RFC 8259.
 */
#ifndef WD_OUTPUT_JSON_H
#define WD_OUTPUT_JSON_H

#include "base/escape.h"
#include "model/finding.h"

struct wd_json {
    struct wd_buf *out;
    unsigned depth;      /* for indentation */
    bool is_laid_out;
    bool has_any;        /* a comma is due */
    char close;          /* '}' or ']' */
};

struct wd_json wd_json_root(struct wd_buf *out);                              /* an object, laid out */
/* key NULL: an entry of a list */
struct wd_json wd_json_object(struct wd_json *in, const char *key, bool is_laid_out);
struct wd_json wd_json_list(struct wd_json *in, const char *key, bool is_laid_out);
void wd_json_close(struct wd_json *scope);

void wd_json_count(struct wd_json *in, const char *key, uint64_t n);
void wd_json_some(struct wd_json *in, const char *key, uint64_t n);           /* only when not 0 */
void wd_json_number(struct wd_json *in, const char *key, double value);      /* six decimals at most */
void wd_json_text(struct wd_json *in, const char *key, struct wd_bytes text);
void wd_json_word(struct wd_json *in, const char *key, const char *literal);
void wd_json_true(struct wd_json *in, const char *key, bool is_set);         /* only when set */
void wd_json_null(struct wd_json *in, const char *key);
void wd_json_next(struct wd_json *in, const char *key); /* the caller writes the value */

#endif
