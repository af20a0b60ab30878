/* canary_hooks.h -- the actions of a canary inside its slots and its death. */
#ifndef RR_CPYTHON_CANARY_HOOKS_H
#define RR_CPYTHON_CANARY_HOOKS_H

#include "cpython/canary_record.h"

/* Runs the hooks of a slot, or of RR_SLOT_death.  false: one raised an exception.
 * pre: the thread is attached. */
bool rr_hooks_run(rr_canary *canary, int slot);

#endif
