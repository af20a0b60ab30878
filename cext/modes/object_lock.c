/* object_lock.c -- a plain count, read and written under the object's own lock.
 *
 * Claim         CORRECT for counting.  Not against a borrowed reference: whoever reaches
 *               a freed object has to touch its memory to reach its lock.  Two object
 *               locks held at once can deadlock; counting never holds two.
 * Follows       G. Stein, free threading patch for Python 1.4, 1996; PEP 703.
 * State         ob_refcnt: the number of references; ob_mutex: held to touch it.
 * Steps         each operation takes lock, load, store (where it writes), unlock.
 * Memory order  the lock's acquire and release order the accesses, so the count itself
 *               is relaxed.
 * Invariant     whenever ob_mutex is free, ob_refcnt equals the number of references.
 *               The decision to free is made under the lock and carried out after it:
 *               the lock is part of the memory that goes.
 */
#include "modes/mode.h"

#define RR_LOCKED(name) rr_object_lock_##name
#define RR_LOCK_OF(o) &(o)->ob_mutex

#include "modes/locked_count.h"

RR_MODE_TABLE(object_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_OBJECT_LOCK);

#undef RR_LOCKED
#undef RR_LOCK_OF
