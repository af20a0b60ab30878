/* company.h -- the threads that use one object in the hand, so that their gaps can be
 * widened: they come and go by themselves, and say nothing to one another.
 *
 * A thread has a place from its first call on.  Between two calls others still wait for it,
 * once; so threads that make one short call after the other meet, too.
 */
#ifndef RR_COMPANY_H
#define RR_COMPANY_H

#include "mem/rr_gap.h"

/* What belongs to a place: written by the thread that has it, while it is inside. */
typedef struct rr_place {
    _Atomic(const void *) who; /* NULL: nobody; named as the holder of a kept lock is */
    rr_gap_thread gap;
} rr_place;

typedef struct rr_company {
    rr_gaps gaps;
    /* Counted here when a thread leaves, relaxed: they guard nothing. */
    _Atomic int64_t gap_waits, gaps_met;
    rr_place places[RR_MAX_GAP_THREADS];
} rr_company;

/* pre: no thread uses it yet. */
void rr_company_open(rr_company *company);

/* This thread counts from here on; false: there is no place for it, so that its gaps stay as
 * they are. */
bool rr_company_enter(rr_company *company, const void *who);
void rr_company_leave(rr_company *company);

#endif
