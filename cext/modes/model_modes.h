/* model_modes.h -- every mode's table for the explorer, by number. */
#ifndef RR_MODEL_MODES_H
#define RR_MODEL_MODES_H

#ifndef RC_MODEL
#define RC_MODEL
#endif

#include "modes/catalogue.h"
#include "modes/loaded_modes.h"
#include "modes/mode.h"

extern const rr_mode *const rr_model_modes[RR_N_MODES];

/* The table of a mode, of the catalogue or loaded; NULL if no mode has that number. */
static inline const rr_mode *
rr_model_mode(int mode)
{
    return mode >= 0 && mode < RR_N_MODES ? rr_model_modes[mode]
                                          : rr_loaded_mode(mode, RR_LOADED_MODEL);
}

#endif
