/* layout.c -- computes where the words of a state are. */
#include "program/layout.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

/* Does any instruction use a lock x.m, a sub-program or a new object, or detach a
 * thread? */
typedef struct needs {
    bool object_lock, detaches, sections, pairs, stops, collects;
    int32_t n_new_fields; /* the most fields of an object that `new` can make */
    int32_t n_deep_locals; /* most locals of a sub-program */
    int32_t n_deep_sections;
} needs;

static void
most(int32_t *most_yet, int32_t n)
{
    *most_yet = *most_yet > n ? *most_yet : n;
}

/* How many critical sections a body may be in at once. */
static int32_t
n_sections_of(const rr_program *p, int32_t body)
{
    int32_t n = 0;
    for (int32_t i = 0; i < p->bodies[body].n_instrs; i++) {
        const rr_instr *in = &p->instrs[p->bodies[body].base + i];
        if (in->op == RR_OP_CRITICAL || in->op == RR_OP_CRITICAL_END) {
            most(&n, in->p[0] + 1);
        }
    }
    return n;
}

static needs
needs_of(const rr_program *p, bool gil_held)
{
    needs found = {.n_deep_locals = 1}; /* the object of a destruction */
    for (int32_t i = 0; i < p->n_instrs; i++) {
        const rr_instr *in = &p->instrs[i];
        switch (in->op) {
        case RR_OP_LOCK:
        case RR_OP_UNLOCK:
            found.object_lock |= in->p[0] >= 0;
            break;
        case RR_OP_CRITICAL:
        case RR_OP_CRITICAL_END:
            found.sections |= !gil_held;
            found.pairs |= !gil_held && in->op == RR_OP_CRITICAL && in->p[2] >= 0;
            break;
        case RR_OP_DETACH:
            found.detaches = true;
            break;
        case RR_OP_STOP:
            found.stops |= !gil_held;
            break;
        case RR_OP_COLLECT:
            found.collects = true;
            found.stops |= !gil_held;
            break;
        case RR_OP_NEW:
        case RR_OP_RAW_NEW:
        case RR_OP_MALLOC:
            most(&found.n_new_fields, p->templates[in->p[0]].n_fields);
            break;
        case RR_OP_RENEW:
            most(&found.n_new_fields,
                 p->templates[p->objects[in->p[0]].type].n_fields);
            break;
        default:
            break;
        }
    }
    for (int32_t i = p->n_threads + p->has_end; i < p->n_bodies; i++) {
        most(&found.n_deep_locals, p->bodies[i].n_locals);
        most(&found.n_deep_sections, found.sections ? n_sections_of(p, i) : 0);
    }
    found.object_lock |= found.sections;
    return found;
}

static int32_t
claim(rr_layout *l, int32_t n)
{
    int32_t first = l->n_words;
    if (n > RR_MAX_STATE_WORDS - l->n_words) {
        l->is_too_large = true;
        return 0;
    }
    l->n_words += n;
    return first;
}

static void
owner(rr_layout *l, int32_t word)
{
    l->owners[l->n_owners++] = word;
}

static void
lay_shared(rr_layout *l, needs found, bool gil_held, const rr_mode *mode)
{
    const rr_program *p = l->program;
    l->latent = claim(l, 1);
    l->end_begun = l->n_threads > p->n_threads ? claim(l, 1) : -1;
    l->holder = gil_held ? claim(l, 1) : -1;
    l->count_lock = mode->keeps & RR_KEEPS_GLOBAL_LOCK ? claim(l, 1) : -1;
    l->gil = mode->keeps & RR_KEEPS_GIL ? claim(l, 1) : -1;
    l->epoch = mode->keeps & RR_KEEPS_EPOCH ? claim(l, 1) : -1;
    l->stop = found.stops ? claim(l, 2) : -1;
    l->cells = claim(l, p->n_cells);
    for (int32_t i = 0; i < p->n_cells; i++) {
        l->has_weak |= p->cells[i].weak != 0;
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        const rr_container *c = &p->containers[i];
        bool has_block = c->room >= 0;
        l->container_room[i] =
            (has_block ? c->room : c->n_items) + l->capacity[RR_CAPACITY_ITEMS];
        l->containers[i] = claim(l, 1 + (has_block ? 1 : l->container_room[i]));
        l->delays_frees |= has_block && c->delays;
    }
    for (int32_t i = 0; i < p->n_locks; i++) {
        l->locks[i] = claim(l, p->lock_kinds[i] == RR_LOCK_REENTRANT ? 2 : 1);
        owner(l, l->locks[i]);
    }
    if (gil_held) {
        owner(l, l->holder);
    }
    if (l->stop >= 0) {
        owner(l, l->stop);
    }
    if (l->count_lock >= 0) {
        owner(l, l->count_lock);
    }
    if (l->gil >= 0) {
        owner(l, l->gil);
    }
}

