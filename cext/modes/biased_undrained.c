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

RR_MODE_CARD(biased_undrained, .place = 20, .claim = RR_BROKEN,
    .title = "biased, exit without drain",
    .summary = "biased, but a thread that ends does not drain its queue",
    .incref_steps = 3, .decref_steps = 3,
    .layout = RR_LAYOUT_BIASED,
    .limits = "an owner that ends with objects in its queue",
    .source = "CPython: review of pull request 114824, Python/brc.c");

/* There is no .leave: that is the bug. */
RR_MODE_TABLE(biased_undrained, RR_BIASED_WORDS,
              .quiesce = rr_biased_undrained_quiesce,
              .resurrect_end = rr_biased_undrained_resurrect_end);

#undef RR_BIASED
