/* schema/note.h - what was measured of a field, written beside its declaration, without touching another byte.
 *
 * Shape   in block YAML as a comment above the key, elsewhere (JSON, flow YAML, Avro) in x-wirediet. Where no
 *         purpose is stated an empty one is left for people to fill in, where it will be read:
 *
 *             # wirediet: 12 B/msg, 3.1 %; changes every ~31 s; read by web
 *             load:                                  "load": {"x-wirediet": {"measured": {...}, "purpose": ""},
 *               x-wirediet: {purpose: ""}                     "type": "number"}
 *               type: number
 *
 *         In .proto files both are comments, or one before the declaration where it shares its line with others:
 *
 *             // wirediet: 12 B/msg, 3.1 %; read by web
 *             // purpose:
 *             double load = 3;
 *
 *         What an earlier run wrote is replaced, so writing twice is writing once.
 * Owns    the new text is in `arena`.
 * Errors  none. What cannot bear a note (a schema that is `true`, an alias) or a slot (beside a $ref nothing
 *         is read; a shared line has no room) is counted.
 */
#ifndef WD_SCHEMA_NOTE_H
#define WD_SCHEMA_NOTE_H

#include "schema/edit.h"

struct wd_note {
    const struct wd_node *node;     /* the declaration: a member of a map, or a map in a list */
    struct wd_bytes line;           /* in words: one line, escaped */
    struct wd_bytes facts;          /* as a JSON object, which is flow YAML too */
    bool has_purpose;               /* stated: no slot */
};

/* How many declarations lack a place for it. */
struct wd_note_lack { size_t notes, slots; };

struct wd_edit_result wd_note_write(const struct wd_document *document, const struct wd_note *notes,
                                    size_t count, struct wd_arena *arena, struct wd_note_lack *lack);

#endif
