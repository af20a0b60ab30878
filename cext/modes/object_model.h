/* object_model.h -- an object as the model backend lays it out: where its cells are.
 *
 * A mode sees the same names as natively.  The values themselves are words of the
 * machine's state, so an object here never changes once it is made.
 */
#ifndef RR_OBJECT_MODEL_H
#define RR_OBJECT_MODEL_H

#include "mem/rc_mem.h"

typedef struct rr_domain {
    rc_mutex lock;
    rc_gil gil;
} rr_domain;

struct rr_thread {
    rr_machine *machine;
};

struct rr_object {
    rc_cell ob_refcnt, ob_ref_shared, ob_tid;
    rc_mutex ob_mutex;
    rr_domain *domain;
};

static inline rc_mutex *
rr_global_mutex(rr_object *o)
{
    return &o->domain->lock;
}

static inline rc_gil *
rr_global_gil(rr_object *o)
{
    return &o->domain->gil;
}

#endif
