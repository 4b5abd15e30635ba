/* infer/infer.h - what messages look like, from what was measured of them: a schema, where there is none.
 *
 * Shape   the rows of a profile become trees of fields, with what a declaration needs to know of each: its
 *         types, whether it is always there, whether its keys are a map's. Formats (infer/table.c) print
 *         those trees. What has the same rows gives the same bytes.
 * Units   bytes of the payload, over all messages of the type.
 * Owns    everything is in the arena; names are views of the profile, which outlives it.
 * Errors  none: what cannot be described is left open, and counted.
 * Source  design: field paths, change, formats.
 */
#ifndef WD_INFER_INFER_H
#define WD_INFER_INFER_H

#include "base/arena.h"
#include "model/profile.h"

/* Objects and lists inside each other: what is deeper is left open. Parsers of schemas have limits, too. */
enum { WD_INFER_DEPTH = 28 };

struct wd_inferred_field {
    struct wd_bytes key;                    /* of a member, decoded */
    struct wd_bytes path;                   /* of the first row that it stands for */
    struct wd_inferred_field **members;     /* of the object: what tells messages apart, then by bytes */
    size_t member_count, member_cap;
    struct wd_inferred_field *element;      /* of the list; NULL: none seen */
    struct wd_inferred_field *entry;        /* of the object as a map: what its keys lead to */
    uint32_t types;                         /* bits 1 << enum wd_type that were seen */
    uint64_t messages, values;              /* messages that had it; how often */
    uint64_t objects, nulls;                /* of the values */
    uint64_t bytes;                         /* with all that is below it */
    uint64_t compared, changed;
    unsigned formats;                       /* bits 1 << enum wd_string_format, which all strings satisfied */
    uint64_t strings;                       /* strings looked at */
    bool has_kinds;                         /* the next two are known */
    bool has_negative, is_wide;
    bool is_required;                       /* in each of enough parents */
    bool is_left_open;                      /* something below it is not described */
    struct wd_bytes constant;               /* of a discriminator: the one value; "" none */
    struct wd_bytes *words;                 /* the values of an enumeration */
    size_t word_count;
};

struct wd_inferred_message {
    const struct wd_type_profile *type;
    struct wd_bytes key;                    /* a name that is unique, of letters, digits, `_`, `-` and `.` */
    struct wd_inferred_field *root;         /* NULL: no payload that has a structure */
};

struct wd_inferred {
    struct wd_inferred_message *messages;   /* the most bytes first */
    size_t message_count;
    uint64_t payload_bytes, message_total;
    uint64_t least;                         /* messages that it takes to call a field required */
    bool has_words;                         /* values were asked for */
    struct wd_bytes title;
    size_t maps, left_open, unreadable;     /* objects taken for maps; places and rows not described */
};

struct wd_inference {
    const struct wd_profile *profile;
    uint64_t least;
    bool has_words;
    struct wd_bytes title;
    /* Is this row of the type about a person? Then none of its values is written. */
    bool (*is_personal)(void *ctx, const struct wd_type_profile *type, const struct wd_row *row);
    /* Is this object declared with members of its own? Then it is no map. NULL: nothing is declared. */
    bool (*is_class)(void *ctx, const struct wd_type_profile *type, struct wd_bytes path);
    void *ctx;
};

void wd_infer(const struct wd_inference *inference, struct wd_arena *arena, struct wd_inferred *out);

#endif
