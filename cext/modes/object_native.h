/* object_native.h -- the layout of an object in the native backend.
 *
 * The fields that a mode uses come first.  The fields behind them belong to the referee,
 * and no mode reads them.
 */
#ifndef RR_OBJECT_NATIVE_H
#define RR_OBJECT_NATIVE_H

#include "base/rr_alloc.h"
#include "mem/rc_mem.h"

/* The content of freed memory.  No program can count down to zero from this value, and it
 * can be added to and multiplied by 4 without an overflow. */
#define RR_POISON INT64_C(-0x1111111111111113)

/* The threads that a mode can distinguish natively: those of a race, and its referee. */
enum { RR_MAX_THREAD_SLOTS = 65 };

typedef struct rr_domain rr_domain;

/* One thread of a domain.  The lock guards the queue. */
struct rr_thread {
    pthread_mutex_t lock;
    rr_object *queue; /* the last pushed; the next ones through `queued_before` */
    bool has_left;    /* no push succeeds any more */
    /* Whether the thread counts now (enum rr_attachment), also guarded by the lock.  The
     * condition is for threads that wait until it is no longer suspended. */
    int64_t attachment;
    pthread_cond_t is_resumed;

    rr_domain *domain;
    /* For the thread of the process that has this slot: its list of slots (NULL if the
     * slot is free), and the next one.  Guarded by the lock of thread_slots.c, as is
     * `mode`. */
    rr_thread **who;
    rr_thread *slot_before;
    uint64_t ident; /* pthread_self of the thread that has the slot */
    const struct rr_mode *mode; /* the mode that it counts in */
    /* Not on the lock's cache line: the thread itself reads it at each operation. */
    _Alignas(RR_CACHE_BYTES) rc_cell announced; /* RR_OFFLINE, or an epoch + 1 */
};

/* Which threads are inside an operation, for a collapse, which needs all of them stopped.
 * Guarded by its mutex, which is held only to change these fields. */
typedef struct rr_world {
    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    int n_inside;
    bool is_stopped;
} rr_world;

/* What objects that count together share: the lock of global_lock, that of gil, and the
 * threads that count. */
struct rr_domain {
    rc_mutex lock;
    rc_gil gil;
    /* Starts at 0 and wraps around. */
    _Alignas(RR_CACHE_BYTES) rc_cell epoch;
    /* The objects with lanes, linked by `with_lanes_before`; guarded by the lock. */
    rr_object *with_lanes;
    /* Called by the freeing thread whenever an object is freed, instead of the arena.
     * NULL: the arena handles it.  Set before there are other threads. */
    void (*on_end)(rr_object *o);
    rr_world world;
    rr_thread threads[RR_MAX_THREAD_SLOTS];
    int n_threads; /* those whose lock is initialised */
    int64_t process; /* the owner of these threads: a forked child has only the memory */
    _Atomic int n_detached; /* threads that are detached */
    _Atomic int n_joined; /* no thread from this number on has ever counted; only grows */
};

struct rr_object {
    /* The fields of the mode. */
    rc_cell ob_refcnt, ob_ref_shared, ob_tid;
    rc_mutex ob_mutex;

    /* Every operation reads these fields, and hardly any writes them.  They are not on
     * the contended cache line, because each read would fetch that line again. */
    _Alignas(RR_CACHE_BYTES) rr_domain *domain;
    /* The first lane of thread 0, and the distance to that of the next thread; NULL if
     * the mode has none. */
    rc_cell *lanes;
    int64_t lane_stride;
    int n_lanes;
    /* How often the object was freed: 0 alive, 1 freed, more: freed again.  The thread
     * that frees writes it and every thread reads it, both relaxed: a thread that has not
     * seen the free yet is the race to be shown. */
    _Atomic int64_t deaths;
    /* How often this slot has been used, including now; the arena writes it while no
     * other thread uses the object. */
    int64_t generation;
    /* The first errors, for code that runs single operations (rr_handle); NULL in races.
     * Written before other threads know the object; what it points to has its own
     * lock. */
    struct rr_firsts *firsts;

    /* The thread whose queue holds this object, or NULL; guarded by that thread's lock,
     * except for the check whether it is queued at all. */
    rr_thread *_Atomic queue_of;
    rr_object *queued_before;
    rr_object *with_lanes_before; /* see the domain */
    bool is_with_lanes;

    /* The count that would be exact if every operation were atomic.  Code that runs
     * single operations (rr_handle) updates it, on a cache line of its own, so that this
     * does not disturb the race for ob_refcnt. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t ledger;
    /* The ledger when the object was first freed; INT64_MIN before. */
    _Atomic int64_t ledger_at_end;
};

static inline rc_mutex *
rr_global_mutex(rr_object *o)
{
    return &o->domain->lock;
}

static inline rc_gil *
rr_global_gil(rr_object *o)
{
    return &o->domain->gil;
}

static inline rc_cell *
rr_lane_of(const rr_object *o, int64_t thread, int i)
{
    return o->lanes + thread * o->lane_stride + i;
}

/* The distance of the running thread's lanes from those of thread 0, in the arena whose
 * objects it loops over (rr_lanes_go_round); const as rr_self_asked is. */
int64_t rr_lane_offset_asked(void) __attribute__((const));

#ifdef RR_FINDS_ANEW
/* In a loop over many objects each operation must look these up again, so they are
 * inlined.  The loop looks up in advance what is the same for all objects.  pre: a thread
 * of the domain runs, and the object has lanes. */
static inline rr_thread *
rr_me_asked(const rr_object *o)
{
    return &o->domain->threads[rr_self_asked() - 1];
}

static inline rc_cell *
rr_lanes_asked(const rr_object *o)
{
    return o->lanes + rr_lane_offset_asked();
}
#else
/* The running thread, and its first lane of an object; NULL if there is none.  Defined in
 * arena/.  Both are const as rr_self_asked is, so that a run of operations looks them up
 * only once.  Otherwise each store into a lane would make the compiler read the lanes'
 * address again. */
rr_thread *rr_me_asked(const rr_object *o) __attribute__((const));
rc_cell *rr_lanes_asked(const rr_object *o) __attribute__((const));
#endif

static inline rr_thread *
rr_me(rr_object *o)
{
    return rr_me_asked(o);
}

static inline rr_thread *
rr_thread_of(rr_object *o, int64_t tid)
{
    return &o->domain->threads[tid - 1];
}

static inline rc_cell *
rr_lane(rr_object *o, int i)
{
    return rr_lanes_asked(o) + i;
}

static inline rc_cell *
rr_announced(rr_thread *me)
{
    return &me->announced;
}

static inline rc_cell *
rr_epoch(rr_thread *me)
{
    return &me->domain->epoch;
}

static inline bool
rr_object_is_freed(rr_object *o)
{
    return atomic_load_explicit(&o->deaths, memory_order_relaxed) != 0;
}

#endif
