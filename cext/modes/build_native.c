/* build_native.c -- every mode, compiled over C11 atomics.
 *
 * One translation unit instead of one per mode, because build tools name an object file
 * after its source, and each mode is compiled several times (the others are
 * build_widened.c and build_model.c).
 */
#define RC_NATIVE

#include "modes/all_modes.h"

#include "modes/native_modes.h"

const rr_mode *const rr_native_modes[RR_N_MODES] = {
#define RR_MODE(id) &RR_MODE_SYMBOL(id),
#include "modes/modes.def"
#undef RR_MODE
};
