/* program.c -- opens a program: reads it, checks it, and prepares it for running. */
#include "program/program.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "program/decode.h"

/* A relative jump does not depend on where its body starts. */
static void
make_jumps_relative(rr_program *p)
{
    for (int32_t i = 0; i < p->n_bodies; i++) {
        for (int32_t k = 0; k < p->bodies[i].n_instrs; k++) {
            rr_instr *in = &p->instrs[p->bodies[i].base + k];
            if (in->op == RR_OP_JUMP) {
                in->p[0] -= k;
            }
            else if (in->op == RR_OP_JUMP_UNLESS) {
                in->p[3] -= k;
            }
        }
    }
}

static void
index_fields(rr_program *p)
{
    for (int32_t i = 0; i < p->n_templates; i++) {
        int32_t *slots = p->field_slots + (int64_t)i * p->n_names;
        memset(slots, -1, (size_t)p->n_names * sizeof *slots);
        for (int32_t f = 0; f < p->templates[i].n_fields; f++) {
            slots[p->fields[p->templates[i].first_field + f].name] = f;
        }
    }
}

int
rr_program_open(const int32_t *image, size_t n, rr_program **out)
{
    rr_program *p = rr_alloc(1, sizeof *p);
    if (p == NULL) {
        return RR_ENOMEM;
    }
    int status = rr_program_decode(image, n, p);
    if (status == RR_OK && !rr_program_fits(p)) {
        status = RR_EINVAL;
    }
    if (status != RR_OK) {
        rr_program_close(p);
        return status;
    }
    make_jumps_relative(p);
    index_fields(p);
    *out = p;
    return RR_OK;
}

void
rr_program_close(rr_program *p)
{
    if (p == NULL) {
        return;
    }
    rr_free(p->bodies);
    rr_free(p->instrs);
    rr_free(p->values);
    rr_free(p->cells);
    rr_free(p->containers);
    rr_free(p->items);
    rr_free(p->lock_kinds);
    rr_free(p->templates);
    rr_free(p->fields);
    rr_free(p->field_slots);
    rr_free(p->objects);
    rr_free(p->holds);
    rr_free(p->interrupts);
    rr_free(p);
}
