/* native_modes.h -- every mode's native tables, by number. */
#ifndef RR_NATIVE_MODES_H
#define RR_NATIVE_MODES_H

#ifndef RC_NATIVE
#define RC_NATIVE
#endif

#include "modes/catalogue.h"
#include "modes/loaded_modes.h"
#include "modes/mode.h"

extern const rr_mode *const rr_native_modes[RR_N_MODES];

/* The same modes with widened gaps, for threads whose rr_gap_self is set. */
extern const rr_mode *const rr_widened_modes[RR_N_MODES];

/* The table of a mode, of the catalogue or loaded; NULL if no mode has that number. */
static inline const rr_mode *
rr_native_mode(int mode)
{
    return mode >= 0 && mode < RR_N_MODES ? rr_native_modes[mode]
                                          : rr_loaded_mode(mode, RR_LOADED_NATIVE);
}

static inline const rr_mode *
rr_widened_mode(int mode)
{
    return mode >= 0 && mode < RR_N_MODES ? rr_widened_modes[mode]
                                          : rr_loaded_mode(mode, RR_LOADED_WIDENED);
}

/* What a mode needs and what it allows, from its native table. */
typedef struct rr_mode_traits {
    bool settles;              /* it defers work to quiescent points */
    bool protects_reads;       /* a thread may count what it has just read */
    bool needs_attached_owner; /* an object may wait for a detached thread */
    bool has_count_word;       /* the count can be used as a cell */
    bool has_owner;            /* the thread that made an object counts differently */
    bool has_immortalise, has_merge, has_enable_try; /* changes of the whole count */
} rr_mode_traits;

/* All false for an unknown mode. */
static inline rr_mode_traits
rr_mode_traits_of(int mode)
{
    const rr_mode *of = rr_native_mode(mode);
    if (of == NULL) {
        return (rr_mode_traits){0};
    }
    return (rr_mode_traits){
        .settles = of->settles,
        .protects_reads = of->protects_reads,
        .needs_attached_owner = of->needs_attached_owner,
        .has_count_word = of->count_get != NULL,
        .has_owner = (of->keeps & RR_KEEPS_TID) != 0 || of->publish != NULL,
        .has_immortalise = of->immortalise != NULL,
        .has_merge = of->merge != NULL,
        .has_enable_try = of->enable_try != NULL,
    };
}

#endif
