/* count_cell.h -- the count as a cell, for modes whose count is a single plain word.
 *
 * Each function is one atomic step.  It does what a program would do that bypasses the
 * mode and uses the field (Py_REFCNT, Py_SET_REFCNT, a hand-written compare-and-swap).
 */
#ifndef RR_COUNT_CELL_H
#define RR_COUNT_CELL_H

#include "modes/mode.h"

static inline int64_t
rr_count_cell_get(rr_object *o)
{
    return rc_load_acquire(&o->ob_refcnt);
}

static inline void
rr_count_cell_set(rr_object *o, int64_t n)
{
    rc_store_release(&o->ob_refcnt, n);
}

static inline bool
rr_count_cell_cas(rr_object *o, int64_t want, int64_t n)
{
    return rc_cas_acq_rel(&o->ob_refcnt, &want, n);
}

static inline int64_t
rr_count_cell_add(rr_object *o, int64_t d)
{
    return rc_fetch_add_acq_rel(&o->ob_refcnt, d) + d;
}

#define RR_COUNT_IS_A_CELL                                                              \
    .count_get = rr_count_cell_get, .count_set = rr_count_cell_set,                     \
    .count_cas = rr_count_cell_cas, .count_add = rr_count_cell_add

#endif
