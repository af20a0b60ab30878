/* overlap.c -- a sweep over the ends of the intervals. */
#include "race/overlap.h"

/* Insertion sort: there are a few per thread, and the ends are nearly sorted. */
static void
sort(int64_t *times, int n)
{
    for (int i = 1; i < n; i++) {
        int64_t t = times[i];
        int j = i;
        for (; j > 0 && times[j - 1] > t; j--) {
            times[j] = times[j - 1];
        }
        times[j] = t;
    }
}

rr_overlap
rr_overlap_of(const rr_interval *intervals, int n)
{
    int64_t begins[RR_MAX_INTERVALS];
    int64_t ends[RR_MAX_INTERVALS];
    int present = 0;
    for (int i = 0; i < n; i++) {
        if (intervals[i].end > intervals[i].begin) {
            begins[present] = intervals[i].begin;
            ends[present] = intervals[i].end;
            present++;
        }
    }
    sort(begins, present);
    sort(ends, present);

    rr_overlap result = {0, 0};
    int inside = 0;
    int64_t since = 0;
    for (int b = 0, e = 0; e < present;) {
        bool enters = b < present && begins[b] < ends[e];
        int64_t now = enters ? begins[b] : ends[e];
        if (inside >= 1) {
            result.busy_ns += now - since;
        }
        if (inside >= 2) {
            result.crowded_ns += now - since;
        }
        since = now;
        if (enters) {
            inside++, b++;
        }
        else {
            inside--, e++;
        }
    }
    return result;
}
