/* global_lock.c -- plain counts, read and written under one lock for all objects.
 *
 * Claim         CORRECT for counting.  It cannot deadlock, because there is no second
 *               lock to wait for.  It does not protect borrowed references.
 * Follows       CPython's global interpreter lock, Python/ceval_gil.c.
 * State         ob_refcnt: the number of references; the domain's lock: guards the count
 *               of every object.
 * Steps         each operation is lock, load, store (if it writes), unlock.
 * Memory order  relaxed for the count: the acquire and release of the lock order all
 *               accesses to it.
 * Invariant     whenever the lock is free, every ob_refcnt equals its number of
 *               references.  Threads contend even if they share no object.
 */
#include "modes/mode.h"

#define RR_LOCKED(name) rr_global_lock_##name
#define RR_LOCK_OF(o) rr_global_mutex(o)

#include "modes/locked_count.h"

RR_MODE_TABLE(global_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_GLOBAL_LOCK);

#undef RR_LOCKED
#undef RR_LOCK_OF
