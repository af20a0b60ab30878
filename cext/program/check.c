/* check.c -- rejects a program with a number that is out of range. */
#include "program/program.h"

static bool
within(int32_t index, int32_t n)
{
    return index >= 0 && index < n;
}

static bool
is_word(const rr_program *p, int32_t word)
{
    return word == 0 || rr_is_integer(word) ||
           (word > 0 && within(rr_object_of(word), p->n_objects));
}

static bool
is_value(const rr_program *p, const rr_body *b, int32_t index)
{
    if (!within(index, p->n_values)) {
        return false;
    }
    const rr_value *v = &p->values[index];
    switch (v->kind) {
    case RR_VALUE_LOCAL:
        return within(v->x, b->n_locals);
    case RR_VALUE_CONSTANT:
        return is_word(p, v->x);
    case RR_VALUE_SUM:
    case RR_VALUE_DIFFERENCE:
        /* Only earlier values: a value cannot depend on itself. */
        return within(v->x, index) && within(v->y, index) &&
               p->values[v->x].kind <= RR_VALUE_CONSTANT &&
               p->values[v->y].kind <= RR_VALUE_CONSTANT && is_value(p, b, v->x) &&
               is_value(p, b, v->y);
    default:
        return false;
    }
}

static bool
is_function(const rr_program *p, int32_t body)
{
    return body >= p->n_threads + p->has_end && body < p->n_bodies;
}

static bool
is_operand(const rr_program *p, const rr_body *b, char letter, const int32_t *x)
{
    switch (letter) {
    case 'L':
        return within(*x, b->n_locals);
    case 'l':
        return *x == -1 || within(*x, b->n_locals);
    case 'S':
        return within(*x, RR_MAX_SECTIONS);
    case 'V':
        return is_value(p, b, *x);
    case 'v':
        return *x == -1 || is_value(p, b, *x);
    case 'P':
        return x[0] == -1 ? within(x[1], p->n_cells)
                          : within(x[0], b->n_locals) && within(x[1], p->n_names);
    case 'K':
        return x[0] == -1 ? within(x[1], p->n_locks) : within(x[0], b->n_locals);
    case 'C':
        return within(*x, p->n_containers);
    case 'B':
        return within(*x, p->n_containers) && p->containers[*x].room >= 0;
    case 'T': /* only a container makes its blocks */
        return within(*x, p->n_templates) && p->templates[*x].kind != RR_ITEMS_MEMORY;
    case 'O':
        return within(*x, p->n_objects);
    case 'F':
        return is_function(p, *x);
    case 'J':
        return within(*x, b->n_instrs);
    case 'N':
        return *x >= 1 && *x <= RR_MAX_PROGRAM_THREADS;
    case 'R':
        return within(*x & ~RR_NEGATED, RR_N_RELATIONS);
    default:
        return false;
    }
}

static bool
is_instr(const rr_program *p, const rr_body *b, const rr_instr *in)
{
    if (!within(in->op, RR_N_OPS) || in->result < -1 || in->result >= b->n_locals ||
        !within(in->order, RC_N_ORDERS) || !within(in->failure, RC_N_ORDERS)) {
        return false;
    }
    const int32_t *x = in->p;
    for (const char *letter = rr_op_operands(in->op); *letter; letter++) {
        if (!is_operand(p, b, *letter, x)) {
            return false;
        }
        x += *letter == 'P' || *letter == 'K' ? 2 : 1;
    }
    return true;
}

/* The arguments go to the callee's local `arg` and those behind it.  The callee may be
 * checked later than its caller, so `arg` may be any number. */
static bool
has_parameters(const rr_program *p, const rr_instr *call)
{
    const rr_body *b = &p->bodies[call->p[0]];
    int n = RR_MAX_ARGUMENTS;
    while (n > 0 && call->p[n] == -1) {
        n--;
    }
    return b->arg < 0 || n == 0 || (int64_t)b->arg + n <= b->n_locals;
}

/* `wait B` is three instructions with the same operands. */
static bool
is_of_a_wait(const rr_body *b, const rr_instr *in, int32_t k)
{
    int32_t at = in->op == RR_OP_WAIT ? 0 : in->op == RR_OP_BARRIER_WAIT ? 1 : 2;
    const rr_instr *first = in - at;
    return in->p[0] == -1 && k >= at && k - at + 2 < b->n_instrs &&
           first[0].op == RR_OP_WAIT && first[1].op == RR_OP_BARRIER_WAIT &&
           first[2].op == RR_OP_BARRIER_GO && first->p[1] == in->p[1];
}

