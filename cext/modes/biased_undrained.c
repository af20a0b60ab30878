/* biased_undrained.c -- biased, but a thread that ends does not empty its queue.
 *
 * Claim         BROKEN: an object whose last reference is dropped by another thread when
 *               its owner is about to end, or has ended, is never freed.
 * Follows       CPython, review of pull request 114824: the thread state was removed from
 *               the table before its queue was drained.
 * State         as biased.c.
 * Steps         as biased.c, but the end of a thread takes none.
 * Memory order  as biased.c.
 * Invariant     as biased.c.
 */
#define RR_BIASED(name) rr_biased_undrained_##name
#define RR_BIASED_HAS_NO_LEAVE

#include "modes/biased_family.h"

/* There is no .leave: that is the bug. */
RR_MODE_TABLE(biased_undrained, RR_BIASED_WORDS,
              .quiesce = rr_biased_undrained_quiesce);

#undef RR_BIASED
