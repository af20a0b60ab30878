/* biased_hooks.h -- when an owner sees to its queue: at quiescent points, and at its end.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 *
 * They call RR_BIASED(settle) for what was in the queue; NULL: nothing.
 */
static bool
RR_BIASED(quiesce)(rr_thread *me)
{
    return RR_BIASED(settle)(rc_queue_pop(me));
}

static bool
RR_BIASED(leave)(rr_thread *me)
{
    return RR_BIASED(settle)(rc_queue_pop_or_close(me));
}
