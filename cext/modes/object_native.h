/* object_native.h -- an object as the native backend lays it out.
 *
 * What a mode works on comes first; what lies behind it belongs to the referee, and no
 * mode reads it.
 */
#ifndef RR_OBJECT_NATIVE_H
#define RR_OBJECT_NATIVE_H

#include "base/rr_alloc.h"
#include "mem/rc_mem.h"
#include "modes/catalogue.h"

/* What freed memory holds: a count that no program can drop to zero from, and which can
 * be added up and multiplied by 4 without an overflow. */
#define RR_POISON INT64_C(-0x1111111111111113)

typedef struct rr_domain rr_domain;

/* One thread of a domain.  The queue is guarded by the lock. */
struct rr_thread {
    pthread_mutex_t lock;
    rr_object *queue; /* pushed last, and from there on in `queued_before` */
    bool has_left;    /* nothing is pushed any more */
    /* Whether it counts now (enum rr_attachment), guarded by the lock too; and for whoever
     * waits until it is no longer suspended. */
    int64_t attachment;
    pthread_cond_t is_resumed;

    rr_domain *domain;
    /* Of the thread of the process that has this number: its list of numbers, NULL where the
     * number is free; and its next one.  Guarded by the lock of thread_slots.c, as the mode is. */
    rr_thread **who;
    rr_thread *slot_before;
    uint64_t ident; /* pthread_self of the thread that has the slot */
    const struct rr_mode *mode; /* what it counts in */
    /* Off the line of the lock: read at each operation by the thread itself. */
    _Alignas(RR_CACHE_BYTES) rc_cell announced; /* RR_OFFLINE, or an epoch + 1 */
};

/* What objects that count together share: the lock of global_lock, that of gil, and who
 * counts. */
/* Who is inside an operation, for a collapse, for which all have to stand still.  Guarded by
 * its mutex, which is held for no longer than it takes to change this. */
typedef struct rr_world {
    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    int n_inside;
    bool is_stopped;
} rr_world;

struct rr_domain {
    rc_mutex lock;
    rc_gil gil;
    /* Begins at 0, and goes round. */
    _Alignas(RR_CACHE_BYTES) rc_cell epoch;
    /* Those with lanes, linked by `with_lanes_before`; guarded by the lock. */
    rr_object *with_lanes;
    /* Told of every end of a life, in place of the arena, by the thread that brings it
     * about; NULL: the arena deals with it.  Set before there are other threads. */
    void (*on_end)(rr_object *o);
    rr_world world;
    rr_thread threads[RR_MAX_THREAD_SLOTS];
    int n_threads; /* those whose lock was opened */
    int64_t process; /* whose threads these are: a forked child has the words only */
    _Atomic int n_detached; /* those that have said that they count no more for now */
    _Atomic int n_joined; /* no thread from this number on has ever counted; only grows */
};

struct rr_object {
    /* The mode's part. */
    rc_cell ob_refcnt, ob_ref_shared, ob_tid;
    rc_mutex ob_mutex;

    /* What is read by every operation and hardly ever written is off the line that the
     * threads fight for, or each look would cost a trip of that line. */
    _Alignas(RR_CACHE_BYTES) rr_domain *domain;
    /* The first lane of thread 0, and how far it is to that of the next thread; NULL where
     * the mode has none. */
    rc_cell *lanes;
    int64_t lane_stride;
    int n_lanes;
    /* Ends of life so far: 0 alive, 1 freed, more: freed again.  Written by whoever
     * ends the object's life, read by every thread, both relaxed: a thread that has not
     * seen the end yet is the race that is being shown. */
    _Atomic int64_t deaths;
    /* Lives so far of this slot, the present one included; written by the arena while
     * no other thread is at the object. */
    int64_t generation;
    /* What went wrong first, for whoever runs operations (rr_handle); NULL in races.
     * Written before other threads know the object; what it points to guards itself. */
    struct rr_firsts *firsts;

    /* Where it waits to be seen to, or NULL; guarded by the lock of that thread, but for
     * the look at whether it waits at all. */
    rr_thread *_Atomic queue_of;
    rr_object *queued_before;
    rr_object *with_lanes_before; /* see the domain */
    bool is_with_lanes;

    /* The count that would be true if every operation were atomic: kept by those who
     * run operations (rr_handle), on a line of its own so that keeping it does not
     * disturb the race for ob_refcnt. */
    _Alignas(RR_CACHE_BYTES) _Atomic int64_t ledger;
    /* The ledger when the object was freed first; INT64_MIN before. */
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

/* How far the lanes of the running thread lie behind those of thread 0, in the arena over
 * whose objects it goes round (rr_lanes_go_round); const as rr_self_asked is. */
int64_t rr_lane_offset_asked(void) __attribute__((const));

#ifdef RR_FINDS_ANEW
/* In a loop over many objects each operation has to find these anew, so they are inlined.
 * What does not change from object to object is asked before the loop.
 * pre: a thread of the domain runs, and the object has lanes. */
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
/* The running thread, and its first lane of an object; NULL where there is none.  Defined
 * beside the arena.  Both are const as rr_self_asked is: asked for before a run of
 * operations they cost it nothing, where each store into a lane would make the compiler
 * read again where the lanes are. */
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
