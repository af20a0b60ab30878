/* catalogue.c -- the cards, from modes.def. */
#include "modes/catalogue.h"

#include <stddef.h>

#include "modes/layouts.h"

#define CORRECT true
#define BROKEN false

static const rr_mode_card cards[] = {
#define RR_MODE(id, claim, title, summary, incref_steps, decref_steps, layout, limits,  \
                source)                                                                 \
    {#id, claim, title, summary, incref_steps, decref_steps, layout, limits, source},
#include "modes/modes.def"
#undef RR_MODE
};

const rr_mode_card *
rr_mode_card_of(int mode)
{
    return mode >= 0 && mode < RR_N_MODES ? &cards[mode] : NULL;
}
