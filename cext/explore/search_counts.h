/* search_counts.h -- the phase of a search that counts runs; for search.c only. */
#ifndef RR_SEARCH_COUNTS_H
#define RR_SEARCH_COUNTS_H

#include "explore/search.h"

enum { RR_SLICE_NS = 20 * 1000 * 1000 };

/* Goes on with a pass until a time, or its end. */
int rr_search_advance_pass(rr_search *s, int64_t until);

void rr_search_close_beside(rr_search *s);

/* The peak of memory includes what is held now. */
void rr_search_note_memory(rr_search *s);

#endif
