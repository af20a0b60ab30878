/* may_still.c -- a backward fixed point over the instructions of a program. */
#include "machine/may_still.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "machine/blocks.h"
#include "machine/internal.h"
#include "machine/may_still_parts.h"

#define EVERYTHING (~UINT64_C(0))
/* ---- steps of the program ----------------------------------------------------------------- */

static bool
can_destroy(const rr_machine *m, int op)
{
    return op == RR_OP_DEALLOC || op == RR_OP_RESURRECT_END || op == RR_OP_COLLECT ||
           ((rr_is_count_op(op) || rr_op_is_hook(op)) &&
            m->weak.ways->of[op][RR_CLASS_REFCNT] & RR_MAY_FREE);
}

static void
add_place(const rr_machine *m, const rr_instr *in, rr_still *out)
{
    uint64_t bit = UINT64_C(1) << rr_class_of_access(m->program, in);
    bool is_plain = in->order == RC_PLAIN;
    bool loads = in->op == RR_OP_LOAD || in->op == RR_OP_AWAIT ||
                 in->op == RR_OP_AWAIT_NOT || in->op == RR_OP_AWAIT_EQUAL ||
                 in->op == RR_OP_SPIN || in->op == RR_OP_ITEMS || in->op == RR_OP_AT ||
                 in->op == RR_OP_SPIN_NOT || in->op == RR_OP_UPGRADE;
    bool stores = in->op == RR_OP_STORE || in->op == RR_OP_AT_SET;
    bool changes = !loads && !stores;
    rc_order order = (rc_order)in->order;
    out->touches |= in->op != RR_OP_ITEMS && in->p[0] >= 0;
    if (is_plain) {
        out->plain_reads |= loads ? bit : 0;
        out->plain_writes |= stores ? bit : 0;
        out->stores |= stores ? bit : 0;
        return;
    }
    out->loads |= loads || in->op == RR_OP_CAS ? bit : 0;
    out->changes |= changes ? bit : 0;
    out->stores |= stores ? bit : 0;
    out->reads |= stores ? 0 : bit;
    bool acquires = rc_acquires(order) ||
                    (in->op == RR_OP_CAS && rc_acquires((rc_order)in->failure));
    out->acquires |= !stores && acquires ? bit : 0;
    out->weakly_writes |= !loads && !rc_releases(order) ? bit : 0;
    out->atomic_writes |= loads ? 0 : bit;
    out->unlocked |= bit;
    bool is_strong = order == RC_SEQ_CST &&
                     (in->op != RR_OP_CAS || in->failure == RC_SEQ_CST);
    out->weak |= is_strong ? 0 : bit;
    out->releases |= !loads && rc_releases(order);
    out->is_seq_cst |= order == RC_SEQ_CST ||
                       (in->op == RR_OP_CAS && in->failure == RC_SEQ_CST);
}

static void
add_sync_step(const rr_machine *m, const rr_instr *in, rr_still *out)
{
    const rr_program *p = m->program;
    out->releases = true;
    switch (in->op) {
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
    case RR_OP_WAIT:
    case RR_OP_BARRIER_WAIT:
    case RR_OP_BARRIER_GO:
        out->syncs |= UINT64_C(1)
                      << (in->p[0] >= 0 ? RR_SYNC_MUTEX : RR_SYNC_CLASSES + in->p[1]);
        out->touches |= in->p[0] >= 0;
        break;
    case RR_OP_ATTACH:
    case RR_OP_DETACH:
        out->syncs |= UINT64_C(1) << RR_SYNC_ATTACHMENT;
        break;
    default:
        out->syncs |= UINT64_C(1) << (RR_SYNC_CLASSES + p->n_locks + in->p[0]);
        break;
    }
}

/* An `upgrade` of a weak reference takes the reference's lock, and loads the newest value. */
static void
add_reference(const rr_machine *m, const rr_instr *in, rr_still *out)
{
    uint64_t bit = UINT64_C(1) << rr_class_of_place(m->program, in->p);
    out->reads |= bit;
    out->acquires |= bit;
    out->syncs |= UINT64_C(1) << RR_SYNC_REFERENCE;
    out->releases = true;
}

