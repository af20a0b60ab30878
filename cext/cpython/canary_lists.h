/* canary_lists.h -- slots that a list of CPython calls on an item it has no reference to.
 *
 * CPython up to 3.13 calls `__repr__` of an item, and up to 3.12.4 its `__lt__` and the
 * like, with the reference of the list only.  An item that removes itself dies in its
 * slot then.  That is a bug of CPython, and not of the code that uses the list.
 */
#ifndef RR_CPYTHON_CANARY_LISTS_H
#define RR_CPYTHON_CANARY_LISTS_H

#include "cpython/canary_record.h"

/* Learns how a list calls the slots of its items.  Where that fails, `rr_list_calls`
 * returns false.
 * pre: the thread is attached, no exception is set, and no canary has been made. */
void rr_learn_lists(void);

/* Whether a list calls this slot of a canary that has hooks.  Then the slot takes the
 * references that the list lacks, and drops them at its end.
 * pre: the thread is attached, and no exception is set. */
bool rr_list_calls(PyObject *canary, int slot);

#endif
