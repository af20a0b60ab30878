/* unfit.c -- finds, before a run, an initial count that does not fit a mode's words. */
#include "machine/internal.h"

static int32_t
largest_that_fits(const rr_mode *mode, rr_start start)
{
    int32_t low = 0, high = RR_MAX_INTEGER;
    while (low < high) {
        int32_t middle = low + (high - low + 1) / 2;
        start.count = middle;
        if (rr_count_fits(mode, &start)) {
            low = middle;
        }
        else {
            high = middle - 1;
        }
    }
    return low;
}

int32_t
rr_machine_unfit(const rr_machine *m, int32_t *largest)
{
    const rr_program *p = m->program;
    for (int32_t i = 0; i < p->n_objects; i++) {
        const rr_start start = {p->objects[i].count, rr_maker_of(p, i) + 1, m->is_tried,
                                m->begins_shared[i]};
        if (!rr_count_fits(m->mode, &start)) {
            *largest = largest_that_fits(m->mode, start);
            return i;
        }
    }
    /* One template for each named object, then those of `new`. */
    for (int32_t i = p->n_objects; i < p->n_templates; i++) {
        const rr_start start = {p->templates[i].count, 1, m->is_tried, false};
        if (!rr_count_fits(m->mode, &start)) {
            *largest = largest_that_fits(m->mode, start);
            return i;
        }
    }
    return -1;
}
