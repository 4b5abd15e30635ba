/* profile/nested.c - what a string holds: a document inside it, walked one level.
 *
 *     "meta": "{\"page\":\"home\",\"n\":7}"    29 bytes, of which 8 quote and escape the 21 of the object
 *     "blob": "eyJwYWdlIjoiaG9tZSJ9"         22 bytes, of which 7 are quotes and what base64 adds to 15
 *
 * Only the values that the validators see are looked at, and of those only the ones that they take for JSON
 * or base64. Each document has a path tree of its own, so that no name is learnt from it and no limit is
 * spent.
 */
#include "base/base64.h"
#include "profile/observer.h"

enum { LEAST_BINARY = 8, LEAST_FIELDS = 3 };

/* Random bytes can be a small binary document; one of several members is no accident. */
static bool is_document(const struct wd_codec *codec, const struct wd_tape *tape, struct wd_bytes inside)
{
    bool is_container =
        tape->count && (tape->fields[0].type == WD_TYPE_OBJECT || tape->fields[0].type == WD_TYPE_ARRAY);
    return !tape->fault && is_container &&
           (!codec->is_binary || (inside.len >= LEAST_BINARY && tape->count >= LEAST_FIELDS));
}

static void add_members(struct wd_observer *o, struct wd_nested *nested, const struct wd_paths *paths)
{
    const struct wd_tape *tape = &o->inner_tape;
    for (uint32_t i = 1, next; i < tape->count; i = next) {
        uint64_t bytes = field_bytes(&tape->fields[i]);
        for (next = i + 1; next < tape->count && tape->fields[next].depth > 1; next++)
            bytes += field_bytes(&tape->fields[next]);
        wd_buf_reset(&o->inner_name);
        wd_paths_write(paths, tape->fields[i].path, &o->inner_name);
        wd_nested_add_member(nested, wd_buf_bytes(&o->inner_name), 1, bytes);
    }
}

/* The document inside, if there is one; `held`: bytes of the string that holds it. */
static void look(struct wd_observer *o, struct wd_row *row, struct wd_bytes inside, bool is_base64,
                 uint64_t held)
{
    const struct wd_codec *codec = wd_codec_choose((struct wd_bytes){ 0 }, NULL, inside, !is_base64);
    struct wd_paths *paths = wd_paths_open(&o->limits, NULL);
    codec->walk(inside, NULL, paths, &o->limits, &o->inner_tape);
    if (is_document(codec, &o->inner_tape, inside)) {
        struct wd_nested one = {
            .codec = codec->name, .values = 1, .base64 = is_base64, .bytes = held, .waste_bytes = held - inside.len,
        };
        wd_nested_add(&row->nested, &one);
        add_members(o, row->nested, paths);
    }
    wd_paths_close(paths);
}

void nested_look(struct wd_observer *o, struct wd_row *row, const struct wd_field *f, struct wd_bytes text,
                 uint64_t shapes)
{
    uint64_t held = f->flags & WD_FIELD_BINARY ? text.len : f->value_len;
    if (shapes >> WD_SHAPE_JSON_TEXT & 1) {
        look(o, row, text, false, held);
    } else if (shapes >> WD_SHAPE_BASE64 & 1) {
        wd_buf_reset(&o->inner);
        if (wd_base64_decode(text, &o->inner))
            look(o, row, wd_buf_bytes(&o->inner), true, held);
    }
}
