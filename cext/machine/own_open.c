/* own_open.c -- which threads' code names a cell, a lock or a container. */
#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "machine/internal.h"
#include "machine/own_step.h"

static const char *const operands_of[] = {
#define RR_OP(id, name, operands, is_step) operands,
#include "program/ops.def"
#undef RR_OP
};

/* ---- which threads run which code --------------------------------------------------- */

static bool
add_users(rr_users *to, rr_users users)
{
    rr_users before = *to;
    *to |= users;
    return *to != before;
}

static bool
calls_add_users(const rr_program *p, rr_users *body_users)
{
    bool has_changed = false;
    for (int32_t b = 0; b < p->n_bodies; b++) {
        for (int32_t i = 0; i < p->bodies[b].n_instrs; i++) {
            const rr_instr *in = &p->instrs[p->bodies[b].base + i];
            if (in->op == RR_OP_CALL || in->op == RR_OP_MAYBE) {
                has_changed |= add_users(&body_users[in->p[0]], body_users[b]);
            }
        }
    }
    return has_changed;
}

/* A thread runs its body and what that calls; any thread may run a finaliser.  The end
 * block runs when the threads have ended. */
static void
find_users_of_bodies(const rr_program *p, rr_users *body_users)
{
    for (int t = 0; t < p->n_threads; t++) {
        body_users[t] = (rr_users)1 << t;
    }
    for (int32_t i = 0; i < p->n_templates; i++) {
        if (p->templates[i].finaliser >= 0) {
            body_users[p->templates[i].finaliser] = ~(rr_users)0;
        }
    }
    while (calls_add_users(p, body_users)) {
        /* Bits are only added, so this terminates. */
    }
}

/* ---- what the code names ------------------------------------------------------------- */

static void
open_object(const rr_program *p, bool *is_open, int32_t word)
{
    if (rr_is_pointer(word) && rr_object_of(word) < p->n_objects) {
        is_open[rr_object_of(word)] = true;
    }
}

static void
open_fields(const rr_program *p, bool *is_open, int32_t template)
{
    const rr_template *t = &p->templates[template];
    for (int32_t f = 0; f < t->n_fields; f++) {
        open_object(p, is_open, p->fields[t->first_field + f].initial);
    }
}

static void
note_instr(const rr_program *p, const rr_instr *in, rr_users users, rr_own *own)
{
    int at = 0;
    for (const char *kind = operands_of[in->op]; *kind != '\0'; kind++) {
        const int32_t *x = &in->p[at];
        switch (*kind) {
        case 'P':
        case 'K':
            if (x[0] < 0) {
                (*kind == 'P' ? own->cell_users : own->lock_users)[x[1]] |= users;
            }
            at++;
            break;
        case 'C':
        case 'B':
            own->container_users[x[0]] |= users;
            break;
        case 'T':
            open_fields(p, own->is_open, x[0]);
            break;
        case 'O':
            own->is_open[x[0]] = true;
            open_fields(p, own->is_open, p->objects[x[0]].type);
            break;
        default:
            break;
        }
        at++;
    }
}

static void
note_code(const rr_program *p, rr_own *own)
{
    for (int32_t b = 0; b < p->n_bodies; b++) {
        for (int32_t i = 0; i < p->bodies[b].n_instrs; i++) {
            note_instr(p, &p->instrs[p->bodies[b].base + i], own->body_users[b], own);
        }
    }
    for (int32_t i = 0; i < p->n_values; i++) {
        if (p->values[i].kind == RR_VALUE_CONSTANT) {
            open_object(p, own->is_open, p->values[i].x);
        }
    }
}

/* ---- all of it ----------------------------------------------------------------------- */

static bool
counts_in_words(const rr_mode *mode)
{
    unsigned words = RR_KEEPS_OBJECT_LOCK | RR_KEEPS_SHARED | RR_KEEPS_TID;
    return (mode->keeps & ~words) == 0 && mode->n_lanes == 0 && mode->arrive == NULL &&
           mode->quiesce == NULL && mode->leave == NULL && mode->detach == NULL &&
           mode->attach == NULL && mode->collapse == NULL;
}

/* Operations during which, or because of which, a thread may be held back or be
 * interrupted at any step are not among them. */
