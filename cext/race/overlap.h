/* overlap.h -- how much of the time were at least two threads inside? */
#ifndef RR_OVERLAP_H
#define RR_OVERLAP_H

#include <stdbool.h>
#include <stdint.h>

enum { RR_MAX_INTERVALS = 256 };

/* When one thread went in and came out, in ns of one clock. */
typedef struct rr_interval {
    int64_t begin;
    int64_t end;
} rr_interval;

typedef struct rr_overlap {
    int64_t busy_ns;    /* at least one inside */
    int64_t crowded_ns; /* at least two inside */
} rr_overlap;

/* Measure n intervals (n <= RR_MAX_INTERVALS), of which those of one thread do not
 * overlap.  An empty one (end <= begin) counts as absent. */
rr_overlap rr_overlap_of(const rr_interval *intervals, int n);

#endif
