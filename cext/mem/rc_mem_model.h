/* rc_mem_model.h -- the contract as steps of the explorer.  Include rc_mem.h instead.
 *
 * An operation runs again from its start at each of its steps.  The accesses it has done
 * return the values that they read then, one more is done for real, and the next one
 * leaves the operation by a long jump.  A mode has nothing to undo.
 *
 * Each access knows its own C text and place, for traces.
 */
#ifndef RC_MEM_H
#error "include mem/rc_mem.h, which chooses the backend"
#endif
#ifndef RC_MEM_MODEL_H
#define RC_MEM_MODEL_H

#include "mem/rc_order.h"

typedef struct rr_machine rr_machine;

enum { RC_NO_OBJECT = -1 };

/* A cell names the word of its value in the machine's present state.  RC_NO_OBJECT: the
 * word is in no object's memory. */
typedef struct rc_cell {
    rr_machine *machine;
    int32_t object, word;
} rc_cell;

/* The word is the holder of the lock: 0 for none, else the thread's number + 1. */
typedef struct rc_mutex {
    rr_machine *machine;
    int32_t object, word; /* RC_NO_OBJECT: its memory is never freed */
} rc_mutex;

/* The word is the last holder: 0 for none, else the thread's number + 1. */
typedef struct rc_gil {
    rr_machine *machine;
    int32_t word;
} rc_gil;

typedef enum rc_access {
    RC_LOAD,
    RC_STORE,
    RC_FETCH_ADD,
    RC_CAS,
    RC_LOCK,
    RC_UNLOCK,
} rc_access;

/* What happens to a thread that pops from an empty queue. */
typedef enum rr_at_empty { RR_STAYS, RR_CLOSES, RR_DETACHES } rr_at_empty;

/* The place of an access in a mode's source. */
typedef struct rc_site {
    const char *text, *file;
    int line;
} rc_site;

/* Defined in machine/. */
int64_t rr_model_load(rc_cell *c, rc_order order, const rc_site *site);
void rr_model_store(rc_cell *c, int64_t v, rc_order order, const rc_site *site);
int64_t rr_model_load_low(rc_cell *c, rc_order order, const rc_site *site);
void rr_model_store_low(rc_cell *c, int64_t v, rc_order order, const rc_site *site);
int64_t rr_model_fetch_add(rc_cell *c, int64_t d, rc_order order, const rc_site *site);
int64_t rr_model_exchange(rc_cell *c, int64_t v, rc_order order, const rc_site *site);
bool rr_model_cas(rc_cell *c, int64_t *want, int64_t v, rc_order order,
                  const rc_site *site);
bool rr_model_cas_weak(rc_cell *c, int64_t *want, int64_t v, rc_order order,
                       const rc_site *site);
bool rr_model_increment_unless_zero(rc_cell *c, rc_order order, const rc_site *site);
int64_t rr_model_add_within(rc_cell *c, int64_t d, int64_t low, int64_t high,
                            rc_order order, const rc_site *site);
void rr_model_fence(rr_machine *m, rc_order order, const rc_site *site);
bool rr_model_queue_push(rr_object *o, int64_t tid, const rc_site *site);
rr_object *rr_model_queue_pop(rr_thread *me, rr_at_empty then, const rc_site *site);
bool rr_model_queue_take(rr_thread *owner, const rr_object *o, const rc_site *site);
void rr_model_attach(rr_thread *me, const rc_site *site);
bool rr_model_suspend(rr_thread *owner, const rc_site *site);
void rr_model_resume(rr_thread *owner, const rc_site *site);
bool rr_model_is_detached(rr_thread *owner, const rc_site *site);
rc_cell *rr_model_lane(rr_object *o, int i);
rr_object *rr_model_lane_next(rr_thread *me, int i, const rc_site *site);
rr_object *rr_model_lanes_next(rr_thread *me, const rc_site *site);
int64_t rr_model_lanes_take(rr_object *o, const rc_site *site);
bool rr_model_all_announced(rr_thread *me, int64_t v, const rc_site *site);
int64_t rr_model_self(const rr_object *o);
void rr_model_lock(rc_mutex *m, const rc_site *site);
void rr_model_unlock(rc_mutex *m, const rc_site *site);
void rr_model_take_gil(rc_gil *g, const rc_site *site);
void rr_model_dealloc(rr_object *o);
int64_t rr_model_count_max(const rr_object *o);
void rr_model_underflowed(const rr_object *o);
void rr_model_revived(const rr_object *o);

