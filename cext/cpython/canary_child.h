/* canary_child.h -- the canaries that slots of canaries return. */
#ifndef RR_CPYTHON_CANARY_CHILD_H
#define RR_CPYTHON_CANARY_CHILD_H

#include "cpython/canary_record.h"

/* A new canary with the protocols of its parent, and no hooks; an item or a next one is
 * no container.  It has a value if the parent has one.  NULL: an exception is set. */
PyObject *rr_canary_child(const rr_canary *parent, int slot, int64_t value);

#endif
