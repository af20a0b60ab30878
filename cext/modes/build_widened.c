/* build_widened.c -- every mode, compiled over C11 atomics with widened gaps; see
 * build_native.c. */
#define RC_WIDENED

#include "modes/all_modes.h"

#include "modes/native_modes.h"

const rr_mode *const rr_widened_modes[RR_N_MODES] = {
#define RR_MODE(id) &RR_MODE_SYMBOL(id),
#include "modes/modes.def"
#undef RR_MODE
};
