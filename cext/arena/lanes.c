/* lanes.c -- each thread's words for each native object, found through a list of the
 * objects that have some.
 *
 * The list changes when an object is created, and when a search finds that one was freed.
 * Operations do not touch it, because they must be cheap.
 */
#include "arena/threads.h"
#include "modes/rounds.h"

static _Thread_local int64_t lane_offset;

void
rr_lanes_go_round(const rr_object *first)
{
    lane_offset = (rr_self - 1) * first->lane_stride;
}

int64_t
rr_lane_offset_asked(void)
{
    return lane_offset;
}

static int
n_joined(const rr_domain *domain)
{
    return atomic_load_explicit(&domain->n_joined, memory_order_acquire);
}

void
rr_lanes_begin(rr_object *o)
{
    for (int t = 0; t < n_joined(o->domain); t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            rc_store_relaxed(rr_lane_of(o, t, i), 0);
        }
    }
    rr_lanes_list(o);
}

void
rr_lanes_list(rr_object *o)
{
    rc_lock(&o->domain->lock);
    if (!o->is_with_lanes) {
        o->is_with_lanes = true;
        o->with_lanes_before = o->domain->with_lanes;
        o->domain->with_lanes = o;
    }
    rc_unlock(&o->domain->lock);
}

static void
unlink_object(rr_object **at)
{
    rr_object *o = *at;
    *at = o->with_lanes_before;
    o->with_lanes_before = NULL;
    o->is_with_lanes = false;
}

void
rr_lanes_forget(rr_object *o)
{
    if (o->n_lanes == 0) {
        return;
    }
    rc_lock(&o->domain->lock);
    for (rr_object **at = &o->domain->with_lanes; *at != NULL;
         at = &(*at)->with_lanes_before) {
        if (*at == o) {
            unlink_object(at);
            break;
        }
    }
    rc_unlock(&o->domain->lock);
}

int64_t
rr_lanes_sum(const rr_object *o)
{
    int64_t sum = 0;
    for (int t = 0; o->n_lanes > 0 && t < n_joined(o->domain); t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            sum += rc_load_relaxed(rr_lane_of(o, t, i));
        }
    }
    return sum;
}

static bool
is_set(const rr_object *o, int thread, int i)
{
    if (i != RR_ANY_LANE) {
        return rc_load_relaxed(rr_lane_of(o, thread, i)) != 0;
    }
    for (int k = 0; k < o->n_lanes; k++) {
        if (rc_load_relaxed(rr_lane_of(o, thread, k)) != 0) {
            return true;
        }
    }
    return false;
}

/* first to end - 1: threads. */
static rr_object *
next_with(rr_domain *domain, int first, int end, int i)
{
    rr_object *found = NULL;
    rc_lock(&domain->lock);
    for (rr_object **at = &domain->with_lanes; *at != NULL && found == NULL;) {
        rr_object *o = *at;
        if (rr_object_is_freed(o)) {
            unlink_object(at);
            continue;
        }
        for (int t = first; t < end && found == NULL; t++) {
            found = is_set(o, t, i) ? o : NULL;
        }
        at = &o->with_lanes_before;
    }
    rc_unlock(&domain->lock);
    return found;
}

rr_object *
rc_lane_next(rr_thread *me, int i)
{
    int thread = (int)(me - me->domain->threads);
    return next_with(me->domain, thread, thread + 1, i);
}

rr_object *
rc_lanes_next(rr_thread *me)
{
    return next_with(me->domain, 0, n_joined(me->domain), RR_ANY_LANE);
}

int64_t
rc_lanes_take(rr_object *o)
{
    int64_t sum = 0;
    for (int t = 0; t < n_joined(o->domain); t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            sum += rc_load_relaxed(rr_lane_of(o, t, i));
            rc_store_relaxed(rr_lane_of(o, t, i), 0);
        }
    }
    return sum;
}

bool
rc_all_announced_acquire(rr_thread *me, int64_t v)
{
    for (int t = 0; t < n_joined(me->domain); t++) {
        int64_t announced = rc_load_acquire(&me->domain->threads[t].announced);
        if (announced != RR_OFFLINE && announced != v) {
            return false;
        }
    }
    return true;
}
