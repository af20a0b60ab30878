/* biased_queue.h -- what others drop of the owner's goes to the owner's queue, and the
 * reference with it.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 */
static RR_RARE void
RR_BIASED(queue)(rr_object *o)
{
    int64_t tid = rc_load_relaxed(&o->ob_tid);
    if (tid == 0) {
        /* The owner has given it up meanwhile: what is left is a shared count. */
        if (rc_fetch_add_acq_rel(&o->ob_ref_shared, -RR_SHARED_ONE) ==
            RR_SHARED_ONE + RR_SHARED_MERGED) {
            rc_dealloc(o);
        }
    }
    else if (!rc_queue_push(o, tid)) {
        if (RR_BIASED(merge)(o, -1) == 0) {
            rc_dealloc(o);
        }
    }
}

#include "modes/biased_drop.h"
