/* weak_shape.c -- numbers the locations of a program, and lays out the block of a state.
 */
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "machine/blocks.h"
#include "machine/internal.h"

/* ---- counting --------------------------------------------------------------------- */

static int32_t
words_of_an_object(const rr_layout *l)
{
    return 1 + (l->shared_offset >= 0) + (l->tid_offset >= 0);
}

static int32_t
syncs_of_an_object(const rr_layout *l)
{
    return (l->mutex_offset >= 0) + (l->count_mutex_offset >= 0);
}

bool
rr_shape_fits(const rr_layout *l)
{
    const rr_program *p = l->program;
    int64_t n = p->n_cells + (l->epoch >= 0 ? 1 + l->n_threads : 0);
    for (int32_t i = 0; i < l->n_objects; i++) {
        n += words_of_an_object(l) + l->objects[i].n_fields;
    }
    int64_t n_syncs = RR_SYNC_CLASSES + 2 * (int64_t)l->n_threads + p->n_locks +
                      p->n_containers + (int64_t)l->n_objects * syncs_of_an_object(l);
    for (int32_t i = 0; i < p->n_containers; i++) {
        n += p->containers[i].room >= 0;
    }
    for (int32_t i = 0; i < p->n_cells; i++) {
        n_syncs += p->cells[i].weak != 0;
    }
    return p->n_threads <= RR_WEAK_THREADS && n <= RR_WEAK_LOCATIONS &&
           n_syncs <= RR_WEAK_LOCATIONS &&
           RR_MODE_CLASSES + p->n_names + p->n_cells + p->n_containers <= RR_WEAK_CLASSES &&
           RR_SYNC_CLASSES + p->n_locks + p->n_containers <= RR_WEAK_CLASSES;
}

/* ---- locations ---------------------------------------------------------------------- */

typedef struct numbering {
    rr_shape *s;
    const rr_layout *l;
    uint64_t plain; /* classes that some step of the program accesses plainly */
} numbering;

static void
add_location(numbering *n, int32_t word, uint64_t classes, int object)
{
    rr_shape *s = n->s;
    int32_t i = s->n_locations++;
    s->location_of[word] = (int16_t)i;
    s->word_of[i] = word;
    s->classes[i] = classes;
    s->object_of[i] = (int16_t)object;
    s->announced_by[i] = -1;
    s->known_of[i] = -1;
    if (n->plain & classes) {
        s->known_of[i] = (int16_t)s->n_known++;
    }
}

/* The name of a template's field: the column of field_slots that has its number. */
static uint64_t
class_of_field(const rr_program *p, int32_t template, int32_t field)
{
    for (int32_t name = 0; name < p->n_names; name++) {
        if (p->field_slots[template * p->n_names + name] == field) {
            return UINT64_C(1) << (RR_MODE_CLASSES + name);
        }
    }
    return 0;
}

static uint64_t
all_fields(const rr_program *p)
{
    return ((UINT64_C(1) << p->n_names) - 1) << RR_MODE_CLASSES;
}

/* An object made by `new` may be of any template, so each of its fields may have any
 * name, or it may be a block. */
static void
add_object(numbering *n, int32_t object)
{
    const rr_layout *l = n->l;
    const rr_program *p = l->program;
    const rr_object_layout *o = &l->objects[object];
    add_location(n, o->base + RR_OBJECT_COUNT, UINT64_C(1) << RR_CLASS_REFCNT, object);
    if (l->shared_offset >= 0) {
        add_location(n, o->base + l->shared_offset, UINT64_C(1) << RR_CLASS_SHARED, object);
    }
    if (l->tid_offset >= 0) {
        add_location(n, o->base + l->tid_offset, UINT64_C(1) << RR_CLASS_TID, object);
    }
    for (int32_t f = 0; f < o->n_fields; f++) {
        uint64_t classes = object < p->n_objects
                               ? class_of_field(p, p->objects[object].type, f)
                               : all_fields(p);
        if (object >= p->n_objects && f >= RR_BLOCK_ITEMS) {
            classes |= UINT64_C(1) << RR_CLASS_ITEM;
        }
        add_location(n, o->first_field + f, classes, object);
    }
}

