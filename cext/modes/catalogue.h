/* catalogue.h -- what other parts may know of a mode: its card, not its layout. */
#ifndef RR_CATALOGUE_H
#define RR_CATALOGUE_H

#include <stdbool.h>

/* A mode's number is its place in modes.def. */
enum {
#define RR_MODE(id, ...) RR_MODE_##id,
#include "modes/modes.def"
#undef RR_MODE
    RR_N_MODES
};

/* The threads that a mode can distinguish natively: those of a race, and its referee. */
enum { RR_MAX_THREAD_SLOTS = 65 };

typedef struct rr_mode_card {
    const char *name;
    bool claims_correct;
    const char *title;
    const char *summary;
    int incref_steps;
    int decref_steps;
    const char *layout;
    const char *limits;
    const char *source;
} rr_mode_card;

/* The card of a mode; NULL if no mode has that number. */
const rr_mode_card *rr_mode_card_of(int mode);

#endif
