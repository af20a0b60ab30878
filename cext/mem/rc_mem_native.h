/* rc_mem_native.h -- the contract as C11 atomics.  Include rc_mem.h instead.
 *
 * RC_WIDENED adds a gap before each access (mem/rr_gap.h), and nothing else.
 */
#ifndef RC_MEM_H
#error "include mem/rc_mem.h, which chooses the backend"
#endif
#ifndef RC_MEM_NATIVE_H
#define RC_MEM_NATIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "mem/rr_gap.h"

typedef struct rc_cell {
    _Atomic int64_t v;
} rc_cell;

typedef struct rc_mutex {
    pthread_mutex_t os;
} rc_mutex;

/* The holder is identified by the address of one of its thread-local variables. */
typedef struct rc_gil {
    _Atomic(const void *) holder; /* NULL: nobody */
    _Atomic bool is_asked_for;
    pthread_mutex_t mutex; /* guards all fields.  The two above are also read without it:
                            * only the holder finds itself, and a stale request costs one
                            * useless check */
    pthread_cond_t is_free, has_switched;
    int64_t n_switches;
    int n_waiting;
} rc_gil;

static inline int64_t
rc_load_relaxed(rc_cell *c)
{
    RR_GAP();
    return atomic_load_explicit(&c->v, memory_order_relaxed);
}

static inline int64_t
rc_load_acquire(rc_cell *c)
{
    RR_GAP();
    return atomic_load_explicit(&c->v, memory_order_acquire);
}

static inline void
rc_store_relaxed(rc_cell *c, int64_t v)
{
    RR_GAP();
    atomic_store_explicit(&c->v, v, memory_order_relaxed);
}

static inline int64_t
rc_load_low_relaxed(rc_cell *c)
{
    return rc_load_relaxed(c) & RC_LOW_MASK;
}

/* C does not define a race between two widths of one object, so this swaps the whole
 * word.  Other threads see no difference. */