/* An operation of a container whose items lie in a block accesses the newest values. */
static void
add_block_step(const rr_machine *m, const rr_instr *in, rr_still *out)
{
    const rr_container *c = &m->program->containers[in->p[0]];
    bool grows = in->op == RR_OP_APPEND || in->op == RR_OP_RESIZE;
    bool writes = grows || in->op == RR_OP_POP || in->op == RR_OP_REMOVE;
    if (c->room < 0 || in->op == RR_OP_LEN) {
        return;
    }
    uint64_t item = UINT64_C(1) << RR_CLASS_ITEM;
    uint64_t block = UINT64_C(1) << rr_class_of_block(m->program, in->p[0]);
    out->loads |= item;
    out->reads |= item;
    out->acquires |= item;
    out->stores |= (writes ? item : 0) | (grows ? block : 0);
    out->atomic_writes |= (writes ? item : 0) | (grows ? block : 0);
    out->unlocked |= item | block;
    out->touches = out->is_seq_cst = true;
    out->frees |= grows;
}

/* The last thread that is quiescent frees the blocks whose free was delayed. */
static void
add_quiescence(const rr_machine *m, rr_still *out)
{
    if (m->layout.delays_frees) {
        out->syncs |= UINT64_C(1) << RR_SYNC_QUIESCENCE;
        out->frees = out->releases = true;
    }
}

static void
add_instr(const rr_machine *m, const rr_instr *in, rr_still *out)
{
    const rr_program *p = m->program;
    switch (in->op) {
    case RR_OP_LOAD:
    case RR_OP_STORE:
    case RR_OP_SWAP:
    case RR_OP_CAS:
    case RR_OP_FINC:
    case RR_OP_FDEC:
    case RR_OP_FADD:
    case RR_OP_AWAIT_EQUAL:
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
    case RR_OP_SPIN:
    case RR_OP_SPIN_NOT:
    case RR_OP_ITEMS:
    case RR_OP_AT:
    case RR_OP_AT_SET:
        add_place(m, in, out);
        break;
    case RR_OP_UPGRADE:
        if (in->p[0] < 0 && p->cells[in->p[1]].weak) {
            add_reference(m, in, out);
        } else {
            add_place(m, in, out);
        }
        break;
    case RR_OP_APPEND:
    case RR_OP_GET:
    case RR_OP_POP:
    case RR_OP_REMOVE:
    case RR_OP_LEN:
    case RR_OP_RESIZE:
        add_sync_step(m, in, out);
        add_block_step(m, in, out);
        break;
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
    case RR_OP_WAIT:
    case RR_OP_BARRIER_WAIT:
    case RR_OP_BARRIER_GO:
    case RR_OP_ATTACH:
    case RR_OP_DETACH:
        add_sync_step(m, in, out);
        break;
    case RR_OP_FENCE:
        out->fences_acquire |= rc_acquires((rc_order)in->order);
        out->releases |= rc_releases((rc_order)in->order);
        out->is_seq_cst |= in->order == RC_SEQ_CST;
        break;
    case RR_OP_TRACK:
    case RR_OP_UNTRACK:
        out->touches = true;
        break;
    case RR_OP_COLLECT:
        rr_still_add_collection(m, out);
        break;
    case RR_OP_USE:
    case RR_OP_PEEK:
        out->reads_payload = out->touches = true;
        break;
    case RR_OP_PUT:
    case RR_OP_POKE:
    case RR_OP_INIT:
        out->writes_payload = out->touches = true;
        break;
    case RR_OP_FREE:
        out->frees = true;
        break;
    case RR_OP_CALL:
    case RR_OP_MAYBE:
        rr_still_unite(out, &m->still[p->bodies[in->p[0]].base]);
        break;
    default:
        break;
    }
    if (in->op == RR_OP_QUIESCE || in->op == RR_OP_DETACH) {
        add_quiescence(m, out);
    }
    if (rr_is_count_op(in->op) || rr_op_is_hook(in->op)) {
        rr_still_add_operation(m, in->op, out);
    }
    if (can_destroy(m, in->op)) {
        rr_still_add_destruction(m, out);
    }
}

/* ---- what is sure ---------------------------------------------------------------------------- */

static uint64_t
bit_of_local(int32_t local)
{
    return local >= 0 && local < 64 ? UINT64_C(1) << local : 0;
}

