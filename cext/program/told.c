/* told.c -- what an operation asks and tells beside its accesses: no steps. */
#include "program/inside.h"

int64_t
rr_model_count_max(const rr_object *o)
{
    const rc_cell *c = &o->ob_refcnt;
    int32_t max = rr_machine_template(c->machine, c->object)->max_count;
    return max == 0 ? RC_COUNT_MAX : max;
}

/* The access that showed it is done: the run ends behind it. */
static void
see_misdeed(const rr_object *o, int kind)
{
    rr_machine *m = o->ob_refcnt.machine;
    if (!m->counts_on) {
        rr_leave(m, (int)rr_find(m, kind, o->ob_refcnt.object));
    }
}

void
rr_model_underflowed(const rr_object *o)
{
    see_misdeed(o, RR_UNDERFLOW);
}

void
rr_model_revived(const rr_object *o)
{
    see_misdeed(o, RR_REVIVAL);
}
