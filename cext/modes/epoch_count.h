/* epoch_count.h -- the operations of a count whose decrements wait for an epoch.
 *
 * Each such mode includes this once.  RR_EPOCH(name) is the mode's name for a function,
 * and RR_EPOCHS_ON is the number of epochs after which a deferred decrement is applied.
 * No include guard: every inclusion defines another mode's functions.
 */
static inline void
RR_EPOCH(incref)(rr_object *o)
{
    (void)rc_fetch_add_relaxed(&o->ob_refcnt, 1);
}

static inline void
RR_EPOCH(decref)(rr_object *o)
{
    int64_t announced = rc_load_relaxed(rr_announced(rr_me(o)));
    rc_cell *lane = rr_lane(o, rr_epoch_lane(announced));
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, n + 1);
}

static inline bool
RR_EPOCH(try_incref)(rr_object *o)
{
    return rc_increment_unless_zero_acquire(&o->ob_refcnt);
}

static inline bool
RR_EPOCH(unique)(rr_object *o)
{
    (void)rc_load_relaxed(&o->ob_refcnt); /* ignored: a reader may be about to count */
    return false;
}

static inline void
RR_EPOCH(drop)(rr_object *o, int64_t n)
{
    if (rc_fetch_add_acq_rel(&o->ob_refcnt, -n) == n) {
        rc_dealloc(o);
    }
}

/* Announces the current epoch.  Others may have advanced it before they saw that; with an
 * old epoch this thread would defer decrements that already seem ripe.  So it checks
 * again, by a write, which comes before every later advance. */
static bool
RR_EPOCH(attach)(rr_thread *me)
{
    int64_t now = rc_load_acquire(rr_epoch(me));
    rc_store_release(rr_announced(me), now + 1);
    return rc_fetch_add_acq_rel(rr_epoch(me), 0) != now;
}

static void
RR_EPOCH(arrive)(rr_thread *me)
{
    while (RR_EPOCH(attach)(me)) {
    }
}

static bool
RR_EPOCH(drop_ripe)(rr_thread *me, int64_t announced)
{
    int ripe = rr_epoch_lane(announced - RR_EPOCHS_ON);
    rr_object *o = rc_lane_next(me, ripe);
    if (o == NULL) {
        return false;
    }
    rc_cell *lane = rr_lane(o, ripe);
    int64_t n = rc_load_relaxed(lane);
    rc_store_relaxed(lane, 0);
    RR_EPOCH(drop)(o, n);
    return true;
}

/* Applies ripe decrements, then announces the current epoch, then, if this thread needs
 * it, begins the next epoch once all threads have announced this one.  An offline thread
 * has announced nothing and does nothing. */
static bool
RR_EPOCH(quiesce)(rr_thread *me)
{
    int64_t announced = rc_load_relaxed(rr_announced(me));
    if (announced == RR_OFFLINE) {
        return false;
    }
    if (RR_EPOCH(drop_ripe)(me, announced)) {
        return true;
    }
    int64_t now = rc_load_acquire(rr_epoch(me));
    if (announced != now + 1) {
        rc_store_release(rr_announced(me), now + 1);
        return true;
    }
    if (rc_lane_next(me, RR_ANY_LANE) == NULL ||
        !rc_all_announced_acquire(me, announced)) {
        return false;
    }
    (void)rc_cas_acq_rel(rr_epoch(me), &now, (now + 1) & RR_EPOCH_MASK);
    return true;
}

/* No thread waits for a detached one.  Its younger decrements wait until it is back. */
static bool
RR_EPOCH(detach)(rr_thread *me)
{
    if (RR_EPOCH(drop_ripe)(me, rc_load_relaxed(rr_announced(me)))) {
        return true;
    }
    rc_store_release(rr_announced(me), RR_OFFLINE);
    return false;
}

/* No thread waits for this one again.  Its deferred decrements wait for the collapse. */
static bool
RR_EPOCH(leave)(rr_thread *me)
{
    rc_store_release(rr_announced(me), RR_OFFLINE);
    return false;
}

static bool
RR_EPOCH(collapse)(rr_thread *me)
{
    rr_object *o = rc_lanes_next(me);
    if (o == NULL) {
        return false;
    }
    RR_EPOCH(drop)(o, rc_lanes_take(o));
    return true;
}
