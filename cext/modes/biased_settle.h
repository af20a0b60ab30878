/* biased_settle.h -- what an owner does with an object from its queue, and when.
 *
 * Included once by each mode of the biased family that does it so; RR_BIASED(name) is the
 * mode's name for a function.  No include guard: every inclusion makes another mode's.
 */
/* The reference that the queue holds goes with the merge. */
static inline bool
RR_BIASED(settle)(rr_object *o)
{
    if (o == NULL) {
        return false;
    }
    if (RR_BIASED(merge)(o, -1) == 0) {
        rc_dealloc(o);
    }
    return true;
}

#include "modes/biased_hooks.h"
