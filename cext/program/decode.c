/* decode.c -- reads an image into tables.  It checks the counts, so that no table is read
 * past its end; check.c checks what the numbers mean.
 */
#include "program/decode.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

typedef struct reader {
    const int32_t *next;
    size_t left;
    int status;
} reader;

static int32_t
take(reader *r)
{
    if (r->left == 0) {
        r->status = RR_EINVAL;
        return 0;
    }
    r->left--;
    return *r->next++;
}

/* A number of items, each of which takes at least one number of the image. */
static int32_t
take_count(reader *r)
{
    int32_t n = take(r);
    if (n < 0 || (size_t)n > r->left) {
        r->status = RR_EINVAL;
        return 0;
    }
    return n;
}

/* A row whose members are all int32_t, in the order of the image. */
static void
take_row(reader *r, void *row, size_t bytes)
{
    int32_t *members = row;
    for (size_t i = 0; i < bytes / sizeof *members; i++) {
        members[i] = take(r);
    }
}

static void *
table(reader *r, int64_t n, size_t size)
{
    if (r->status != RR_OK) {
        return NULL;
    }
    void *block = rr_alloc((size_t)n, size);
    if (block == NULL) {
        r->status = RR_ENOMEM;
    }
    return block;
}

static void
read_templates(reader *r, rr_program *p)
{
    for (int32_t i = 0; i < p->n_templates && r->status == RR_OK; i++) {
        rr_template *t = &p->templates[i];
        t->kind = take(r);
        t->finaliser = take(r);
        t->max_count = take(r);
        t->stable = take(r);
        t->count = take(r);
        t->collected = take(r);
        t->untracks_late = take(r);
        t->n_fields = take(r);
        t->first_field = i > 0 ? t[-1].first_field + t[-1].n_fields : 0;
        if (t->n_fields < 0 || t->n_fields > p->n_fields - t->first_field) {
            r->status = RR_EINVAL;
        }
    }
    for (int32_t i = 0; i < p->n_fields && r->status == RR_OK; i++) {
        take_row(r, &p->fields[i], sizeof p->fields[i]);
    }
}

static void
read_containers(reader *r, rr_program *p)
{
    for (int32_t i = 0; i < p->n_containers && r->status == RR_OK; i++) {
        rr_container *c = &p->containers[i];
        c->owning = take(r);
        c->n_items = take(r);
        c->room = take(r);
        c->delays = take(r);
        c->template = take(r);
        c->first_item = i > 0 ? c[-1].first_item + c[-1].n_items : 0;
        if (c->n_items < 0 || c->n_items > p->n_items - c->first_item) {
            r->status = RR_EINVAL;
        }
    }
    for (int32_t i = 0; i < p->n_items && r->status == RR_OK; i++) {
        p->items[i] = take(r);
    }
}

/* A `nosafe` block is one stretch of code: what leaves it early jumps past its end. */
static void
find_nosafe(rr_program *p)
{
    for (int32_t i = 0; i < p->n_bodies; i++) {
        int32_t n_around = 0;
        for (int32_t k = 0; k < p->bodies[i].n_instrs; k++) {
            rr_instr *in = &p->instrs[p->bodies[i].base + k];
            in->is_nosafe = n_around > 0;
            n_around += in->op == RR_OP_NOSAFE;
            n_around -= in->op == RR_OP_NOSAFE_END && n_around > 0;
        }
    }
}

