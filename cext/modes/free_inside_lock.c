/* free_inside_lock.c -- object_lock, but the last decref frees before it unlocks.
 *
 * Claim         BROKEN: the lock is part of the memory that is freed under it, so that the
 *               unlock writes what is gone.  One thread is enough.  Everything else is as
 *               in object_lock.
 * Follows       the mistake that POSIX's pthread_mutex_destroy speaks of in its rationale:
 *               a mutex in the object that it guards, freed by who drops the last count.
 * State         ob_refcnt: the number of references; ob_mutex: held to touch it.
 * Steps         each operation takes lock, load, store (where it writes), unlock.
 * Memory order  as object_lock.c.
 * Invariant     whenever ob_mutex is free, ob_refcnt equals the number of references, of an
 *               object that is there.  No finaliser comes to run: the memory goes with the
 *               store that brings the count to zero, and the run ends at the unlock.
 */
#include "modes/mode.h"

#define RR_LOCKED(name) rr_free_inside_lock_##name
#define RR_LOCK_OF(o) &(o)->ob_mutex
#define RR_FREES_INSIDE

#include "modes/locked_count.h"

RR_MODE_TABLE(free_inside_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_OBJECT_LOCK);

#undef RR_FREES_INSIDE
#undef RR_LOCKED
#undef RR_LOCK_OF
