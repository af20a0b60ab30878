/* overlap.h -- how long at least two threads were inside at the same time. */
#ifndef RR_OVERLAP_H
#define RR_OVERLAP_H

#include <stdbool.h>
#include <stdint.h>

enum { RR_MAX_INTERVALS = 256 };

/* When one thread entered and left, in ns of one clock. */
typedef struct rr_interval {
    int64_t begin;
    int64_t end;
} rr_interval;

typedef struct rr_overlap {
    int64_t busy_ns;    /* at least one inside */
    int64_t crowded_ns; /* at least two inside */
} rr_overlap;

/* Measures n intervals (n <= RR_MAX_INTERVALS); those of one thread must not overlap.  An
 * empty interval (end <= begin) is ignored. */
rr_overlap rr_overlap_of(const rr_interval *intervals, int n);

#endif
