/* may_still_parts.c -- sets of what may still happen, and what operations add to them. */
#include "machine/may_still_parts.h"

#include "machine/collected_words.h"

/* ---- sets ------------------------------------------------------------------------------ */

void
rr_still_unite(rr_still *to, const rr_still *more)
{
    to->loads |= more->loads;
    to->loads_zero |= more->loads_zero;
    to->changes |= more->changes;
    to->stores |= more->stores;
    to->renewals |= more->renewals;
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

/* The step that sets weak references to null, and what it calls back. */
static void
add_clearing(const rr_machine *m, rr_still *out)
{
    const rr_program *p = m->program;
    for (int32_t i = 0; i < p->n_cells; i++) {
        if (!p->cells[i].weak) {
            continue;
        }
        uint64_t bit = UINT64_C(1) << (RR_MODE_CLASSES + p->n_names + i);
        out->renewals |= bit;
        out->atomic_writes |= bit;
        out->syncs |= UINT64_C(1) << RR_SYNC_REFERENCE;
        out->releases = out->is_seq_cst = true;
        if (p->cells[i].callback >= 0) {
            rr_still_unite(out, &m->still[p->bodies[p->cells[i].callback].base]);
        }
    }
}

void
rr_still_add_destruction(const rr_machine *m, rr_still *out)
{
    const rr_program *p = m->program;
    out->frees = true;
    add_clearing(m, out);
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

/* The collector reads and merges counts, reads fields plainly, and clears some of them;
 * then it destroys. */
void
rr_still_add_collection(const rr_machine *m, rr_still *out)
{
    const rr_program *p = m->program;
    const uint64_t counts = UINT64_C(1) << RR_CLASS_REFCNT |
                            UINT64_C(1) << RR_CLASS_SHARED | UINT64_C(1) << RR_CLASS_TID;
    uint64_t visited = 0, owned = 0;
    for (int32_t name = 0; name < p->n_names; name++) {
        uint64_t bit = UINT64_C(1) << (RR_MODE_CLASSES + name);
        for (int32_t i = 0; i < p->n_templates; i++) {
            int32_t field = p->field_slots[i * p->n_names + name];
            const rr_field *f =
                field < 0 ? NULL : &p->fields[p->templates[i].first_field + field];
            visited |= f != NULL && f->visits > 0 ? bit : 0;
            owned |= f != NULL && f->owning ? bit : 0;
        }
    }
    out->plain_reads |= visited;
    out->reads |= counts | owned;
    out->acquires |= counts | owned;
    out->atomic_writes |= owned;
    if (rr_merges_counts(m)) {
        out->renewals |= counts;
        out->atomic_writes |= counts;
        out->weakly_writes |= counts;
    }
    out->touches = out->releases = out->is_seq_cst = true;
    rr_still_add_destruction(m, out);
}
