/* overlap.h -- how much of the time were at least two threads inside? */
#ifndef RR_OVERLAP_H
#define RR_OVERLAP_H

#include <stdbool.h>
#include <stdint.h>

/* When one thread went in and came out, in ns of one clock. */
typedef struct rr_interval {
    int64_t begin;
    int64_t end;
} rr_interval;

typedef struct rr_overlap {
    int64_t busy_ns;    /* at least one inside */
    int64_t crowded_ns; /* at least two inside */
} rr_overlap;

/* Measure n intervals, one a thread (n <= RR_MAX_THREADS).  An empty one (end <= begin)
 * counts as absent. */
rr_overlap rr_overlap_of(const rr_interval *intervals, int n);

#endif
