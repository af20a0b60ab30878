/* native_modes.h -- every mode's two native tables, by number. */
#ifndef RR_NATIVE_MODES_H
#define RR_NATIVE_MODES_H

#ifndef RC_NATIVE
#define RC_NATIVE
#endif

#include "modes/catalogue.h"
#include "modes/mode.h"

extern const rr_mode *const rr_native_modes[RR_N_MODES];

/* The same modes with widened gaps, for threads whose rr_gap_self is set. */
extern const rr_mode *const rr_widened_modes[RR_N_MODES];

/* Does it defer work to quiescent points?  False for an unknown mode. */
static inline bool
rr_mode_settles(int mode)
{
    return mode >= 0 && mode < RR_N_MODES && rr_native_modes[mode]->settles;
}

/* May a thread count what it has just read from an owning place?  False for an unknown
 * mode. */
static inline bool
rr_mode_protects_reads(int mode)
{
    return mode >= 0 && mode < RR_N_MODES && rr_native_modes[mode]->protects_reads;
}

/* Does an object wait for a detached thread?  False for an unknown mode. */
static inline bool
rr_mode_needs_attached_owner(int mode)
{
    return mode >= 0 && mode < RR_N_MODES && rr_native_modes[mode]->needs_attached_owner;
}

/* Can the count be used as a cell?  False for an unknown mode. */
static inline bool
rr_mode_has_count_word(int mode)
{
    return mode >= 0 && mode < RR_N_MODES && rr_native_modes[mode]->count_get != NULL;
}

/* Does it count differently for the thread that made an object?  False for an unknown
 * mode. */
static inline bool
rr_mode_has_owner(int mode)
{
    return mode >= 0 && mode < RR_N_MODES &&
           ((rr_native_modes[mode]->keeps & RR_KEEPS_TID) != 0 ||
            rr_native_modes[mode]->publish != NULL);
}

#endif
