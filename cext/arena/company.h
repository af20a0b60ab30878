/* company.h -- the threads that use a single object, so that their gaps can be widened.
 * They come and go without notice.
 *
 * A thread has a place from its first call on.  Between two calls others still wait for
 * it, but only once, so threads that make one short call after the other also meet.
 */
#ifndef RR_COMPANY_H
#define RR_COMPANY_H

#include "mem/rr_gap.h"

/* A place's fields; the thread that has it writes them while it is inside. */
typedef struct rr_place {
    _Atomic(const void *) who; /* NULL: free; else as the holder of a kept lock */
    rr_gap_thread gap;
} rr_place;

typedef struct rr_company {
    rr_gaps gaps;
    /* Updated when a thread leaves; relaxed, since they guard nothing. */
    _Atomic int64_t gap_waits, gaps_met;
    rr_place places[RR_MAX_GAP_THREADS];
} rr_company;

/* pre: no thread uses it yet. */
void rr_company_open(rr_company *company);

/* This thread counts from here on; false: there is no place for it, so its gaps stay
 * natural. */
bool rr_company_enter(rr_company *company, const void *who);
void rr_company_leave(rr_company *company);

#endif
