/* biased_undrained.c -- biased, but a thread that ends does not see to its queue.
 *
 * Claim         BROKEN: what others drop last while its owner is about to end, or after,
 *               waits for ever.
 * Follows       CPython, review of pull request 114824: the thread state was taken out of
 *               the table before its queue was drained.
 * State         as biased.c.
 * Steps         as biased.c, but the end of a thread takes none.
 * Memory order  as biased.c.
 * Invariant     as biased.c.
 */
#include "modes/biased_words.h"

#define RR_BIASED(name) rr_biased_undrained_##name

#include "modes/biased_zero.h"
#include "modes/biased_merge.h"
#include "modes/biased_queue.h"
#include "modes/biased_count.h"

static bool
RR_BIASED(quiesce)(rr_thread *me)
{
    rr_object *o = rc_queue_pop(me);
    if (o != NULL && RR_BIASED(merge)(o, -1) == 0) {
        rc_dealloc(o);
    }
    return o != NULL;
}

RR_MODE_TABLE(biased_undrained, RR_BIASED_WORDS,
              .quiesce = rr_biased_undrained_quiesce);

#undef RR_BIASED
