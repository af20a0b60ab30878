/* final_checks.c -- the checks at the end of a run: owners against counts. */
#include "machine/internal.h"

static int64_t
owning_fields_of(const rr_machine *m, int owner, int32_t word)
{
    const rr_template *t = rr_machine_template(m, owner);
    int64_t n = 0;
    if (t == NULL || rr_status_of(m, owner) == RR_FREED) {
        return 0;
    }
    for (int32_t i = 0; i < t->n_fields; i++) {
        n += m->program->fields[t->first_field + i].owning &&
             m->w[m->layout.objects[owner].first_field + i] == word;
    }
    return n;
}

/* Where the end of a run finds memory without a count: the places that point to it. */
static int64_t
pointers_to(const rr_machine *m, int object)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    int32_t word = rr_word_of_object(object);
    int64_t n = 0;
    for (int32_t i = 0; i < p->n_cells; i++) {
        n += m->w[l->cells + i] == word;
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        const int32_t *words = &m->w[l->containers[i]];
        int32_t n_words = p->containers[i].room < 0 ? words[0] : 1;
        for (int32_t k = 0; k < n_words; k++) {
            n += words[1 + k] == word;
        }
    }
    for (int32_t i = 0; i < l->n_objects; i++) {
        bool is_there =
            rr_machine_template(m, i) != NULL && rr_status_of(m, i) != RR_FREED;
        for (int32_t f = 0; is_there && f < l->objects[i].n_fields; f++) {
            n += rr_fields_of(m, i)[f] == word;
        }
    }
    return n;
}

int64_t
rr_machine_owners(const rr_machine *m, int object)
{
    const rr_program *p = m->program;
    const rr_layout *l = &m->layout;
    int32_t word = rr_word_of_object(object);
    int64_t n = 0;
    if (rr_is_uncounted(m, object)) {
        return pointers_to(m, object);
    }
    for (int32_t i = 0; i < p->n_cells; i++) {
        n += p->cells[i].owning && m->w[l->cells + i] == word;
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        const int32_t *words = &m->w[l->containers[i]];
        const int32_t *items =
            p->containers[i].room < 0
                ? words + 1
                : rr_fields_of(m, rr_object_of(words[1])) + RR_BLOCK_ITEMS;
        for (int32_t k = 0; k < words[0]; k++) {
            n += p->containers[i].owning && items[k] == word;
        }
    }
    for (int32_t i = 0; i < l->n_objects; i++) {
        n += owning_fields_of(m, i, word);
    }
    /* A thread that is left out still holds its initial references. */
    for (int32_t i = 0; i < p->n_holds; i++) {
        const rr_hold *h = &p->holds[i];
        n += m->only >= 0 && h->thread != m->only && h->owning && h->object == object;
    }
    return n;
}

uint32_t
rr_machine_judge(const rr_machine *m)
{
    uint32_t kinds = 0;
    for (int t = 0; t < m->layout.n_threads; t++) {
        if (!rr_machine_has_ended(m, t)) {
            return UINT32_C(1) << RR_DEADLOCK;
        }
    }
    for (int32_t i = 0; i < m->layout.n_objects; i++) {
        if (rr_machine_template(m, i) == NULL) {
            continue;
        }
        int64_t owners = rr_machine_owners(m, i);
        if (rr_is_uncounted(m, i)) {
            bool is_lost = owners == 0 && rr_status_of(m, i) != RR_FREED;
            kinds |= is_lost ? UINT32_C(1) << RR_LEAK : 0;
            continue;
        }
        int64_t count = rr_machine_count(m, m->w, i);
        int standing = rr_machine_standing(m, m->w, i);
        if (rr_status_of(m, i) == RR_FREED) {
            kinds |= owners > 0 ? UINT32_C(1) << RR_DANGLING_REFERENCE : 0;
        }
        else if (standing != RR_COUNTED) {
            kinds |= standing == RR_SATURATED ? UINT32_C(1) << RR_LEAK : 0;
        }
        else if (count > owners || (count == 0 && owners == 0)) {
            kinds |= UINT32_C(1) << RR_LEAK;
        }
        else if (count < owners) {
            kinds |= UINT32_C(1) << RR_COUNT_TOO_LOW;
        }
    }
    return kinds;
}
