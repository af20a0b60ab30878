/* build_model.c -- every mode, compiled for the explorer; see build_native.c. */
#define RC_MODEL

#include "modes/all_modes.h"

#include "modes/model_modes.h"

const rr_mode *const rr_model_modes[RR_N_MODES] = {
#define RR_MODE(id) &RR_MODE_SYMBOL(id),
#include "modes/modes.def"
#undef RR_MODE
};
