/* canary_touch.h -- what every slot of a canary does first.
 *
 * pre (all functions): the caller holds the GIL, or is attached in a build without one.
 */
#ifndef RR_CPYTHON_CANARY_TOUCH_H
#define RR_CPYTHON_CANARY_TOUCH_H

#include "cpython/canary_record.h"

/* Notes a touch of an object that is dying or dead. */
void rr_touch_dead(rr_canary *canary, int slot);

/* The rest of rr_touch, for a canary that has hooks or is not alive.
 * false: a hook raised an exception. */
bool rr_touch_slowly(rr_canary *canary, int slot);

/* Notes the call of a slot and runs its hooks.  NULL: a hook raised an exception. */
static inline rr_canary *
rr_touch(PyObject *object, int slot)
{
    rr_canary *const c = rr_canary_at(object);
    if (c == NULL) {
        PyErr_SetString(PyExc_SystemError, "a canary without a record");
        return NULL;
    }
    RR_BUMP(c->touches);
    if (c->n_hooks == 0 && rr_canary_is_live(c)) {
        return c;
    }
    return rr_touch_slowly(c, slot) ? c : NULL;
}

/* Notes a touch if an argument of a slot is a canary that is dying or dead. */
static inline void
rr_touch_argument(const PyObject *argument)
{
    rr_canary *const c = rr_canary_at(argument);
    if (c != NULL && !rr_canary_is_live(c)) {
        RR_BUMP(c->touches);
        rr_touch_dead(c, RR_SLOT_argument);
    }
}

#endif