/* Two levels, so that the text shows a macro argument expanded. */
#define RC_SITE(text) (&(const rc_site){text, __FILE__, __LINE__})
#define RC_SITE_1(name, c) RC_SITE(name "(" #c ")")
#define RC_SITE_2(name, c, v) RC_SITE(name "(" #c ", " #v ")")
#define RC_SITE_3(name, c, w, v) RC_SITE(name "(" #c ", " #w ", " #v ")")

#define rc_load_relaxed(c) \
    rr_model_load(c, RC_RELAXED, RC_SITE_1("rc_load_relaxed", c))
#define rc_load_acquire(c) \
    rr_model_load(c, RC_ACQUIRE, RC_SITE_1("rc_load_acquire", c))
#define rc_load_low_relaxed(c) \
    rr_model_load_low(c, RC_RELAXED, RC_SITE_1("rc_load_low_relaxed", c))
#define rc_store_low_relaxed(c, v) \
    rr_model_store_low(c, v, RC_RELAXED, RC_SITE_2("rc_store_low_relaxed", c, v))
#define rc_store_relaxed(c, v) \
    rr_model_store(c, v, RC_RELAXED, RC_SITE_2("rc_store_relaxed", c, v))
#define rc_store_release(c, v) \
    rr_model_store(c, v, RC_RELEASE, RC_SITE_2("rc_store_release", c, v))
#define rc_fetch_add_relaxed(c, d) \
    rr_model_fetch_add(c, d, RC_RELAXED, RC_SITE_2("rc_fetch_add_relaxed", c, d))
#define rc_fetch_add_release(c, d) \
    rr_model_fetch_add(c, d, RC_RELEASE, RC_SITE_2("rc_fetch_add_release", c, d))
#define rc_fetch_add_acq_rel(c, d) \
    rr_model_fetch_add(c, d, RC_ACQ_REL, RC_SITE_2("rc_fetch_add_acq_rel", c, d))
#define rc_exchange_acq_rel(c, v) \
    rr_model_exchange(c, v, RC_ACQ_REL, RC_SITE_2("rc_exchange_acq_rel", c, v))
#define rc_cas_acq_rel(c, want, v) \
    rr_model_cas(c, want, v, RC_ACQ_REL, RC_SITE_3("rc_cas_acq_rel", c, want, v))
#define rc_cas_weak_relaxed(c, want, v) \
    rr_model_cas_weak(c, want, v, RC_RELAXED, RC_SITE_3("rc_cas_weak_relaxed", c, want, v))
#define rc_cas_weak_release(c, want, v) \
    rr_model_cas_weak(c, want, v, RC_RELEASE, RC_SITE_3("rc_cas_weak_release", c, want, v))
#define rc_cas_weak_acq_rel(c, want, v) \
    rr_model_cas_weak(c, want, v, RC_ACQ_REL, RC_SITE_3("rc_cas_weak_acq_rel", c, want, v))
#define rc_load_seq_cst(c) \
    rr_model_load(c, RC_SEQ_CST, RC_SITE_1("rc_load_seq_cst", c))
#define rc_store_seq_cst(c, v) \
    rr_model_store(c, v, RC_SEQ_CST, RC_SITE_2("rc_store_seq_cst", c, v))
#define rc_queue_push(o, tid)                                                           \
    rr_model_queue_push(o, tid, RC_SITE_2("rc_queue_push", o, tid))
