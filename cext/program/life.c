/* life.c -- objects come into being, are destroyed, and give back their memory. */
#include "program/inside.h"

const rr_template *
rr_machine_template(const rr_machine *m, int object)
{
    if (object < m->program->n_objects) {
        return &m->program->templates[m->program->objects[object].type];
    }
    int32_t type = m->w[m->layout.objects[object].type];
    return type > 0 ? &m->program->templates[type - 1] : NULL;
}

rr_progress
rr_destroy(rr_machine *m, int thread, int object)
{
    if (rr_status_of(m, object) != RR_ALIVE) {
        return rr_find(m, RR_DOUBLE_FREE, object);
    }
    rr_set_status(m, object, RR_DYING);
    return rr_push_destruction(m, thread, object);
}

rr_progress
rr_free_memory(rr_machine *m, int object)
{
    if (rr_status_of(m, object) == RR_FREED) {
        return rr_find(m, RR_DOUBLE_FREE, object);
    }
    if (rr_object_words(m, object)[RR_OBJECT_LEDGER] > 0) {
        m->w[m->layout.latent] = 1;
        m->culprit = object;
    }
    rr_set_status(m, object, RR_FREED);
    rr_forget_lanes(m, object);
    return RR_RAN;
}

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

/* Does another thread hold a lock that guards a count which this free step drops? */
static bool
must_wait(rr_machine *m, int thread, int object)
{
    const rr_layout *l = &m->layout;
    const rr_template *t = rr_machine_template(m, object);
    bool is_global = m->mode->keeps & RR_KEEPS_GLOBAL_LOCK;
    if (m->mode->frees_late && is_counted_elsewhere(m, thread, object)) {
        m->waits_on = -1;
        return true;
    }
    /* Only a decrement that suspends a thread waits for another that has. */
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

/* The decrement of an owned field is no step of its own, whatever the mode. */
static rr_progress
drop_owned(rr_machine *m, int thread, int target)
{
    int32_t *words = rr_object_words(m, target);
    if (rr_status_of(m, target) == RR_FREED) {
        return rr_find(m, RR_USE_AFTER_FREE, target);
    }
    if (m->mode->count_of != NULL || m->mode->standing != NULL) {
        words[RR_OBJECT_LEDGER]--;
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
    if (rr_machine_has_detached(m, thread)) {
        return rr_misused(m, RR_MISUSE_NOT_ATTACHED);
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
            progress = drop_owned(m, thread, rr_object_of(word));
        }
    }
    return progress;
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

rr_words
rr_machine_words(const rr_machine *m, const int32_t *w, int object)
{
    const rr_layout *l = &m->layout;
    const int32_t *words = w + l->objects[object].base;
    return (rr_words){
        .refcnt = words[RR_OBJECT_COUNT],
        .shared = l->shared_offset >= 0 ? words[l->shared_offset] : 0,
        .tid = l->tid_offset >= 0 ? words[l->tid_offset] : 0,
        .lanes = rr_machine_lanes(m, w, object),
    };
}

int64_t
rr_machine_count(const rr_machine *m, const int32_t *w, int object)
{
    if (m->mode->count_of == NULL) {
        return w[m->layout.objects[object].base + RR_OBJECT_COUNT];
    }
    rr_words words = rr_machine_words(m, w, object);
    return m->mode->count_of(&words);
}

bool
rr_machine_is_freed(const rr_machine *m, int object)
{
    return rr_status_of(m, object) == RR_FREED;
}

int64_t
rr_machine_count_max(const rr_machine *m, int object)
{
    const rr_template *t = rr_machine_template(m, object);
    return t == NULL || t->max_count == 0 ? RC_COUNT_MAX : t->max_count;
}

int
rr_machine_standing(const rr_machine *m, const int32_t *w, int object)
{
    if (m->mode->standing == NULL) {
        return RR_COUNTED;
    }
    rr_words words = rr_machine_words(m, w, object);
    return m->mode->standing(&words, rr_machine_count_max(m, object));
}

/* A fresh object of a template, made by a thread. */
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
    words[RR_OBJECT_STATUS] = RR_ALIVE;
    /* Somebody may still point to what was there before. */
    rr_progress progress =
        rr_begin_count(m, object, what.count, what.thread, what.is_renewed);
    if (l->mutex_offset >= 0) {
        words[l->mutex_offset] = 0;
    }
    if (l->count_mutex_offset >= 0) {
        words[l->count_mutex_offset] = 0;
    }
    for (int32_t i = 0; i < t->n_fields; i++) {
        const rr_field *field = &m->program->fields[t->first_field + i];
        /* What a new object owned would have to be counted. */
        m->w[l->objects[object].first_field + i] =
            what.is_renewed || field->owning ? 0 : field->initial;
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
        rr_object_words(m, object)[RR_OBJECT_STATUS] |= is_raw ? RR_RAW : 0;
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
