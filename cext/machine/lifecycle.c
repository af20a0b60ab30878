/* lifecycle.c -- creates objects, destroys them, and frees their memory. */
#include "machine/internal.h"

rr_progress
rr_destroy(rr_machine *m, int thread, int object)
{
    if (rr_status_of(m, object) != RR_ALIVE) {
        return rr_find(m, RR_DOUBLE_FREE, object);
    }
    rr_set_status(m, object, RR_DYING);
    if (!rr_machine_template(m, object)->untracks_late) {
        rr_object_words(m, object)[RR_OBJECT_STATUS] &= ~(RR_TRACKED | RR_GARBAGE);
    }
    return rr_push_destruction(m, thread, object);
}

rr_progress
rr_free_memory(rr_machine *m, int object)
{
    if (rr_status_of(m, object) == RR_FREED) {
        return rr_find(m, RR_DOUBLE_FREE, object);
    }
    if (m->is_weak) {
        rr_progress progress = rr_touch_free(m, object);
        if (progress != RR_RAN) {
            return progress;
        }
    }
    if (rr_object_words(m, object)[RR_OBJECT_LEDGER] > 0) {
        m->w[m->layout.latent] = 1;
        m->culprit = object;
    }
    rr_set_status(m, object, RR_FREED);
    rr_object_words(m, object)[RR_OBJECT_STATUS] &=
        ~(RR_TRACKED | RR_GARBAGE | RR_FINALISED | RR_IMMORTALISED);
    rr_forget_lanes(m, object);
    return RR_RAN;
}

/* ---- making -------------------------------------------------------------------- */

static bool
fits(int64_t word)
{
    return word <= RR_MAX_INTEGER && word >= -RR_MAX_INTEGER;
}

bool
rr_count_fits(const rr_mode *mode, const rr_start *start)
{
    rr_words begun = rr_mode_begin(mode, start);
    return fits(begun.refcnt) && fits(begun.shared);
}

rr_progress
rr_begin_count(rr_machine *m, int object, int32_t count, int maker, bool is_shared)
{
    const rr_layout *l = &m->layout;
    int32_t *words = rr_object_words(m, object);
    const rr_start start = {count, maker + 1, m->is_tried, is_shared};
    rr_words begun = rr_mode_begin(m->mode, &start);
    if (!rr_count_fits(m->mode, &start)) {
        return rr_misused(m, RR_MISUSE_COUNT_TOO_LARGE);
    }
    words[RR_OBJECT_STATUS] &= ~RR_IMMORTALISED;
    words[RR_OBJECT_LEDGER] = count;
    words[RR_OBJECT_COUNT] = (int32_t)begun.refcnt;
    if (l->shared_offset >= 0) {
        words[l->shared_offset] = (int32_t)begun.shared;
    }
    if (l->tid_offset >= 0) {
        words[l->tid_offset] = (int32_t)begun.tid;
    }
    return RR_RAN;
}

/* A new object of a template, made by a thread. */
typedef struct making {
    int thread, template;
    int32_t count;
    bool is_renewed;
} making;

static rr_progress
make(rr_machine *m, int object, making what)
{
    const rr_template *t = &m->program->templates[what.template];
    const rr_layout *l = &m->layout;
    int32_t *words = rr_object_words(m, object);
    words[RR_OBJECT_STATUS] = RR_ALIVE | rr_tracked_if(t);
    /* Another thread may still point to the object that was there before. */
    rr_progress progress =
        rr_begin_count(m, object, what.count, what.thread,
                       what.is_renewed || what.count == 0);
    if (l->mutex_offset >= 0) {
        words[l->mutex_offset] = 0;
    }
    if (l->count_mutex_offset >= 0) {
        words[l->count_mutex_offset] = 0;
    }
    for (int32_t i = 0; i < t->n_fields; i++) {
        const rr_field *field = &m->program->fields[t->first_field + i];
        /* The references that a new object owns would have to be counted. */
        m->w[l->objects[object].first_field + i] =
            what.is_renewed || field->owning ? 0 : field->initial;
    }
    if (m->is_weak) {
        rr_touch_new(m, object);
    }
    return progress;
}

static rr_progress
make_fresh(rr_machine *m, making what, int *out)
{
    const rr_layout *l = &m->layout;
    for (int i = m->program->n_objects; i < l->n_objects; i++) {
        if (m->w[l->objects[i].type] == 0) {
            m->w[l->objects[i].type] = what.template + 1;
            *out = i;
            return make(m, i, what);
        }
    }
    return rr_needs_more(m, RR_CAPACITY_OBJECTS);
}

rr_progress
rr_new(rr_machine *m, int thread, int template, bool is_raw, int32_t *out)
{
    int object = -1;
    making what = {thread, template, m->program->templates[template].count, false};
    rr_progress progress = make_fresh(m, what, &object);
    if (progress == RR_RAN) {
        int32_t *status = &rr_object_words(m, object)[RR_OBJECT_STATUS];
        *status = is_raw ? (*status & ~RR_TRACKED) | RR_RAW : *status;
        *out = rr_word_of_object(object);
        m->seen.object = object;
        m->seen.place = RR_PLACE_PAYLOAD;
    }
    return progress;
}

rr_progress
rr_malloc(rr_machine *m, int thread, int template, int32_t *out)
{
    int object = -1;
    making what = {thread, template, 0, false};
    rr_progress progress = make_fresh(m, what, &object);
    if (progress == RR_RAN) {
        rr_object_words(m, object)[RR_OBJECT_STATUS] = RR_ALIVE | RR_UNCOUNTED;
        *out = rr_word_of_object(object);
        m->seen.object = object;
        m->seen.place = RR_PLACE_PAYLOAD;
    }
    return progress;
}

rr_progress
rr_renew(rr_machine *m, int thread, int object, int32_t *out)
{
    making what = {thread, m->program->objects[object].type, 1, true};
    rr_progress progress = rr_status_of(m, object) == RR_FREED
                               ? make(m, object, what)
                               : make_fresh(m, what, &object);
    if (progress == RR_RAN) {
        *out = rr_word_of_object(object);
        m->seen.object = object;
        m->seen.place = RR_PLACE_PAYLOAD;
    }
    return progress;
}
