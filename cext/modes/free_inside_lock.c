/* free_inside_lock.c -- object_lock, but the last decref frees before it unlocks.
 *
 * Claim         BROKEN: the lock is part of the object, so the unlock writes to freed
 *               memory.  One thread is enough to show it.  Everything else is as in
 *               object_lock.
 * Follows       the mistake in the rationale of POSIX's pthread_mutex_destroy: a mutex in
 *               the object that it guards, freed by the thread that unlocks it.
 * State         ob_refcnt: the number of references; ob_mutex: guards it.
 * Steps         each operation is lock, load, store (if it writes), unlock.
 * Memory order  as object_lock.c.
 * Invariant     whenever ob_mutex is free, ob_refcnt equals the number of references of a
 *               live object.  No finaliser runs: the store that brings the count to zero
 *               also frees the memory, and the run ends at the unlock.
 */
#include "modes/mode.h"

#define RR_LOCKED(name) rr_free_inside_lock_##name
#define RR_LOCK_OF(o) &(o)->ob_mutex
#define RR_FREES_INSIDE

#include "modes/locked_count.h"

RR_MODE_CARD(free_inside_lock, .place = 14, .claim = RR_BROKEN,
    .title = "free under the lock",
    .summary =
        "object_lock, but the last decref frees the object before it unlocks its lock",
    .incref_steps = 4, .decref_steps = 4,
    .layout =
        RR_LAYOUT_COUNT
        "; ob_mutex: lock = held while the count is accessed or the object is freed",
    .limits = "its own unlock, which writes to freed memory",
    .source = "POSIX: pthread_mutex_destroy, a mutex in the memory that it guards");

RR_MODE_TABLE(free_inside_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_OBJECT_LOCK);

#undef RR_FREES_INSIDE
#undef RR_LOCKED
#undef RR_LOCK_OF
