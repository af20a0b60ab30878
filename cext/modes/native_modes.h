/* native_modes.h -- every mode's native table, by number. */
#ifndef RR_NATIVE_MODES_H
#define RR_NATIVE_MODES_H

#ifndef RC_NATIVE
#define RC_NATIVE
#endif

#include "modes/catalogue.h"
#include "modes/mode.h"

extern const rr_mode *const rr_native_modes[RR_N_MODES];

#endif
