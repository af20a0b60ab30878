/* biased_asleep.h -- what an owner does before it sleeps, and after.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 *
 * It calls RR_BIASED(settle) for what was in the queue; NULL: nothing.
 */
static bool
RR_BIASED(detach)(rr_thread *me)
{
    return RR_BIASED(settle)(rc_queue_pop_or_detach(me));
}

static bool
RR_BIASED(attach)(rr_thread *me)
{
    rc_attach(me);
    return false;
}
