/* resurrection.h -- what a finaliser does that makes its object live again. */
#ifndef RR_RESURRECTION_H
#define RR_RESURRECTION_H

#include "machine/internal.h"

/* The frame of the destruction in whose finaliser a thread is; NULL: it is in none. */
int32_t *rr_innermost_destruction(const rr_machine *m, int thread);
bool rr_is_in_finaliser_of(const rr_machine *m, int thread, int object);
/* Is it inside a finaliser that the collector runs? */
bool rr_is_finalising_garbage(const rr_machine *m, int thread);
rr_progress rr_resurrect(rr_machine *m, int thread, int object);
/* `resurrect_end` has found that others hold the object.
 * pre: the thread is in its finaliser. */
rr_progress rr_keep_resurrected(rr_machine *m, int thread, const rr_instr *in, int object);
/* `resurrect_end` in a finaliser that the collector runs. */
rr_progress rr_end_of_garbage(rr_machine *m, int thread, const rr_instr *in,
                              int32_t *frame);

#endif
