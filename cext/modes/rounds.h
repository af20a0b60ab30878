/* rounds.h -- every mode's loops over many objects, by the mode's number. */
#ifndef RR_ROUNDS_H
#define RR_ROUNDS_H

#include "modes/native_modes.h"

/* Of these tables only incref_round and decref_round are for use. */
extern const rr_mode *const rr_round_modes[RR_N_MODES];

/* Defined beside the arena: before the running thread goes round over the objects of an
 * arena, `first` among them. */
void rr_lanes_go_round(const rr_object *first);

static inline int64_t
rr_go_round(rr_round *loop, rr_object *first, int64_t n_objects, int64_t passes)
{
    rr_lanes_go_round(first);
    return loop(first, n_objects, passes);
}

#endif
