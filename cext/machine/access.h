/* access.h -- what every access of a mode does in the model; for cext/machine/ only.
 *
 * The operation runs from its start at each of its steps.  Earlier accesses return the
 * values in `reads`, one access is done, and the access after that leaves by a long jump.
 * The effect of the access that was done is already in the state.  The caller adds the
 * value that it read to `reads`, if the operation goes on.
 */
#ifndef RR_ACCESS_H
#define RR_ACCESS_H

#include "machine/internal.h"

/* The builtins save only what is needed, which halves the cost of a step. */
#if defined __GNUC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
typedef void *rr_leave_buffer[5];
#define RR_ENTER(buffer) __builtin_setjmp(buffer)
#define RR_LEAVE(buffer) __builtin_longjmp(buffer, 1)
#else
#include <setjmp.h>
typedef jmp_buf rr_leave_buffer;
#define RR_ENTER(buffer) setjmp(buffer)
#define RR_LEAVE(buffer) longjmp(buffer, 1)
#endif

static inline bool
rr_is_replayed(rr_machine *m)
{
    if (m->cursor < m->n_done) {
        m->cursor++;
        return true;
    }
    if (m->n_granted == 0) {
        rr_leave(m, RR_LEFT_AT_NEXT);
    }
    m->n_granted--;
    m->has_acted = true;
    return false;
}

static inline int64_t
rr_read_before(rr_machine *m)
{
    return m->w[m->reads + m->n_read++];
}

static inline void
rr_see(rr_machine *m, rr_place place, int32_t object, const rc_site *site)
{
    m->seen.place = place;
    m->seen.object = object;
    m->seen.site = *site;
}

/* access.c: the same for a word of one thread (a lane, an epoch), or of all threads. */
void rr_see_thread(rr_machine *m, const rc_cell *c, const rc_site *site);

/* Under C11: what a lock, a queue or an attachment of the mode orders. */
static inline void
rr_order_sync(rr_machine *m, int32_t sync, bool acquires, bool releases)
{
    if (!m->is_weak) {
        return;
    }
    rr_note_way(m, RR_CLASS_REFCNT, RR_MAY_LOCK);
    bool marks = rr_is_memory_access(m, m->shape.sync_object[sync]);
    rr_progress progress = rr_synchronise(m, sync, acquires, releases, marks);
    if (progress != RR_RAN) {
        rr_leave(m, (int)progress);
    }
}

/* The same for a lock, which is taken or given back. */
static inline void
rr_order_word(rr_machine *m, int32_t word, bool is_taken)
{
    if (m->is_weak) {
        rr_order_sync(m, m->shape.sync_of[word], is_taken, !is_taken);
    }
}

static inline void
rr_order_queue(rr_machine *m, int thread)
{
    rr_order_sync(m, m->shape.queue_sync + thread, true, true);
}

static inline void
rr_order_attachment(rr_machine *m, int thread)
{
    rr_order_sync(m, m->shape.attachment_sync + thread, true, true);
}

static inline void
rr_remember(rr_machine *m, int64_t value)
{
    m->has_fresh = true;
    m->fresh = (int32_t)value;
}

#endif
