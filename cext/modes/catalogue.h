/* catalogue.h -- the modes by number: how many there are, and their cards. */
#ifndef RR_CATALOGUE_H
#define RR_CATALOGUE_H

#include "modes/card.h"

/* A mode's number is its place in the list that modes/list-modes writes. */
enum {
#define RR_MODE(id) RR_MODE_##id,
#include "modes/modes.def"
#undef RR_MODE
    RR_N_MODES
};

/* The card of a mode, of the catalogue or loaded; NULL if no mode has that number. */
const rr_mode_card *rr_mode_card_of(int mode);

#endif
