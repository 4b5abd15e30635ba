/* pipeline/annotate.h - an audit to the same schema with what was measured beside each declaration.
 *
 * Shape   a declaration that several messages share, or a message on several channels, gets one note: bytes
 *         and changes added up, readers united. schema/note.h writes them.
 * Owns    results are in `arena`.
 * Errors  WD_EUSAGE without a schema or without traffic. WD_ESYSTEM: the new text does not read like the old one.
 */
#ifndef WD_PIPELINE_ANNOTATE_H
#define WD_PIPELINE_ANNOTATE_H

#include "model/finding.h"
#include "schema/note.h"

struct wd_annotation {
    struct wd_edit_result *results;   /* one per document of the schema */
    size_t noted;                     /* declarations with a note */
    size_t unseen;                    /* of those, not in the traffic */
    size_t unstated;                  /* without a purpose */
    struct wd_note_lack lack;         /* declarations that have no place for a note, or for a purpose */
};

int wd_annotate(struct wd_audit *audit, struct wd_arena *arena, struct wd_annotation *out,
                struct wd_err *err);

#endif