static void
add_sure(const rr_machine *m, const rr_instr *in, rr_still *out)
{
    uint64_t result = bit_of_local(in->result);
    out->sure_locals &= ~result;
    if (in->op == RR_OP_FENCE && rc_acquires((rc_order)in->order)) {
        out->sure_locals = out->sure_cells = 0;
    }
    if (in->op == RR_OP_CALL || in->op == RR_OP_MAYBE || in->op == RR_OP_UPGRADE) {
        out->sure_locals = out->sure_cells = 0;
    }
    bool changes = in->op == RR_OP_FINC || in->op == RR_OP_FDEC ||
                   in->op == RR_OP_FADD || in->op == RR_OP_SWAP;
    if (changes && in->p[0] < 0 && in->p[1] < 64) {
        out->sure_cells |= UINT64_C(1) << in->p[1];
    }
    if (can_destroy(m, in->op)) {
        out->sure_locals = out->sure_cells = 0; /* a finaliser may have a fence */
    }
    if (!rr_is_count_op(in->op) && !rr_op_is_hook(in->op)) {
        return;
    }
    uint32_t whole = m->weak.ways->of[in->op][RR_CLASS_REFCNT];
    bool is_sure = !(whole & RR_MAY_NOT_CHANGE) && !rr_op_is_hook(in->op);
    if (whole & RR_MAY_FENCE_ACQUIRE || rr_op_is_hook(in->op)) {
        out->sure_locals = out->sure_cells = 0;
    }
    if (is_sure && in->op != RR_OP_UPGRADE) {
        out->sure_locals |= bit_of_local(in->p[0]);
    }
}

static void
meet(rr_still *to, const rr_still *other)
{
    to->sure_locals &= other->sure_locals;
    to->sure_cells &= other->sure_cells;
}

/* ---- the fixed point ------------------------------------------------------------------------ */

static rr_still
at_return(const rr_machine *m, bool is_thread)
{
    rr_still still = {.sure_locals = is_thread ? EVERYTHING : 0,
                      .sure_cells = is_thread ? EVERYTHING : 0};
    if (is_thread) {
        add_quiescence(m, &still);
    }
    if (is_thread && m->mode->leave != NULL) {
        still.sure_locals = still.sure_cells = 0;
        rr_still_add_operation(m, RR_OP_LEAVE, &still);
        rr_still_add_destruction(m, &still);
    }
    return still;
}

static rr_still
before(const rr_machine *m, int32_t i, bool is_thread)
{
    const rr_instr *in = &m->program->instrs[i];
    if (in->op == RR_OP_RETURN || in->op == RR_OP_GIVE) {
        return at_return(m, is_thread);
    }
    rr_still still = m->still[in->op == RR_OP_JUMP ? i + in->p[0] : i + 1];
    if (in->op == RR_OP_JUMP_UNLESS) {
        rr_still_unite(&still, &m->still[i + in->p[3]]);
        meet(&still, &m->still[i + in->p[3]]);
    }
    add_instr(m, in, &still);
    add_sure(m, in, &still);
    return still;
}

int
rr_still_open(rr_machine *m)
{
    const rr_program *p = m->program;
    m->still = rr_alloc(RR_STILL_TABLES * (size_t)p->n_instrs, sizeof *m->still);
    if (m->still == NULL) {
        return RR_ENOMEM;
    }
    for (int32_t i = 0; i < p->n_instrs; i++) {
        m->still[i].sure_locals = m->still[i].sure_cells = EVERYTHING;
    }
    for (bool has_changed = true; has_changed;) {
        has_changed = false;
        for (int32_t b = p->n_bodies - 1; b >= 0; b--) {
            for (int32_t k = p->bodies[b].n_instrs - 1; k >= 0; k--) {
                int32_t i = p->bodies[b].base + k;
                rr_still still = before(m, i, b < p->n_threads);
                rr_still_unite(&still, &m->still[i]);
                has_changed |= memcmp(&still, &m->still[i], sizeof still) != 0;
                m->still[i] = still;
            }
        }
    }
    rr_still_fill_tables(m);
    return RR_OK;
}

void
rr_still_close(rr_machine *m)
{
    rr_free(m->still);
    m->still = NULL;
}