static void
lay_objects(rr_layout *l, needs found, unsigned keeps)
{
    const rr_program *p = l->program;
    int32_t n_fixed = RR_OBJECT_FIXED;
    l->mutex_offset = found.object_lock ? n_fixed++ : -1;
    l->count_mutex_offset = keeps & RR_KEEPS_OBJECT_LOCK ? n_fixed++ : -1;
    l->shared_offset = keeps & RR_KEEPS_SHARED ? n_fixed++ : -1;
    l->tid_offset = keeps & RR_KEEPS_TID ? n_fixed++ : -1;
    l->queue_offset = keeps & RR_KEEPS_QUEUE ? n_fixed : -1;
    n_fixed += keeps & RR_KEEPS_QUEUE ? RR_QUEUE_WORDS : 0;
    const int32_t owners[] = {l->mutex_offset, l->count_mutex_offset, l->tid_offset,
                              l->queue_offset};
    for (int32_t i = 0; i < l->n_objects; i++) {
        rr_object_layout *o = &l->objects[i];
        bool is_named = i < p->n_objects;
        o->n_fields = is_named ? p->templates[p->objects[i].type].n_fields
                               : found.n_new_fields;
        o->base = claim(l, n_fixed);
        o->type = is_named ? -1 : claim(l, 1);
        o->first_field = claim(l, o->n_fields);
        for (size_t k = 0; k < sizeof owners / sizeof *owners; k++) {
            if (owners[k] >= 0) {
                owner(l, o->base + owners[k]);
            }
        }
    }
}

static void
lay_interrupts(rr_layout *l, int thread)
{
    const rr_program *p = l->program;
    rr_thread_layout *t = &l->threads[thread];
    t->first_interrupt = t->n_interrupts = 0;
    for (int32_t i = p->n_interrupts; i-- > 0;) {
        if (p->interrupts[i].thread == thread) {
            t->first_interrupt = i;
            t->n_interrupts++;
        }
    }
    t->interrupts =
        t->n_interrupts > 0 ? claim(l, RR_INTERRUPT_LEFT + t->n_interrupts) : -1;
}

static void
lay_threads(rr_layout *l, needs found, const rr_mode *mode)
{
    const rr_program *p = l->program;
    const int32_t *capacity = l->capacity;
    l->has_sections = found.sections;
    l->orders_objects = found.pairs || found.collects;
    l->n_deep_sections = found.n_deep_sections;
    l->frame_words = RR_FRAME_LOCALS + found.n_deep_locals +
                     RR_SECTION_WORDS * found.n_deep_sections;
    for (int32_t i = 0; i < l->n_threads; i++) {
        rr_thread_layout *t = &l->threads[i];
        bool has_body = i < p->n_threads + p->has_end;
        t->n_sections = found.sections && has_body ? n_sections_of(p, i) : 0;
        t->n_first_locals = (has_body ? p->bodies[i].n_locals : 0) +
                            RR_SECTION_WORDS * t->n_sections;
        t->base = claim(l, RR_THREAD_FRAMES + RR_FRAME_LOCALS + t->n_first_locals +
                               capacity[RR_CAPACITY_FRAMES] * l->frame_words);
        t->operation = capacity[RR_CAPACITY_READS] > 0
                           ? claim(l, capacity[RR_CAPACITY_READS])
                           : -1;
        t->buffer = capacity[RR_CAPACITY_BUFFER] > 0
                        ? claim(l, 1 + capacity[RR_CAPACITY_BUFFER])
                        : -1;
        t->left = mode->keeps & RR_KEEPS_QUEUE ? claim(l, 1) : -1;
        t->lanes = claim(l, l->n_lanes * l->n_objects);
        t->announced = mode->keeps & RR_KEEPS_EPOCH ? claim(l, 1) : -1;
        t->attachment = found.detaches ? claim(l, 1) : -1;
        lay_interrupts(l, i);
        t->n_words = l->n_words - t->base;
    }
}

int
rr_layout_open(const rr_program *p, bool gil_held, const rr_mode *mode,
               const int32_t capacity[RR_N_CAPACITIES], rr_layout *out)
{
    rr_layout l = {.program = p};
    for (int i = 0; i < RR_N_CAPACITIES; i++) {
        l.capacity[i] = capacity[i];
    }
    l.n_lanes = mode->n_lanes;
    l.n_objects = p->n_objects + capacity[RR_CAPACITY_OBJECTS];
    l.n_threads = p->n_threads + (p->has_end || rr_mode_ends(mode));
    size_t n_owners = (size_t)p->n_locks + 4 * (size_t)l.n_objects + 4;
    l.containers = rr_alloc((size_t)p->n_containers, sizeof *l.containers);
    l.container_room = rr_alloc((size_t)p->n_containers, sizeof *l.container_room);
    l.locks = rr_alloc((size_t)p->n_locks, sizeof *l.locks);
    l.objects = rr_alloc((size_t)l.n_objects, sizeof *l.objects);
    l.owners = rr_alloc(n_owners, sizeof *l.owners);
    if (l.containers == NULL || l.container_room == NULL || l.locks == NULL ||
        l.objects == NULL || l.owners == NULL) {
        rr_layout_close(&l);
        return RR_ENOMEM;
    }
    needs found = needs_of(p, gil_held);
    lay_shared(&l, found, gil_held, mode);
    for (int32_t i = 0; i < p->n_containers; i++) {
        if (p->containers[i].room >= 0) {
            most(&found.n_new_fields, RR_BLOCK_ITEMS + l.container_room[i]);
        }
    }
    lay_objects(&l, found, mode->keeps);
    lay_threads(&l, found, mode);
    if (l.is_too_large) {
        rr_layout_close(&l);
        return RR_EWORDS;
    }
    l.n_row = l.n_words;
    *out = l;
    return RR_OK;
}

void
rr_layout_close(rr_layout *l)
{
    rr_free(l->containers);
    rr_free(l->container_room);
    rr_free(l->locks);
    rr_free(l->objects);
    rr_free(l->owners);
    *l = (rr_layout){.program = l->program};
}