/* The collector reads the fields that `tp_traverse` visits, and not atomically. */
static uint64_t
visited_classes(const rr_program *p)
{
    uint64_t visited = 0;
    for (int32_t i = 0; i < p->n_templates; i++) {
        for (int32_t f = 0; f < p->templates[i].n_fields; f++) {
            visited |= p->fields[p->templates[i].first_field + f].visits > 0
                           ? class_of_field(p, i, f)
                           : 0;
        }
    }
    return visited;
}

static uint64_t
plain_classes(const rr_program *p)
{
    uint64_t plain = 0;
    for (int32_t i = 0; i < p->n_instrs; i++) {
        const rr_instr *in = &p->instrs[i];
        if (in->order == RC_PLAIN) {
            plain |= UINT64_C(1) << rr_class_of_access(p, in);
        }
        plain |= in->op == RR_OP_COLLECT ? visited_classes(p) : 0;
    }
    return plain;
}

static void
add_locations(numbering *n)
{
    const rr_layout *l = n->l;
    const rr_program *p = l->program;
    rr_shape *s = n->s;
    s->n_known = l->n_objects;
    s->first_cell = 0;
    for (int32_t i = 0; i < p->n_cells; i++) {
        add_location(n, l->cells + i,
                     UINT64_C(1) << (RR_MODE_CLASSES + p->n_names + i), -1);
    }
    for (int32_t i = 0; i < p->n_containers; i++) {
        if (p->containers[i].room >= 0) {
            add_location(n, l->containers[i] + 1,
                         UINT64_C(1) << rr_class_of_block(p, i), -1);
        }
    }
    for (int32_t i = 0; i < l->n_objects; i++) {
        if (i == p->n_objects) {
            s->first_of_new = s->n_locations;
        }
        add_object(n, i);
    }
    int32_t n_new = l->n_objects - p->n_objects;
    s->n_each = n_new > 0 ? (s->n_locations - s->first_of_new) / n_new : 0;
    if (l->epoch >= 0) {
        add_location(n, l->epoch, UINT64_C(1) << RR_CLASS_EPOCH, -1);
        for (int t = 0; t < l->n_threads; t++) {
            add_location(n, l->threads[t].announced,
                         UINT64_C(1) << RR_CLASS_ANNOUNCED, -1);
            s->announced_by[s->n_locations - 1] = (int16_t)t;
            s->announces = true;
        }
    }
    s->n_classes = RR_MODE_CLASSES + p->n_names + p->n_cells + p->n_containers;
}

/* ---- what synchronises -------------------------------------------------------------- */

static int32_t
add_sync(rr_shape *s, int32_t word, int class, int object)
{
    int32_t i = s->n_syncs++;
    if (word >= 0) {
        s->sync_of[word] = (int16_t)i;
    }
    s->sync_class[i] = (uint8_t)class;
    s->sync_object[i] = (int16_t)object;
    return i;
}

static void
add_syncs(rr_shape *s, const rr_layout *l, bool keeps_attachment)
{
    const rr_program *p = l->program;
    const int32_t words[] = {l->holder, l->count_lock, l->gil};
    const int classes[] = {RR_SYNC_HOLDER, RR_SYNC_COUNT_LOCK, RR_SYNC_GIL};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i] >= 0) {
            add_sync(s, words[i], classes[i], -1);
        }
    }
    for (int32_t i = 0; i < p->n_locks; i++) {
        add_sync(s, l->locks[i], RR_SYNC_CLASSES + i, -1);
    }
    s->container_sync = s->n_syncs;
    for (int32_t i = 0; i < p->n_containers; i++) {
        add_sync(s, l->containers[i], RR_SYNC_CLASSES + p->n_locks + i, -1);
    }
    for (int32_t i = 0; i < l->n_objects; i++) {
        int32_t base = l->objects[i].base;
        if (l->mutex_offset >= 0) {
            add_sync(s, base + l->mutex_offset, RR_SYNC_MUTEX, i);
        }
        if (l->count_mutex_offset >= 0) {
            add_sync(s, base + l->count_mutex_offset, RR_SYNC_COUNT_MUTEX, i);
        }
    }
    for (int32_t i = 0; i < p->n_cells; i++) {
        if (p->cells[i].weak) {
            add_sync(s, l->cells + i, RR_SYNC_REFERENCE, -1);
        }
    }
    s->quiescence_sync = add_sync(s, -1, RR_SYNC_QUIESCENCE, -1);
    s->replaced_sync = l->delays_frees ? add_sync(s, -1, RR_SYNC_QUIESCENCE, -1) : -1;
    s->queue_sync = s->n_syncs;
    for (int t = 0; t < l->n_threads && l->queue_offset >= 0; t++) {
        add_sync(s, -1, RR_SYNC_QUEUE, -1);
    }
    s->attachment_sync = s->n_syncs;
    for (int t = 0; t < l->n_threads && keeps_attachment; t++) {
        add_sync(s, -1, RR_SYNC_ATTACHMENT, -1);
    }
}

