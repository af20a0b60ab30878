/* object_lock.c -- a plain count, read and written under the object's own lock.
 *
 * Claim         CORRECT for counting.  It does not protect borrowed references: a thread
 *               must touch an object's memory to lock it, even if it is freed.  Holding
 *               two object locks at once can deadlock; counting never holds two.
 * Follows       G. Stein, free threading patch for Python 1.4, 1996; PEP 703.
 * State         ob_refcnt: the number of references; ob_mutex: guards it.
 * Steps         each operation is lock, load, store (if it writes), unlock.
 * Memory order  relaxed for the count: the acquire and release of the lock order all
 *               accesses to it.
 * Invariant     whenever ob_mutex is free, ob_refcnt equals the number of references.
 *               The decision to free is made under the lock, but the object is freed
 *               after the unlock, because the lock is part of the freed memory.
 */
#include "modes/mode.h"

#define RR_LOCKED(name) rr_object_lock_##name
#define RR_LOCK_OF(o) &(o)->ob_mutex

#include "modes/locked_count.h"

RR_MODE_CARD(object_lock, .place = 2, .claim = RR_CORRECT,
    .title = "a lock per object",
    .summary = "each object's count is accessed only under that object's own lock",
    .incref_steps = 4, .decref_steps = 4,
    .layout = RR_LAYOUT_COUNT "; ob_mutex: lock = held while the count is accessed",
    .limits =
        "a borrowed reference: the lock is in the object, which may be freed already",
    .source =
        "G. Stein, free threading patch for Python 1.4, 1996; "
        "PEP 703, per-object locks");

RR_MODE_TABLE(object_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_OBJECT_LOCK);

#undef RR_LOCKED
#undef RR_LOCK_OF
