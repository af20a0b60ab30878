/* model_modes.h -- every mode's table for the explorer, by number. */
#ifndef RR_MODEL_MODES_H
#define RR_MODEL_MODES_H

#ifndef RC_MODEL
#define RC_MODEL
#endif

#include "modes/catalogue.h"
#include "modes/mode.h"

extern const rr_mode *const rr_model_modes[RR_N_MODES];

#endif
