/* collected_words.c -- what the collector reads and writes in memory, under C11.
 *
 * It does so in the one step that has stopped the world, or for `tp_clear`, so it takes the
 * newest values.  What a stopped thread did is ordered before it; an access by a detached
 * thread may race with it.
 */
#include "machine/collected_words.h"

#include "machine/newest.h"

rr_progress
rr_visit_object(rr_machine *m, int object)
{
    return m->is_weak ? rr_touch_object(m, object, true) : RR_RAN;
}

/* What a finding names. */
static void
see_field(rr_machine *m, int object, int32_t field)
{
    m->seen.place = RR_PLACE_FIELD;
    m->seen.object = object;
    m->seen.index = field;
}

rr_progress
rr_read_visited_field(rr_machine *m, int object, int32_t field)
{
    const rr_template *t = rr_machine_template(m, object);
    if (!m->is_weak || m->program->fields[t->first_field + field].visits == 0) {
        return RR_RAN;
    }
    int32_t word = 0;
    rr_progress progress = rr_access_newest(m, &rr_fields_of(m, object)[field],
                                            RR_WANTS_VALUE, RC_PLAIN, &word);
    if (progress != RR_RAN) {
        see_field(m, object, field);
    }
    return progress;
}

rr_progress
rr_clear_field(rr_machine *m, int object, int32_t field)
{
    int32_t word = 0;
    rr_progress progress = rr_access_newest(m, &rr_fields_of(m, object)[field], RR_CHANGES,
                                            RC_SEQ_CST, &word);
    if (progress != RR_RAN) {
        see_field(m, object, field);
    }
    m->seen.order = RC_SEQ_CST;
    m->seen.has_order = m->is_weak;
    return progress;
}

enum { WORDS_OF_COUNT = 3 };

/* A word of an object's count; NULL: the mode has none there. */
static int32_t *
word_of_count(const rr_machine *m, int object, int i)
{
    const int32_t offsets[WORDS_OF_COUNT] = {RR_OBJECT_COUNT, m->layout.shared_offset,
                                             m->layout.tid_offset};
    return offsets[i] < 0 ? NULL : rr_object_words(m, object) + offsets[i];
}

rr_progress
rr_look_at_count(rr_machine *m, int object, rc_order order)
{
    rr_progress progress = RR_RAN;
    for (int i = 0; m->is_weak && i < WORDS_OF_COUNT && progress == RR_RAN; i++) {
        int32_t *word = word_of_count(m, object, i), value = 0;
        progress = word == NULL
                       ? RR_RAN
                       : rr_access_newest(m, word, RR_WANTS_VALUE, order, &value);
    }
    return progress;
}

/* Relaxed stores: that the world is stopped orders them. */
rr_progress
rr_renew_count(rr_machine *m, int object, const rr_words *before)
{
    const int64_t values[WORDS_OF_COUNT] = {before->refcnt, before->shared, before->tid};
    rr_progress progress = RR_RAN;
    for (int i = 0; m->is_weak && i < WORDS_OF_COUNT && progress == RR_RAN; i++) {
        int32_t *word = word_of_count(m, object, i), now = word == NULL ? 0 : *word;
        if (word != NULL && now != values[i]) {
            *word = (int32_t)values[i];
            progress = rr_access_newest(m, word, RR_STORES, RC_RELAXED, &now);
        }
    }
    return progress;
}
