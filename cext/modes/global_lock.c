/* global_lock.c -- plain counts, read and written under one lock for all objects.
 *
 * Claim         CORRECT for counting, and no deadlock: there is no second lock to wait
 *               for.  Not against a borrowed reference.
 * Follows       CPython's global interpreter lock, Python/ceval_gil.c.
 * State         ob_refcnt: the number of references; the domain's lock: held to touch
 *               any object's.
 * Steps         each operation takes lock, load, store (where it writes), unlock.
 * Memory order  the lock's acquire and release order the accesses, so the count itself
 *               is relaxed.
 * Invariant     whenever the lock is free, every ob_refcnt equals its number of
 *               references.  Threads that share no object still wait for one another.
 */
#include "modes/mode.h"

#define RR_LOCKED(name) rr_global_lock_##name
#define RR_LOCK_OF(o) rr_global_mutex(o)

#include "modes/locked_count.h"

RR_MODE_TABLE(global_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_GLOBAL_LOCK);

#undef RR_LOCKED
#undef RR_LOCK_OF
