/* object_model.h -- an object in the model backend: where its cells are.
 *
 * A mode sees the same names as natively.  The values are words of the machine's state,
 * so this struct never changes once it is made.
 */
#ifndef RR_OBJECT_MODEL_H
#define RR_OBJECT_MODEL_H

#include "mem/rc_mem.h"

/* The largest number of threads in a program, plus the one that settles. */
enum { RR_MAX_MODEL_THREADS = 33 };

struct rr_thread {
    rr_machine *machine;
    rc_cell announced, epoch;
};

typedef struct rr_domain {
    rc_mutex lock;
    rc_gil gil;
    rr_thread threads[RR_MAX_MODEL_THREADS];
} rr_domain;

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

static inline rr_thread *
rr_me(rr_object *o)
{
    return &o->domain->threads[rc_self(o) - 1];
}

static inline rr_thread *
rr_thread_of(rr_object *o, int64_t tid)
{
    return &o->domain->threads[tid - 1];
}

static inline rc_cell *
rr_lane(rr_object *o, int i)
{
    return rr_model_lane(o, i);
}

static inline rc_cell *
rr_announced(rr_thread *me)
{
    return &me->announced;
}

static inline rc_cell *
rr_epoch(rr_thread *me)
{
    return &me->epoch;
}

#endif
