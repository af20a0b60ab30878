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

RR_MODE_CARD(global_lock, .place = 3, .claim = RR_CORRECT,
    .title = "one global lock",
    .summary = "every count is accessed only under one lock for all objects",
    .incref_steps = 4, .decref_steps = 4,
    .layout =
        RR_LAYOUT_COUNT
        "; domain.lock: lock = one for all objects, held while a count is accessed",
    .limits =
        "a borrowed reference; and threads that share no objects still wait for each "
        "other",
    .source = "CPython's global interpreter lock: Python/ceval_gil.c");

RR_MODE_TABLE(global_lock, RR_COUNT_UNDER_LOCK, .keeps = RR_KEEPS_GLOBAL_LOCK);

#undef RR_LOCKED
#undef RR_LOCK_OF
