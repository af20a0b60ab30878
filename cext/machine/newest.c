/* newest.c -- accesses of single words. */
#include "machine/newest.h"

rr_progress
rr_access_word(rr_machine *m, int32_t *word, rr_wish_kind kind, rc_order order, int32_t *value)
{
    int32_t location = m->shape.location_of[word - m->w];
    const rr_wish wish = {.kind = kind, .order = order, .failure = order};
    rr_progress progress = rr_begin_access(m, location, &wish, true);
    int32_t found = m->pick.value;
    if (progress == RR_RAN && kind != RR_WANTS_VALUE) {
        int32_t newest = rr_show_pick(m);
        *word = *value;
        progress = rr_finish_access(m, newest);
    }
    if (kind != RR_STORES) {
        *value = found;
    }
    return progress;
}

/* It is a part of a step that says itself what it does, unless it ends the run. */
rr_progress
rr_access_newest(rr_machine *m, int32_t *word, rr_wish_kind kind, rc_order order,
                 int32_t *value)
{
    if (!m->is_weak) {
        int32_t found = *word;
        *word = kind == RR_WANTS_VALUE ? found : *value;
        *value = kind == RR_STORES ? *value : found;
        return RR_RAN;
    }
    rr_seen seen = m->seen;
    int n_picks = m->n_picks;
    m->n_picks = RR_MAX_PICKS; /* no choice */
    rr_progress progress = rr_access_word(m, word, kind, order, value);
    m->n_picks = n_picks;
    if (progress == RR_RAN) {
        m->seen = seen;
    }
    return progress;
}