static inline void
rc_store_low_relaxed(rc_cell *c, int64_t v)
{
    RR_GAP();
    int64_t n = atomic_load_explicit(&c->v, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&c->v, &n, (n & ~RC_LOW_MASK) | v,
                                                  memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

static inline void
rc_store_release(rc_cell *c, int64_t v)
{
    RR_GAP();
    atomic_store_explicit(&c->v, v, memory_order_release);
}

static inline int64_t
rc_fetch_add_relaxed(rc_cell *c, int64_t d)
{
    RR_GAP();
    return atomic_fetch_add_explicit(&c->v, d, memory_order_relaxed);
}

static inline int64_t
rc_fetch_add_release(rc_cell *c, int64_t d)
{
    RR_GAP();
    return atomic_fetch_add_explicit(&c->v, d, memory_order_release);
}

static inline int64_t
rc_fetch_add_acq_rel(rc_cell *c, int64_t d)
{
    RR_GAP();
    return atomic_fetch_add_explicit(&c->v, d, memory_order_acq_rel);
}

static inline int64_t
rc_exchange_acq_rel(rc_cell *c, int64_t v)
{
    RR_GAP();
    return atomic_exchange_explicit(&c->v, v, memory_order_acq_rel);
}

static inline bool
rc_cas_acq_rel(rc_cell *c, int64_t *want, int64_t v)
{
    RR_GAP();
    return atomic_compare_exchange_strong_explicit(
        &c->v, want, v, memory_order_acq_rel, memory_order_acquire);
}

static inline bool
rc_cas_weak_relaxed(rc_cell *c, int64_t *want, int64_t v)
{
    RR_GAP();
    return atomic_compare_exchange_weak_explicit(
        &c->v, want, v, memory_order_relaxed, memory_order_relaxed);
}

static inline bool
rc_cas_weak_release(rc_cell *c, int64_t *want, int64_t v)
{
    RR_GAP();
    return atomic_compare_exchange_weak_explicit(
        &c->v, want, v, memory_order_release, memory_order_relaxed);
}

static inline bool
rc_cas_weak_acq_rel(rc_cell *c, int64_t *want, int64_t v)
{
    RR_GAP();
    return atomic_compare_exchange_weak_explicit(
        &c->v, want, v, memory_order_acq_rel, memory_order_acquire);
}

static inline bool
rc_increment_unless_zero_acquire(rc_cell *c)
{
    RR_GAP();
    int64_t n = atomic_load_explicit(&c->v, memory_order_relaxed);
    while (n != 0) {
        if (atomic_compare_exchange_weak_explicit(
                &c->v, &n, n + 1, memory_order_acquire, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

static inline int64_t
rc_increment_within_acquire(rc_cell *c, int64_t low, int64_t high)
{
    RR_GAP();
    int64_t n = atomic_load_explicit(&c->v, memory_order_relaxed);
    while (low <= n && n < high) {
        if (atomic_compare_exchange_weak_explicit(
                &c->v, &n, n + 1, memory_order_acquire, memory_order_relaxed)) {
            break;
        }
    }
    return n;
}

static inline int64_t
rc_decrement_within_acquire(rc_cell *c, int64_t low, int64_t high)
{
    RR_GAP();
    int64_t n = atomic_load_explicit(&c->v, memory_order_relaxed);
    while (low < n && n <= high) {
        if (atomic_compare_exchange_weak_explicit(
                &c->v, &n, n - 1, memory_order_acquire, memory_order_relaxed)) {
            break;
        }
    }
    return n;
}

/* These pthread functions fail only for a mutex that was never initialised or is not
 * held, which a mode cannot cause, so the status is ignored. */
static inline void
rc_lock(rc_mutex *m)
{
    RR_GAP();
#ifdef RC_WIDENED
    if (pthread_mutex_trylock(&m->os) == 0) {
        return;
    }
#endif
    RR_GAP_BLOCKED();
    (void)pthread_mutex_lock(&m->os);
    RR_GAP_UNBLOCKED();
}

static inline void
rc_unlock(rc_mutex *m)
{
    RR_GAP();
    (void)pthread_mutex_unlock(&m->os);
}

/* Defined in arena/. */
void rr_gil_take(rc_gil *g, const void *me);
void rr_gil_leave(rc_gil *g, const void *me);

/* A loaded library finds a thread-local variable by a call at each use, which costs more
 * than the count.  glibc has room for a few that are found without a call. */
#if defined(__GLIBC__)
#define RC_FOUND_FAST __attribute__((tls_model("initial-exec")))
#else
#define RC_FOUND_FAST
#endif

#ifdef RC_LOADED
/* A mode in a library of its own asks the core (library/library.h). */
const void *rr_this_thread(void);
#else

/* The number + 1 of the domain's thread that runs here; -1: none, and equal to no ob_tid.
 * Set while a thread is in the domain, by the code that lets it in; see
 * arena/threads.h. */
extern _Thread_local int64_t rr_self RC_FOUND_FAST;

/* The same in every translation unit, because one may take the lock and another release
 * it. */
static inline const void *
rr_this_thread(void)
{
    return &rr_self;
}
#endif

static inline void
rc_take_gil(rc_gil *g)
{
    const void *me = rr_this_thread();
    if (atomic_load_explicit(&g->holder, memory_order_relaxed) != me ||
        atomic_load_explicit(&g->is_asked_for, memory_order_relaxed)) {
        RR_GAP_BLOCKED();
        rr_gil_take(g, me);
        RR_GAP_UNBLOCKED();
    }
}

static inline void
rc_leave_gil(rc_gil *g)
{
    rr_gil_leave(g, rr_this_thread());
}

static inline int64_t
rc_load_seq_cst(rc_cell *c)
{
    return atomic_load_explicit(&c->v, memory_order_seq_cst);
}

static inline void
rc_store_seq_cst(rc_cell *c, int64_t v)
{
    atomic_store_explicit(&c->v, v, memory_order_seq_cst);
}

/* ThreadSanitizer does not support fences.  An access of the same cell has the effect
 * that a mode needs: a fence stands next to its accesses of that cell. */
static inline void
rc_fence_release(rc_cell *c)
{
#if defined(__SANITIZE_THREAD__)
    (void)atomic_fetch_add_explicit(&c->v, 0, memory_order_release);
#else
    (void)c;
    atomic_thread_fence(memory_order_release);
#endif
}

static inline void
rc_fence_seq_cst(rc_cell *c)
{
#if defined(__SANITIZE_THREAD__)
    (void)atomic_fetch_add_explicit(&c->v, 0, memory_order_seq_cst);
#else
    (void)c;
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

static inline void
rc_fence_acquire(rc_cell *c)
{
#if defined(__SANITIZE_THREAD__)
    (void)atomic_load_explicit(&c->v, memory_order_acquire);
#else
    (void)c;
    atomic_thread_fence(memory_order_acquire);
#endif
}

static inline int64_t
rc_count_max(const rr_object *o)
{
    (void)o;
    return RC_COUNT_MAX;
}

static inline void
rc_underflowed(const rr_object *o)
{
    (void)o;
}

static inline void
rc_revived(const rr_object *o)
{
    (void)o;
}
/* Returns rr_self.  It is declared const although it reads a variable, because the
 * variable never changes in a function that asks.  The compiler then asks once for a
 * whole run of operations, instead of reading the variable again after each atomic
 * access.  Compilers move CPython's _Py_ThreadId out of loops in the same way. */
int64_t rr_self_asked(void) __attribute__((const));

static inline int64_t
rc_self(rr_object *o)
{
    (void)o;
    return rr_self_asked();
}

/* Defined in arena/: the queues. */
bool rc_queue_push(rr_object *o, int64_t tid);
rr_object *rc_queue_pop(rr_thread *me);
rr_object *rc_queue_pop_or_close(rr_thread *me);
bool rc_queue_take(rr_thread *owner, rr_object *o);
rr_object *rc_queue_pop_or_detach(rr_thread *me);
void rc_attach(rr_thread *me);
bool rc_suspend(rr_thread *owner);
void rc_resume(rr_thread *owner);
bool rc_is_detached(rr_thread *owner);

/* Defined in arena/: the lanes. */
rr_object *rc_lane_next(rr_thread *me, int i);
rr_object *rc_lanes_next(rr_thread *me);
int64_t rc_lanes_take(rr_object *o);
bool rc_all_announced_acquire(rr_thread *me, int64_t v);

/* Defined in arena/, which implements the native free. */
void rr_object_end(rr_object *o);

static inline void
rc_dealloc(rr_object *o)
{
    rr_object_end(o);
}

/* These are accesses too.  Waiting to be resumed counts as waiting for a lock. */
#ifdef RC_WIDENED
#define rc_queue_push(o, tid) (RR_GAP(), rc_queue_push(o, tid))
#define rc_queue_pop(me) (RR_GAP(), rc_queue_pop(me))
#define rc_queue_pop_or_close(me) (RR_GAP(), rc_queue_pop_or_close(me))
#define rc_queue_pop_or_detach(me) (RR_GAP(), rc_queue_pop_or_detach(me))
#define rc_queue_take(owner, o) (RR_GAP(), rc_queue_take(owner, o))
#define rc_is_detached(owner) (RR_GAP(), rc_is_detached(owner))
#define rc_resume(owner) (RR_GAP(), rc_resume(owner))
#define rc_lanes_take(o) (RR_GAP(), rc_lanes_take(o))
#define rc_all_announced_acquire(me, v) (RR_GAP(), rc_all_announced_acquire(me, v))

static inline void
rr_gap_attach(rr_thread *me)
{
    RR_GAP();
    RR_GAP_BLOCKED();
    rc_attach(me);
    RR_GAP_UNBLOCKED();
}

static inline bool
rr_gap_suspend(rr_thread *owner)
{
    RR_GAP();
    RR_GAP_BLOCKED();
    bool is_suspended = rc_suspend(owner);
    RR_GAP_UNBLOCKED();
    return is_suspended;
}

#define rc_attach(me) rr_gap_attach(me)
#define rc_suspend(owner) rr_gap_suspend(owner)
#endif

#endif
