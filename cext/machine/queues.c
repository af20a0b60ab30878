/* queues.c -- each thread's queue of objects, as words of the state.
 *
 * An object stores whose queue it is in, and how many were pushed before it, so a queue
 * needs no space of its own.  These words are not part of the object's memory: they
 * outlive it.
 */
#include "machine/access.h"

int64_t
rr_model_self(const rr_object *o)
{
    return o->ob_refcnt.machine->thread + 1;
}

/* The last object pushed; -1: none.  Its position is the length of the queue. */
static int
last_of(const rr_machine *m, int thread, int32_t *length)
{
    int last = -1;
    *length = 0;
    for (int i = 0; i < m->layout.n_objects; i++) {
        const int32_t *queue = rr_object_words(m, i) + m->layout.queue_offset;
        if (queue[RR_QUEUE_OF] == thread + 1 && queue[RR_QUEUE_PLACE] > *length) {
            *length = queue[RR_QUEUE_PLACE];
            last = i;
        }
    }
    return last;
}

bool
rr_model_queue_push(rr_object *o, int64_t tid, const rc_site *site)
{
    rr_machine *m = o->ob_refcnt.machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0;
    }
    int thread = (int)tid - 1;
    rr_see(m, RR_PLACE_QUEUE, o->ob_refcnt.object, site);
    m->seen.index = thread;
    rr_order_queue(m, thread);
    bool is_open = m->w[m->layout.threads[thread].left] == 0;
    int32_t *queue =
        rr_object_words(m, o->ob_refcnt.object) + m->layout.queue_offset;
    if (is_open && queue[RR_QUEUE_OF] == 0) {
        int32_t length;
        (void)last_of(m, thread, &length);
        queue[RR_QUEUE_OF] = thread + 1;
        queue[RR_QUEUE_PLACE] = length + 1;
    }
    rr_remember(m, is_open);
    return is_open;
}

static void
take_out(const rr_machine *m, int object)
{
    int32_t *queue = rr_object_words(m, object) + m->layout.queue_offset;
    int32_t of = queue[RR_QUEUE_OF], place = queue[RR_QUEUE_PLACE];
    for (int i = 0; i < m->layout.n_objects; i++) {
        int32_t *other = rr_object_words(m, i) + m->layout.queue_offset;
        other[RR_QUEUE_PLACE] -= other[RR_QUEUE_OF] == of && other[RR_QUEUE_PLACE] > place;
    }
    queue[RR_QUEUE_OF] = queue[RR_QUEUE_PLACE] = 0;
}

rr_object *
rr_model_queue_pop(rr_thread *me, rr_at_empty then, const rc_site *site)
{
    rr_machine *m = me->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0 ? &m->objects[m->object] : NULL;
    }
    int32_t length;
    int last = last_of(m, m->thread, &length);
    rr_see(m, RR_PLACE_QUEUE, last, site);
    m->seen.index = m->thread;
    rr_order_queue(m, m->thread);
    rr_remember(m, last >= 0);
    if (last < 0) {
        if (then == RR_CLOSES) {
            m->w[m->layout.threads[m->thread].left] = 1;
        }
        else if (then == RR_DETACHES) {
            m->w[m->layout.threads[m->thread].attachment] = RR_DETACHED;
            rr_order_attachment(m, m->thread);
        }
        return NULL;
    }
    take_out(m, last);
    m->object = last;
    return &m->objects[last];
}

bool
rr_model_queue_take(rr_thread *owner, const rr_object *o, const rc_site *site)
{
    rr_machine *m = owner->machine;
    if (rr_is_replayed(m)) {
        return rr_read_before(m) != 0;
    }
    int thread = (int)(owner - m->domain.threads), object = o->ob_refcnt.object;
    rr_see(m, RR_PLACE_QUEUE, object, site);
    m->seen.index = thread;
    rr_order_queue(m, thread);
    bool is_there =
        (rr_object_words(m, object) + m->layout.queue_offset)[RR_QUEUE_OF] == thread + 1;
    if (is_there) {
        take_out(m, object);
    }
    rr_remember(m, is_there);
    return is_there;
}
