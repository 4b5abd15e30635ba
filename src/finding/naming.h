/* finding/naming.h - what the name of a field says: its head, the words beside it, and what holds it.
 *
 * Shape   a path is split on its steps, a step on _ - . blanks, camelCase, acronyms and digits, folded to
 * lower case without accents. Words of the vocabulary match runs of whole tokens, never parts of one:
 * hostname holds no name. Owns    nothing; words point into the vocabulary. Source  privacy taxonomy 2a, 2b.
 */
#ifndef WD_FINDING_NAMING_H
#define WD_FINDING_NAMING_H

#include "finding/vocabulary.h"

struct wd_naming {
    const struct wd_word *word;        /* NULL: the name says nothing */
    enum wd_strength strength;         /* as it stands there: a word before the head says less */
    bool is_digest;                    /* emailHash: a digest of what the word names */
    const char *qualifier;             /* emailCount: the word that turns it around; NULL none */
    enum wd_holder holder;             /* the nearest that says something */
    const char *holder_word;           /* NULL when unknown */
};

/* `unknown` stands for the holder where the path names none that we know. */
struct wd_naming wd_naming_of(struct wd_bytes path, enum wd_holder unknown);
/* The word that a text as a whole names ("EMAIL", "email_address", "PII.phone"): for what annotations say.
 * NULL: none. */
const struct wd_word *wd_naming_word(struct wd_bytes text);

#endif
