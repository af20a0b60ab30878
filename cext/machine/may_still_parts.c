/* may_still_parts.c -- sets of what may still happen, and what operations add to them. */
#include "machine/may_still_parts.h"

#include "machine/internal.h"

/* ---- sets ------------------------------------------------------------------------------ */

void
rr_still_unite(rr_still *to, const rr_still *more)
{
    to->loads |= more->loads;
    to->loads_zero |= more->loads_zero;
    to->changes |= more->changes;
    to->stores |= more->stores;
    to->reads |= more->reads;
    to->acquires |= more->acquires;
    to->weakly_writes |= more->weakly_writes;
    to->weak |= more->weak;
    to->unlocked |= more->unlocked;
    to->plain_reads |= more->plain_reads;
    to->plain_writes |= more->plain_writes;
    to->atomic_writes |= more->atomic_writes;
    to->syncs |= more->syncs;
    to->fences_acquire |= more->fences_acquire;
    to->releases |= more->releases;
    to->is_seq_cst |= more->is_seq_cst;
    to->frees |= more->frees;
    to->reads_payload |= more->reads_payload;
    to->writes_payload |= more->writes_payload;
    to->touches |= more->touches;
}

/* ---- operations of the mode -------------------------------------------------------------- */

static uint64_t
syncs_of_mode(const rr_machine *m)
{
    unsigned keeps = m->mode->keeps;
    return (keeps & RR_KEEPS_GLOBAL_LOCK ? UINT64_C(1) << RR_SYNC_COUNT_LOCK : 0) |
           (keeps & RR_KEEPS_GIL ? UINT64_C(1) << RR_SYNC_GIL : 0) |
           (keeps & RR_KEEPS_OBJECT_LOCK ? UINT64_C(1) << RR_SYNC_COUNT_MUTEX : 0) |
           (keeps & RR_KEEPS_QUEUE ? UINT64_C(1) << RR_SYNC_QUEUE : 0) |
           UINT64_C(1) << RR_SYNC_ATTACHMENT;
}

void
rr_still_add_operation(const rr_machine *m, int op, rr_still *out)
{
    const uint32_t *ways = m->weak.ways->of[op];
    for (int class = 0; class < RR_MODE_CLASSES; class++) {
        uint32_t way = ways[class];
        uint64_t bit = UINT64_C(1) << class;
        out->loads |= way & RR_MAY_LOAD ? bit : 0;
        out->loads_zero |= way & RR_MAY_LOAD_ZERO ? bit : 0;
        out->changes |= way & RR_MAY_CHANGE ? bit : 0;
        out->stores |= way & RR_MAY_STORE ? bit : 0;
        out->reads |=
            way & (RR_MAY_LOAD | RR_MAY_LOAD_ZERO | RR_MAY_CHANGE) ? bit : 0;
        out->acquires |= way & RR_MAY_ACQUIRE ? bit : 0;
        out->weakly_writes |= way & RR_MAY_WEAKLY_WRITE ? bit : 0;
        out->weak |= way & RR_MAY_BE_WEAK ? bit : 0;
        out->unlocked |= way & RR_MAY_BE_UNLOCKED ? bit : 0;
        out->atomic_writes |= way & (RR_MAY_CHANGE | RR_MAY_STORE) ? bit : 0;
    }
    uint32_t whole = ways[RR_CLASS_REFCNT];
    out->fences_acquire |= (whole & RR_MAY_FENCE_ACQUIRE) != 0;
    out->releases |= (whole & (RR_MAY_RELEASE | RR_MAY_LOCK)) != 0;
    out->is_seq_cst |= (whole & RR_MAY_SEQ_CST) != 0;
    out->syncs |= whole & RR_MAY_LOCK ? syncs_of_mode(m) : 0;
    out->touches = true;
}

void
rr_still_add_destruction(const rr_machine *m, rr_still *out)
{
    const rr_program *p = m->program;
    out->frees = true;
    bool owns = false;
    for (int32_t i = 0; i < p->n_templates; i++) {
        const rr_template *t = &p->templates[i];
        if (t->finaliser >= 0) {
            rr_still_unite(out, &m->still[p->bodies[t->finaliser].base]);
        }
        for (int32_t f = 0; f < t->n_fields; f++) {
            owns |= p->fields[t->first_field + f].owning != 0;
        }
    }
    if (owns) {
        rr_still_add_operation(m, RR_OP_DECREF, out);
    }
}