static bool
is_atomic_access(const rr_program *p, const rr_instr *in)
{
    switch (in->op) {
    case RR_OP_APPEND:
    case RR_OP_GET:
    case RR_OP_POP:
    case RR_OP_REMOVE:
    case RR_OP_RESIZE:
        return p->containers[in->p[0]].room >= 0;
    case RR_OP_ITEMS:
    case RR_OP_AT:
    case RR_OP_AT_SET:
    case RR_OP_LOAD:
    case RR_OP_STORE:
    case RR_OP_SWAP:
    case RR_OP_CAS:
    case RR_OP_FINC:
    case RR_OP_FDEC:
    case RR_OP_FADD:
    case RR_OP_AWAIT:
    case RR_OP_AWAIT_NOT:
    case RR_OP_AWAIT_EQUAL:
    case RR_OP_SPIN:
    case RR_OP_SPIN_NOT:
    case RR_OP_UPGRADE:
        return true;
    default:
        return false;
    }
}

/* Has it fences and accesses that are sequentially consistent?  No mode of the catalogue
 * has one; to a mode that has both, a fence orders what was only read, too. */
static bool
has_second_positions(const rr_program *p)
{
    bool fences = false, accesses = false;
    for (int32_t b = 0; b < p->n_bodies; b++) {
        bool is_end = p->has_end && b == p->n_threads; /* its thread knows everything */
        for (int32_t i = 0; i < p->bodies[b].n_instrs && !is_end; i++) {
            const rr_instr *in = &p->instrs[p->bodies[b].base + i];
            bool may_be_strong = in->order == RC_SEQ_CST ||
                                 (in->op == RR_OP_CAS && in->failure == RC_SEQ_CST);
            fences |= may_be_strong && in->op == RR_OP_FENCE;
            accesses |= may_be_strong && is_atomic_access(p, in);
        }
    }
    return fences && accesses;
}

/* ---- the block ---------------------------------------------------------------------- */

int
rr_shape_open(rr_layout *l, const rr_mode *mode, int history, rr_shape *out)
{
    rr_shape *s = out;
    *s = (rr_shape){
        .n_threads = l->n_threads, .n_objects = l->n_objects, .room = history + 1};
    size_t n = (size_t)l->n_words;
    s->location_of = rr_alloc(n, sizeof *s->location_of);
    s->sync_of = rr_alloc(n, sizeof *s->sync_of);
    if (s->location_of == NULL || s->sync_of == NULL) {
        rr_shape_close(s);
        return RR_ENOMEM;
    }
    memset(s->location_of, -1, n * sizeof *s->location_of);
    memset(s->sync_of, -1, n * sizeof *s->sync_of);
    numbering all = {s, l, plain_classes(l->program)};
    add_locations(&all);
    add_syncs(s, l,
              l->threads[0].attachment >= 0 || mode->keeps & RR_KEEPS_ATTACHMENT);
    int32_t n_messages = s->n_locations * s->room;
    s->second = has_second_positions(l->program) ? s->n_locations : 0;
    s->n_positions = s->second + s->n_locations;
    s->n_position_words = (s->n_positions + 7) / 8;
    s->view_words = s->n_position_words + (s->n_known + 1) / 2;
    s->n_fixed_views = RR_THREAD_VIEWS * s->n_threads + s->n_syncs;
    s->lists_at = s->order_at + s->n_position_words;
    s->values_at = s->lists_at + (s->n_locations + 1) / 2;
    s->sources_at = s->values_at + (n_messages + 1) / 2;
    s->views_at = s->sources_at + (n_messages + 3) / 4;
    s->n_words = s->views_at + (s->n_fixed_views + n_messages) * s->view_words;
    s->block = l->n_words + (l->n_words & 1);
    l->n_words = s->block + 2 * s->n_words;
    return RR_OK;
}

void
rr_shape_close(rr_shape *s)
{
    rr_free(s->location_of);
    rr_free(s->sync_of);
    *s = (rr_shape){0};
}
