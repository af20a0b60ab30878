/* epoch_words.h -- the words of a count whose decrements wait for an epoch, and what they
 * mean.
 *
 * ob_refcnt is the references plus the deferred decrements.  A thread's four lanes are
 * the numbers of decrements that it has deferred in each epoch.
 */
#ifndef RR_EPOCH_WORDS_H
#define RR_EPOCH_WORDS_H

#include "modes/mode.h"

enum { RR_EPOCH_MASK = 3 };

/* A thread announces an epoch + 1. */
static inline int
rr_epoch_lane(int64_t announced)
{
    return (int)(announced & RR_EPOCH_MASK);
}

static inline int64_t
rr_epoch_count_of(const rr_words *words)
{
    return words->refcnt - words->lanes;
}

#define RR_EPOCH_WORDS                                                                  \
    .keeps = RR_KEEPS_LANES | RR_KEEPS_EPOCH, .n_lanes = RR_EPOCH_MASK + 1,             \
    .settles = true, .protects_reads = true, .count_of = rr_epoch_count_of

#endif
