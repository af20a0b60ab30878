/* free.c -- the free step: frees an object's memory and drops the references it owned.
 */
#include "machine/internal.h"

/* Is another thread inside an operation at the object? */
static bool
is_counted_elsewhere(const rr_machine *m, int thread, int object)
{
    for (int t = 0; t < m->layout.n_threads; t++) {
        if (t != thread && rr_is_inside_operation(m, t) &&
            rr_operand_of(m, t) == object) {
            return true;
        }
    }
    return false;
}

static bool
owns_anything(const rr_machine *m, int object)
{
    const rr_template *t = rr_machine_template(m, object);
    for (int32_t i = 0; i < t->n_fields; i++) {
        if (m->program->fields[t->first_field + i].owning &&
            rr_is_pointer(m->w[m->layout.objects[object].first_field + i])) {
            return true;
        }
    }
    return false;
}

/* Does another thread hold a lock that guards a count which is to be dropped? */
bool
rr_must_wait_to_drop(rr_machine *m, int thread, int object)
{
    const rr_layout *l = &m->layout;
    const rr_template *t = rr_machine_template(m, object);
    bool is_global = m->mode->keeps & RR_KEEPS_GLOBAL_LOCK;
    /* Only a decrement that suspends a thread waits for another that is suspending it. */
    if (m->mode->keeps & RR_KEEPS_ATTACHMENT && owns_anything(m, object) &&
        rr_any_suspended(m)) {
        return true;
    }
    if (m->mode->keeps & RR_KEEPS_GIL) {
        int32_t holder = m->w[l->gil];
        m->waits_on = l->gil;
        return holder != 0 && holder != thread + 1 &&
               rr_is_inside_operation(m, holder - 1) && owns_anything(m, object);
    }
    if (!(is_global || m->mode->keeps & RR_KEEPS_OBJECT_LOCK) ||
        rr_status_of(m, object) == RR_FREED) {
        return false;
    }
    for (int32_t i = 0; i < t->n_fields; i++) {
        int32_t word = m->w[l->objects[object].first_field + i];
        if (!m->program->fields[t->first_field + i].owning || !rr_is_pointer(word)) {
            continue;
        }
        int target = rr_object_of(word);
        int32_t mutex = is_global ? l->count_lock
                                  : l->objects[target].base + l->count_mutex_offset;
        if (m->w[mutex] != 0 &&
            (is_global || rr_status_of(m, target) != RR_FREED)) {
            m->waits_on = mutex;
            return true;
        }
    }
    return false;
}

static bool
must_wait(rr_machine *m, int thread, int object)
{
    if (m->mode->frees_late && is_counted_elsewhere(m, thread, object)) {
        m->waits_on = -1;
        return true;
    }
    return rr_must_wait_to_drop(m, thread, object);
}

/* The decrement of an owned field is not a step of its own, whatever the mode. */
rr_progress
rr_drop_owned(rr_machine *m, int thread, int target)
{
    int32_t *words = rr_object_words(m, target);
    if (rr_status_of(m, target) == RR_FREED) {
        return rr_find(m, RR_USE_AFTER_FREE, target);
    }
    if (m->mode->count_of != NULL || m->mode->standing != NULL || m->is_weak) {
        rr_add_to_ledger(m, target, -1);
        return rr_decref_whole(m, thread, target);
    }
    if (words[RR_OBJECT_COUNT] <= 0) {
        return rr_find(m, RR_UNDERFLOW, target);
    }
    words[RR_OBJECT_COUNT]--;
    words[RR_OBJECT_LEDGER]--;
    return words[RR_OBJECT_COUNT] == 0 ? rr_destroy(m, thread, target) : RR_RAN;
}

rr_progress
rr_free_step(rr_machine *m, int thread, int object)
{
    m->seen.place = RR_PLACE_PAYLOAD;
    m->seen.object = object;
    m->seen.begins = m->seen.completes = true;
    rr_progress attachment =
        rr_check_attachment(m, thread, RR_OP_FREE, rr_word_of_object(object));
    if (attachment != RR_RAN) {
        return attachment;
    }
    if (must_wait(m, thread, object)) {
        return RR_WAITS;
    }
    int32_t *frame = rr_top_frame(m, thread);
    frame[RR_FRAME_PLACE] = 0;
    frame[RR_FRAME_LOCALS] = 0;
    m->w[m->layout.threads[thread].base + RR_THREAD_DEPTH]--;
    rr_progress progress = rr_free_memory(m, object);
    const rr_template *t = rr_machine_template(m, object);
    for (int32_t i = 0; i < t->n_fields && progress == RR_RAN; i++) {
        int32_t word = m->w[m->layout.objects[object].first_field + i];
        if (m->program->fields[t->first_field + i].owning && rr_is_pointer(word)) {
            progress = rr_drop_owned(m, thread, rr_object_of(word));
        }
    }
    return progress;
}