static void
read_code(reader *r, rr_program *p)
{
    for (int32_t i = 0; i < p->n_bodies && r->status == RR_OK; i++) {
        rr_body *b = &p->bodies[i];
        b->base = i > 0 ? b[-1].base + b[-1].n_instrs : 0;
        b->n_instrs = take(r);
        b->n_locals = take(r);
        b->arg = take(r);
        b->self = take(r);
        if (b->n_instrs < 1 || b->n_instrs > p->n_instrs - b->base) {
            r->status = RR_EINVAL;
        }
    }
    for (int32_t i = 0; i < p->n_instrs && r->status == RR_OK; i++) {
        rr_instr *in = &p->instrs[i];
        int32_t op = take(r), mask = (1 << RR_ORDER_BITS) - 1;
        in->op = op < 0 ? op : op & ((1 << RR_OP_BITS) - 1);
        in->order = op < 0 ? 0 : op >> RR_OP_BITS & mask;
        in->failure = op < 0 ? 0 : op >> (RR_OP_BITS + RR_ORDER_BITS);
        in->result = take(r);
        for (int k = 0; k < 4; k++) {
            in->p[k] = take(r);
        }
        in->statement = take(r);
        uint64_t low = (uint32_t)take(r);
        in->live = low | (uint64_t)(uint32_t)take(r) << 32;
    }
    if (r->status == RR_OK) {
        find_nosafe(p);
    }
    for (int32_t i = 0; i < p->n_values && r->status == RR_OK; i++) {
        take_row(r, &p->values[i], sizeof p->values[i]);
    }
}

static void
read_tables(reader *r, rr_program *p)
{
    p->n_threads = take(r);
    p->has_end = take(r);
    int32_t *const counts[] = {
        &p->n_bodies,  &p->n_instrs,    &p->n_values, &p->n_cells, &p->n_containers,
        &p->n_items,   &p->n_locks,     &p->n_templates, &p->n_fields, &p->n_objects,
        &p->n_holds,   &p->n_interrupts,
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        *counts[i] = take_count(r);
    }
    p->n_names = take(r);
    /* The number of a payload is a field of every object, and there may be none. */
    if (p->n_names < 0 || p->n_names > p->n_fields + 1) {
        r->status = RR_EINVAL;
    }
    int64_t n_slots = (int64_t)p->n_templates * p->n_names;
    p->bodies = table(r, p->n_bodies, sizeof *p->bodies);
    p->instrs = table(r, p->n_instrs, sizeof *p->instrs);
    p->values = table(r, p->n_values, sizeof *p->values);
    p->cells = table(r, p->n_cells, sizeof *p->cells);
    p->containers = table(r, p->n_containers, sizeof *p->containers);
    p->items = table(r, p->n_items, sizeof *p->items);
    p->lock_kinds = table(r, p->n_locks, sizeof *p->lock_kinds);
    p->templates = table(r, p->n_templates, sizeof *p->templates);
    p->fields = table(r, p->n_fields, sizeof *p->fields);
    p->field_slots = table(r, n_slots, sizeof *p->field_slots);
    p->objects = table(r, p->n_objects, sizeof *p->objects);
    p->holds = table(r, p->n_holds, sizeof *p->holds);
    p->interrupts = table(r, p->n_interrupts, sizeof *p->interrupts);
    read_code(r, p);
    for (int32_t i = 0; i < p->n_cells && r->status == RR_OK; i++) {
        take_row(r, &p->cells[i], sizeof p->cells[i]);
    }
    read_containers(r, p);
    for (int32_t i = 0; i < p->n_locks && r->status == RR_OK; i++) {
        p->lock_kinds[i] = take(r);
    }
    read_templates(r, p);
    for (int32_t i = 0; i < p->n_objects && r->status == RR_OK; i++) {
        take_row(r, &p->objects[i], sizeof p->objects[i]);
    }
    for (int32_t i = 0; i < p->n_holds && r->status == RR_OK; i++) {
        take_row(r, &p->holds[i], sizeof p->holds[i]);
    }
    for (int32_t i = 0; i < p->n_interrupts && r->status == RR_OK; i++) {
        take_row(r, &p->interrupts[i], sizeof p->interrupts[i]);
    }
    if (r->status == RR_OK && r->left != 0) {
        r->status = RR_EINVAL;
    }
}

int
rr_program_decode(const int32_t *image, size_t n, rr_program *p)
{
    reader r = {image, n, RR_OK};
    if (take(&r) != RR_IMAGE_VERSION || r.status != RR_OK) {
        return RR_EINVAL;
    }
    read_tables(&r, p);
    return r.status;
}