static bool
is_code(const rr_program *p)
{
    for (int32_t i = 0; i < p->n_bodies; i++) {
        const rr_body *b = &p->bodies[i];
        if (b->n_locals < 0 || b->n_locals > RR_MAX_LOCALS || b->arg < -1 ||
            b->arg >= b->n_locals || b->self < -1 || b->self >= b->n_locals) {
            return false;
        }
        for (int32_t k = 0; k < b->n_instrs; k++) {
            const rr_instr *in = &p->instrs[b->base + k];
            if (!is_instr(p, b, in) || (in->op == RR_OP_CALL && !has_parameters(p, in)) ||
                (in->op == RR_OP_GIVE && !is_function(p, i)) ||
                ((in->op == RR_OP_WAIT || in->op == RR_OP_BARRIER_WAIT ||
                  in->op == RR_OP_BARRIER_GO) &&
                 !is_of_a_wait(b, in, k))) {
                return false;
            }
        }
        int32_t last = p->instrs[b->base + b->n_instrs - 1].op;
        if (last != RR_OP_RETURN && last != RR_OP_JUMP) {
            return false;
        }
    }
    return true;
}

static bool
is_data(const rr_program *p)
{
    bool fits = true;
    int32_t n_callbacks = 0;
    for (int32_t i = 0; i < p->n_cells; i++) {
        const rr_cell *c = &p->cells[i];
        n_callbacks += c->callback != -1;
        fits &= is_word(p, c->initial) && !(c->weak && c->owning) &&
                (c->callback == -1 || (c->weak && is_function(p, c->callback)));
    }
    fits &= n_callbacks <= RR_MAX_CALLBACKS;
    for (int32_t i = 0; i < p->n_items; i++) {
        fits &= is_word(p, p->items[i]);
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        const rr_container *c = &p->containers[i];
        fits &= c->room == -1 ||
                (c->room >= c->n_items && c->room <= RR_MAX_CAPACITY &&
                 within(c->template, p->n_templates) &&
                 p->templates[c->template].kind == RR_ITEMS_MEMORY &&
                 p->templates[c->template].n_fields == 0 &&
                 (!c->delays || p->n_threads <= RR_MAX_DELAYING_THREADS));
    }
    for (int32_t i = 0; i < p->n_locks; i++) {
        fits &= within(p->lock_kinds[i], RR_N_LOCK_KINDS);
    }
    for (int32_t i = 0; i < p->n_fields; i++) {
        fits &= is_word(p, p->fields[i].initial) &&
                within(p->fields[i].name, p->n_names) &&
                within(p->fields[i].visits, RR_MAX_VISITS + 1);
    }
    for (int32_t i = 0; i < p->n_templates; i++) {
        const rr_template *t = &p->templates[i];
        fits &= within(t->kind, RR_N_MEMORY_KINDS);
        fits &= t->finaliser == -1 || is_function(p, t->finaliser);
        fits &= t->max_count >= 0 && t->max_count <= RR_MAX_INTEGER;
        fits &= t->count >= -RR_MAX_INTEGER && t->count <= RR_MAX_INTEGER;
    }
    for (int32_t i = 0; i < p->n_objects; i++) {
        fits &= within(p->objects[i].type, p->n_templates) &&
                p->templates[p->objects[i].type].kind != RR_ITEMS_MEMORY &&
                p->objects[i].count >= -RR_MAX_INTEGER &&
                p->objects[i].count <= RR_MAX_INTEGER;
    }
    for (int32_t i = 0; i < p->n_holds; i++) {
        const rr_hold *h = &p->holds[i];
        fits &= within(h->thread, p->n_threads) && within(h->object, p->n_objects) &&
                within(h->local, p->bodies[h->thread].n_locals);
    }
    return fits;
}

static bool
are_interrupts(const rr_program *p)
{
    bool fits = true;
    int32_t n = 0; /* of the same thread, so far */
    for (int32_t i = 0; i < p->n_interrupts; i++) {
        const rr_interrupt *one = &p->interrupts[i];
        int32_t last = i > 0 ? one[-1].thread : -1;
        n = one->thread == last ? n + 1 : 1;
        fits &= within(one->thread, p->n_threads) && one->thread >= last &&
                n <= RR_MAX_INTERRUPTS && is_function(p, one->body) &&
                one->times >= 1 && one->times <= RR_MAX_INTERRUPT_TIMES;
    }
    return fits;
}

bool
rr_program_fits(const rr_program *p)
{
    return p->n_threads >= 1 && p->n_threads <= RR_MAX_PROGRAM_THREADS &&
           (p->has_end == 0 || p->has_end == 1) &&
           p->n_bodies >= p->n_threads + p->has_end && is_code(p) && is_data(p) &&
           are_interrupts(p);
}
