/* model/nested.h - documents that strings hold: JSON text in a string, base64 of JSON and the like.
 *
 * Shape   sums over the values that were looked at, and of each member one level down; no value. More than
 *         WD_NESTED_MEMBERS different names, and names that are too long, are taken for keys that are values
 *         and become one member, {}. So the sums do not depend on the order in which they were added.
 * Units   bytes as the strings crossed the wire; of members, of the document inside.
 * Owns    its members, on the heap. A codec's name is a literal.
 * Errors  none.
 * Source  design: exact accounting. The bytes stay with the field that holds the string.
 */
#ifndef WD_MODEL_NESTED_H
#define WD_MODEL_NESTED_H

#include "base/bytes.h"

enum { WD_NESTED_MEMBERS = 32, WD_NESTED_PATH = 47 };

struct wd_nested_member {
    uint64_t values, bytes;
    uint8_t path_len;
    uint8_t path[WD_NESTED_PATH];    /* "a", "\"a b\"", "[]", "{}" */
};

struct wd_nested {
    const char *codec;               /* what the documents are; "mixed" when several */
    uint64_t values;                 /* values that held one */
    uint64_t base64;                 /* of them, those that held it as base64 */
    uint64_t bytes;                  /* of those values */
    uint64_t waste_bytes;            /* of those: quotes, escapes, what base64 adds */
    bool is_folded;                  /* there were too many names */
    struct wd_nested_member *members;  /* sorted bytewise by path */
    size_t member_count, member_cap;
};

struct wd_nested *wd_nested_open(const char *codec);
void wd_nested_close(struct wd_nested *nested);   /* NULL is fine */
void wd_nested_add_member(struct wd_nested *nested, struct wd_bytes path, uint64_t values, uint64_t bytes);
static inline struct wd_bytes wd_nested_path(const struct wd_nested_member *member)
{
    return wd_bytes_at(member->path, member->path_len);
}
/* Adds the sums of `from`, NULL: nothing, to *into, which is opened when it is NULL. */
void wd_nested_add(struct wd_nested **into, const struct wd_nested *from);

#endif
