/* newest.h -- accesses of single words, which under C11 are locations: of any message, or of
 * the newest one only.
 */
#ifndef RR_NEWEST_H
#define RR_NEWEST_H

#include "machine/internal.h"

/* Loads a word (RR_WANTS_VALUE), which may be an old value of it, stores it (RR_STORES), or
 * exchanges it (RR_CHANGES).  pre: under C11. */
rr_progress rr_access_word(rr_machine *m, int32_t *word, rr_wish_kind kind, rc_order order,
                           int32_t *value);
/* The same of the newest value, in either memory model. */
rr_progress rr_access_newest(rr_machine *m, int32_t *word, rr_wish_kind kind,
                             rc_order order, int32_t *value);

#endif
