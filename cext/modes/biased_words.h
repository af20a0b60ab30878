/* biased_words.h -- the words of a count that is biased towards its owner, and what they
 * mean.
 *
 * The owner's thread (ob_tid) counts in ob_refcnt, with plain loads and stores; every
 * other thread counts in ob_ref_shared, atomically.  ob_ref_shared is that count times
 * four, negative where others have dropped what the owner took, and two bits in one of
 * four states, which only ever move up.
 */
#ifndef RR_BIASED_WORDS_H
#define RR_BIASED_WORDS_H

#include "modes/mode.h"

enum {
    RR_SHARED_MAYBE_TRIED = 1, /* somebody may try to count without a reference */
    RR_SHARED_QUEUED = 2,      /* waits in its owner's queue */
    RR_SHARED_MERGED = 3,      /* nobody's: ob_tid and ob_refcnt are 0 for good */
    RR_SHARED_FLAGS = 3,
    RR_SHARED_ONE = 4,
};

static inline int64_t
rr_shared_count(int64_t shared)
{
    return (shared - (shared & RR_SHARED_FLAGS)) / RR_SHARED_ONE;
}

static inline int64_t
rr_biased_count_of(const rr_words *words)
{
    return words->refcnt + rr_shared_count(words->shared);
}

/* Whoever makes an object enables tries at once if there will be any: later that needs
 * a compare-and-swap (PyUnstable_EnableTryIncRef). */
static inline void
rr_biased_begin(rr_words *words, const rr_start *start)
{
    bool is_owned = start->tid != 0 && start->count > 0;
    words->tid = is_owned ? start->tid : 0;
    words->refcnt = is_owned ? start->count : 0;
    words->shared = !is_owned         ? start->count * RR_SHARED_ONE + RR_SHARED_MERGED
                    : start->is_tried ? RR_SHARED_MAYBE_TRIED
                                      : 0;
}

#define RR_BIASED_WORDS_KEEPING(what)                                                   \
    .keeps = RR_KEEPS_SHARED | RR_KEEPS_TID | RR_KEEPS_QUEUE | (what),                  \
    .count_of = rr_biased_count_of, .begin = rr_biased_begin, .settles = true
#define RR_BIASED_WORDS RR_BIASED_WORDS_KEEPING(0), .waits_for_sleepers = true
/* ... and whether an owner is asleep: then nobody needs to wait for it. */
#define RR_BIASED_WORDS_ASLEEP RR_BIASED_WORDS_KEEPING(RR_KEEPS_ATTACHMENT)

#endif
