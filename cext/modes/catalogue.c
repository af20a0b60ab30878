/* catalogue.c -- the cards, which the files of the modes define. */
#include "modes/catalogue.h"

#include <stddef.h>

#include "modes/loaded_modes.h"

#define RR_MODE(id) extern const rr_mode_card rr_mode_card_##id;
#include "modes/modes.def"
#undef RR_MODE

static const rr_mode_card *const cards[] = {
#define RR_MODE(id) &rr_mode_card_##id,
#include "modes/modes.def"
#undef RR_MODE
};

const rr_mode_card *
rr_mode_card_of(int mode)
{
    return mode >= 0 && mode < RR_N_MODES ? cards[mode]
                                          : rr_loaded_mode(mode, RR_LOADED_CARD);
}
