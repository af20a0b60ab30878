/* loaded_modes.h -- the tables of modes that were loaded from a library, by number.
 *
 * Their numbers follow those of the modes of the catalogue.  A table is set once and stays
 * until the process ends, so any thread may read it at any time.
 */
#ifndef RR_LOADED_MODES_H
#define RR_LOADED_MODES_H

#include "modes/catalogue.h"

enum { RR_MAX_LOADED_MODES = 1000 };

enum rr_loaded_table {
    RR_LOADED_CARD,
    RR_LOADED_NATIVE,
    RR_LOADED_ROUNDS,
    RR_LOADED_WIDENED,
    RR_LOADED_MODEL,
    RR_N_LOADED_TABLES,
};

/* The table; NULL if there is none.  Its type is rr_mode_card, or rr_mode as the backend
 * has it. */
const void *rr_loaded_mode(int mode, enum rr_loaded_table table);

/* RR_EINVAL: the number is not one of a loaded mode.  A table that was set before stays. */
int rr_loaded_mode_set(int mode, enum rr_loaded_table table, const void *content);

#endif
