/* places.c -- resolves a word or an operand to what it names, and checks it. */
#include "machine/internal.h"

rr_progress
rr_pointer(rr_machine *m, int32_t word, int *object)
{
    if (word == 0) {
        return rr_find(m, RR_NULL_DEREFERENCE, -1);
    }
    if (!rr_is_pointer(word)) {
        return rr_misused(m, RR_MISUSE_NOT_AN_OBJECT);
    }
    *object = rr_object_of(word);
    m->seen.object = *object;
    return RR_RAN;
}

rr_progress
rr_memory(rr_machine *m, int32_t word, int *object)
{
    rr_progress progress = rr_pointer(m, word, object);
    if (progress == RR_RAN && rr_status_of(m, *object) == RR_FREED) {
        return rr_find(m, RR_USE_AFTER_FREE, *object);
    }
    return progress;
}

/* place: a local and a field's name, or -1 and a cell. */
rr_progress
rr_variable(rr_machine *m, const int32_t *locals, const int32_t *place, int32_t **out)
{
    if (place[0] < 0) {
        m->seen.place = RR_PLACE_CELL;
        m->seen.index = place[1];
        *out = &m->w[m->layout.cells + place[1]];
        return RR_RAN;
    }
    int object;
    rr_progress progress = rr_pointer(m, locals[place[0]], &object);
    if (progress != RR_RAN) {
        return progress;
    }
    const rr_template *t = rr_machine_template(m, object);
    if (rr_status_of(m, object) == RR_FREED && !t->stable) {
        return rr_find(m, RR_USE_AFTER_FREE, object);
    }
    int64_t row = t - m->program->templates;
    int32_t field = m->program->field_slots[row * m->program->n_names + place[1]];
    if (field < 0) {
        return rr_misused(m, RR_MISUSE_NO_SUCH_FIELD);
    }
    m->seen.place = RR_PLACE_FIELD;
    m->seen.index = field;
    *out = &m->w[m->layout.objects[object].first_field + field];
    return RR_RAN;
}
