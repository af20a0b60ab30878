/* rounds.h -- every mode's loops over many objects, by the mode's number. */
#ifndef RR_ROUNDS_H
#define RR_ROUNDS_H

#include "modes/native_modes.h"

/* Of these tables only incref_round and decref_round are for use. */
extern const rr_mode *const rr_round_modes[RR_N_MODES];

#endif