#define rc_queue_pop(me)                                                                \
    rr_model_queue_pop(me, RR_STAYS, RC_SITE_1("rc_queue_pop", me))
#define rc_queue_pop_or_close(me)                                                       \
    rr_model_queue_pop(me, RR_CLOSES, RC_SITE_1("rc_queue_pop_or_close", me))
#define rc_queue_pop_or_detach(me)                                                      \
    rr_model_queue_pop(me, RR_DETACHES, RC_SITE_1("rc_queue_pop_or_detach", me))
#define rc_queue_take(owner, o)                                                         \
    rr_model_queue_take(owner, o, RC_SITE_2("rc_queue_take", owner, o))
#define rc_attach(me) rr_model_attach(me, RC_SITE_1("rc_attach", me))
#define rc_suspend(owner) rr_model_suspend(owner, RC_SITE_1("rc_suspend", owner))
#define rc_resume(owner) rr_model_resume(owner, RC_SITE_1("rc_resume", owner))
#define rc_is_detached(owner)                                                           \
    rr_model_is_detached(owner, RC_SITE_1("rc_is_detached", owner))
#define rc_lane_next(me, i) rr_model_lane_next(me, i, RC_SITE_2("rc_lane_next", me, i))
#define rc_lanes_next(me) rr_model_lanes_next(me, RC_SITE_1("rc_lanes_next", me))
#define rc_lanes_take(o) rr_model_lanes_take(o, RC_SITE_1("rc_lanes_take", o))
#define rc_all_announced_acquire(me, v)                                                 \
    rr_model_all_announced(me, v, RC_SITE_2("rc_all_announced_acquire", me, v))
#define rc_increment_unless_zero_acquire(c)                                             \
    rr_model_increment_unless_zero(c, RC_ACQUIRE, RC_SITE_1("rc_increment_unless_zero_acquire", c))
#define rc_increment_within_acquire(c, low, high)                                       \
    rr_model_add_within(c, 1, low, (high) - 1, RC_ACQUIRE, \
                        RC_SITE_3("rc_increment_within_acquire", c, low, high))
#define rc_decrement_within_acquire(c, low, high)                                       \
    rr_model_add_within(c, -1, (low) + 1, high, RC_ACQUIRE, \
                        RC_SITE_3("rc_decrement_within_acquire", c, low, high))
#define rc_lock(m) rr_model_lock(m, RC_SITE_1("rc_lock", m))
#define rc_take_gil(g) rr_model_take_gil(g, RC_SITE_1("rc_take_gil", g))
#define rc_unlock(m) rr_model_unlock(m, RC_SITE_1("rc_unlock", m))

/* Not steps: they act together with an access; under sequential consistency they do
 * nothing. */
#define rc_fence_acquire(c)                                                             \
    rr_model_fence((c)->machine, RC_ACQUIRE, RC_SITE_1("rc_fence_acquire", c))
#define rc_fence_release(c)                                                             \
    rr_model_fence((c)->machine, RC_RELEASE, RC_SITE_1("rc_fence_release", c))
#define rc_fence_seq_cst(c)                                                             \
    rr_model_fence((c)->machine, RC_SEQ_CST, RC_SITE_1("rc_fence_seq_cst", c))

/* A thread outside an operation has released it to any thread that wants it. */
static inline void
rc_leave_gil(rc_gil *g)
{
    (void)g;
}

static inline int64_t
rc_count_max(const rr_object *o)
{
    return rr_model_count_max(o);
}

static inline int64_t
rc_self(rr_object *o)
{
    return rr_model_self(o);
}

static inline void
rc_underflowed(const rr_object *o)
{
    rr_model_underflowed(o);
}

static inline void
rc_revived(const rr_object *o)
{
    rr_model_revived(o);
}

static inline void
rc_dealloc(rr_object *o)
{
    rr_model_dealloc(o);
}

#endif
