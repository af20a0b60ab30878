/* collected_words.h -- what the collector does with memory under C11.  Under sequential
 * consistency the row says it all.
 */
#ifndef RR_COLLECTED_WORDS_H
#define RR_COLLECTED_WORDS_H

#include "machine/internal.h"

/* Are counts in more words than one, which the collector makes one of? */
static inline bool
rr_merges_counts(const rr_machine *m)
{
    return m->layout.n_lanes > 0 || m->layout.tid_offset >= 0;
}

/* Reads a field of an object as `tp_traverse` does, which is not atomic. */
rr_progress rr_read_visited_field(rr_machine *m, int object, int32_t field);
/* The collector has been given an object to visit. */
rr_progress rr_visit_object(rr_machine *m, int object);
/* Loads the words of a count. */
rr_progress rr_look_at_count(rr_machine *m, int object, rc_order order);
/* Stores the words of a count, which the caller has set in the row; `before`: what was
 * there. */
rr_progress rr_renew_count(rr_machine *m, int object, const rr_words *before);
/* Sets a field to null. */
rr_progress rr_clear_field(rr_machine *m, int object, int32_t field);

#endif
