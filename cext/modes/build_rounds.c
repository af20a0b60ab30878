/* build_rounds.c -- every mode once more, for loops over many objects.
 *
 * The same native operations as in build_native.c, but each of them looks up its thread
 * and its lanes: a loop over one object may look them up once, a loop over many may not.
 */
#define RC_NATIVE
#define RR_FINDS_ANEW

#include "modes/all_modes.h"

#include "modes/catalogue.h"
#include "modes/rounds.h"

const rr_mode *const rr_round_modes[RR_N_MODES] = {
#define RR_MODE(id) &RR_MODE_SYMBOL(id),
#include "modes/modes.def"
#undef RR_MODE
};
