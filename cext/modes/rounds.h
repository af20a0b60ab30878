/* rounds.h -- every mode's loops over many objects, by the mode's number. */
#ifndef RR_ROUNDS_H
#define RR_ROUNDS_H

#include "modes/native_modes.h"

/* Only incref_round and decref_round of these tables may be used. */
extern const rr_mode *const rr_round_modes[RR_N_MODES];

/* The table of a mode, of the catalogue or loaded; NULL if no mode has that number. */
static inline const rr_mode *
rr_round_mode(int mode)
{
    return mode >= 0 && mode < RR_N_MODES ? rr_round_modes[mode]
                                          : rr_loaded_mode(mode, RR_LOADED_ROUNDS);
}

/* Defined in arena/.  The running thread calls it before it loops over the objects of an
 * arena, `first` among them. */
void rr_lanes_go_round(const rr_object *first);

static inline int64_t
rr_go_round(rr_round *loop, rr_object *first, int64_t n_objects, int64_t passes)
{
    rr_lanes_go_round(first);
    return loop(first, n_objects, passes);
}

#endif
