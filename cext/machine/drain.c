/* drain.c -- buffered writes reach their objects. */
#include "machine/internal.h"

rr_progress
rr_drain(rr_machine *m, int thread, bool all)
{
    int32_t word = m->layout.threads[thread].buffer;
    if (word < 0) {
        return RR_RAN;
    }
    int32_t *n = &m->w[word], *items = n + 1;
    rr_progress progress = RR_RAN;
    while (*n > 0 && progress == RR_RAN) {
        int object = items[0];
        --*n;
        for (int32_t i = 0; i < *n; i++) {
            items[i] = items[i + 1];
        }
        items[*n] = 0;
        m->seen.object = object;
        m->seen.place = RR_PLACE_PAYLOAD;
        if (rr_status_of(m, object) == RR_FREED) {
            progress = rr_find(m, RR_USE_AFTER_FREE, object);
        }
        if (!all) {
            break;
        }
    }
    return progress;
}