static bool
is_known(int32_t op)
{
    switch ((enum rr_op)op) {
    case RR_OP_LOAD:
    case RR_OP_STORE:
    case RR_OP_ASSIGN:
    case RR_OP_SWAP:
    case RR_OP_CAS:
    case RR_OP_FINC:
    case RR_OP_FDEC:
    case RR_OP_FADD:
    case RR_OP_INCREF:
    case RR_OP_DECREF:
    case RR_OP_TRY_INCREF:
    case RR_OP_UPGRADE:
    case RR_OP_UNIQUE:
    case RR_OP_RC:
    case RR_OP_SETRC:
    case RR_OP_CASRC:
    case RR_OP_INCFETCH:
    case RR_OP_DECFETCH:
    case RR_OP_IMMORTALISE:
    case RR_OP_MERGE:
    case RR_OP_ENABLE_TRY:
    case RR_OP_NEW:
    case RR_OP_RAW_NEW:
    case RR_OP_INIT:
    case RR_OP_RENEW:
    case RR_OP_DEALLOC:
    case RR_OP_FREE:
    case RR_OP_RESURRECT:
    case RR_OP_RESURRECT_END:
    case RR_OP_USE:
    case RR_OP_PUT:
    case RR_OP_PEEK:
    case RR_OP_POKE:
    case RR_OP_DECREF_RLX:
    case RR_OP_FENCE:
    case RR_OP_LOCK:
    case RR_OP_UNLOCK:
    case RR_OP_WAIT:
    case RR_OP_BARRIER_WAIT:
    case RR_OP_BARRIER_GO:
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
    case RR_OP_AWAIT_EQUAL:
    case RR_OP_SPIN:
    case RR_OP_SPIN_NOT:
    case RR_OP_APPEND:
    case RR_OP_GET:
    case RR_OP_POP:
    case RR_OP_REMOVE:
    case RR_OP_LEN:
    case RR_OP_ITEMS:
    case RR_OP_AT:
    case RR_OP_AT_SET:
    case RR_OP_RESIZE:
    case RR_OP_MALLOC:
    case RR_OP_CALL:
    case RR_OP_MAYBE:
    case RR_OP_GIL:
    case RR_OP_QUIESCE:
    case RR_OP_DETACH:
    case RR_OP_ATTACH:
    case RR_OP_RETURN:
    case RR_OP_GIVE:
    case RR_OP_JUMP:
    case RR_OP_JUMP_UNLESS:
    case RR_OP_ASSERT:
    case RR_OP_LEAVE:
    case RR_OP_COLLAPSE:
        return true;
    default:
        return false;
    }
}

/* Under C11 every access takes part in the order of memory; a buffered write may leave
 * its buffer at any time; a block whose free is delayed waits for what threads do; an
 * interrupt may come before any step; a destruction clears weak references; with the GIL held, a detached thread runs besides
 * the thread that holds it. */
static bool
is_off(const rr_machine *m)
{
    const rr_layout *l = &m->layout;
    bool is_off = m->is_weak || l->delays_frees || l->has_weak ||
                  m->program->n_interrupts > 0;
    for (int t = 0; t < l->n_threads; t++) {
        is_off |= l->threads[t].buffer >= 0;
        is_off |= m->gil_held && l->threads[t].attachment >= 0;
    }
    for (int32_t i = 0; i < m->program->n_instrs; i++) {
        is_off |= !is_known(m->program->instrs[i].op);
    }
    return is_off;
}

int
rr_own_open(const rr_machine *m, rr_own *out)
{
    const rr_program *p = m->program;
    *out = (rr_own){
        .is_off = is_off(m),
        .counts_in_words = counts_in_words(m->mode),
        .cell_users = rr_alloc((size_t)p->n_cells + 1, sizeof(rr_users)),
        .lock_users = rr_alloc((size_t)p->n_locks + 1, sizeof(rr_users)),
        .container_users = rr_alloc((size_t)p->n_containers + 1, sizeof(rr_users)),
        .body_users = rr_alloc((size_t)p->n_bodies + 1, sizeof(rr_users)),
        .is_open = rr_alloc((size_t)p->n_objects + 1, sizeof(bool)),
        .is_reached = rr_alloc((size_t)m->layout.n_objects + 1, sizeof(bool)),
        .reached = rr_alloc((size_t)m->layout.n_objects + 1, sizeof(int32_t)),
    };
    if (out->cell_users == NULL || out->lock_users == NULL ||
        out->container_users == NULL || out->body_users == NULL || out->is_open == NULL ||
        out->is_reached == NULL || out->reached == NULL) {
        rr_own_close(out);
        return RR_ENOMEM;
    }
    find_users_of_bodies(p, out->body_users);
    note_code(p, out);
    return RR_OK;
}

void
rr_own_close(rr_own *own)
{
    rr_free(own->cell_users);
    rr_free(own->lock_users);
    rr_free(own->container_users);
    rr_free(own->body_users);
    rr_free(own->is_open);
    rr_free(own->is_reached);
    rr_free(own->reached);
    *own = (rr_own){.is_off = true};
}
