/* rc_mem.h -- the contract: the instruction set that refcount modes are written in.
 *
 * A mode touches shared memory through these operations and through nothing else.
 * Each one is ONE indivisible step.  One mode source, two backends:
 *
 *   RC_NATIVE   C11 atomics, inlined          rc_mem_native.h
 *   RC_MODEL    a step of the explorer each   rc_mem_model.h
 *
 * RC_WIDENED is RC_NATIVE with a gap before each access but an operation's first
 * (rr_gap.h).
 *
 * The memory order is part of the name, so that a mode's orders can be read, and
 * grepped, without following arguments.  The model runs steps in sequentially
 * consistent order and ignores it: a missing acquire cannot be found there.
 *
 *   int64_t rc_load_relaxed(rc_cell *c)
 *   int64_t rc_load_acquire(rc_cell *c)
 *   int64_t rc_load_low_relaxed(rc_cell *c)                the low RC_LOW_BITS of it
 *   void    rc_store_relaxed(rc_cell *c, int64_t v)
 *   void    rc_store_low_relaxed(rc_cell *c, int64_t v)
 *                              replaces the low RC_LOW_BITS, and nothing above them
 *   void    rc_store_release(rc_cell *c, int64_t v)
 *   int64_t rc_fetch_add_relaxed(rc_cell *c, int64_t d)     returns the OLD value
 *   int64_t rc_fetch_add_release(rc_cell *c, int64_t d)     returns the OLD value
 *   int64_t rc_fetch_add_acq_rel(rc_cell *c, int64_t d)     returns the OLD value
 *   int64_t rc_exchange_acq_rel(rc_cell *c, int64_t v)      returns the OLD value
 *   bool    rc_cas_acq_rel(rc_cell *c, int64_t *want, int64_t v)
 *                              on failure *want becomes the value seen
 *   bool    rc_cas_weak_relaxed(rc_cell *c, int64_t *want, int64_t v)
 *   bool    rc_cas_weak_release(rc_cell *c, int64_t *want, int64_t v)
 *                              for a loop that tries again with the value seen: each
 *                              attempt is a step, and one that failed leaves the
 *                              operation as if the access before it, a load, had given
 *                              that value.  So nothing else may depend on that load
 *   bool    rc_cas_weak_acq_rel(rc_cell *c, int64_t *want, int64_t v)
 *   bool    rc_increment_unless_zero_acquire(rc_cell *c)
 *                              a compare-and-swap loop; one step, because an attempt
 *                              that fails changes nothing
 *   int64_t rc_increment_within_acquire(rc_cell *c, int64_t low, int64_t high)
 *                              the same for a value from low to high - 1; returns the
 *                              OLD value, which says whether it was one
 *   int64_t rc_decrement_within_acquire(rc_cell *c, int64_t low, int64_t high)
 *                              downwards, for a value from low + 1 to high
 *   void    rc_lock(rc_mutex *m)      waits; never a spin in a mode
 *   void    rc_unlock(rc_mutex *m)
 *   void    rc_take_gil(rc_gil *g)
 *                              waits until this thread has the lock that threads keep
 *                              between operations; the first of an operation, and no
 *                              step where it has it already
 *
 *   bool    rc_queue_push(rr_object *o, int64_t tid)
 *                              hand o to the queue of a thread, at most once at a time;
 *                              false: that thread takes part no more.  What is pushed
 *                              is visible to who pops it
 *   rr_object *rc_queue_pop(rr_thread *me)
 *                              what was pushed last and not popped yet; NULL: nothing
 *   rr_object *rc_queue_pop_or_close(rr_thread *me)
 *                              the same; where there is nothing, no push succeeds any
 *                              more
 *   bool    rc_queue_take(rr_thread *owner, rr_object *o)
 *                              take o out of a thread's queue; false: it is not in there.
 *                              Of o itself nothing is read
 *
 * A thread that does not count for a while, as where it waits for input, is detached; then
 * another can suspend it, so that it does not come back before it is resumed:
 *
 *   rr_object *rc_queue_pop_or_detach(rr_thread *me)
 *                              as rc_queue_pop; where there is nothing, this thread is
 *                              detached
 *   void    rc_attach(rr_thread *me)
 *                              waits while another has this thread suspended
 *   bool    rc_suspend(rr_thread *owner)
 *                              waits while another has it suspended; false: it is
 *                              attached, and is left so.  Where it is suspended, what that
 *                              thread did before it was detached is visible, and what is
 *                              done until rc_resume is visible to it when it is back
 *   void    rc_resume(rr_thread *owner)
 *   bool    rc_is_detached(rr_thread *owner)
 *                              a look, and no more: nothing keeps it so
 *
 * A lane is a word that a thread has for an object, plain, since only that thread writes
 * it: rr_lane(o, i) of an object.h is the running thread's.  It lives as long as the
 * object.  To look for lanes that are not 0:
 *
 *   rr_object *rc_lane_next(rr_thread *me, int i)
 *                              an object whose lane i of this thread, or RR_ANY_LANE, is
 *                              not 0; NULL: none
 *   rr_object *rc_lanes_next(rr_thread *me)
 *                              the same, any lane of any thread
 *   int64_t rc_lanes_take(rr_object *o)
 *                              the sum of all lanes of all threads, which are 0 then.  One
 *                              step, since it is only for when no other thread counts
 *   bool    rc_all_announced_acquire(rr_thread *me, int64_t v)
 *                              does every thread that takes part announce v?  One step,
 *                              because a thread that announces v goes on to, until this
 *                              one has done something about it
 *
 * Not steps, since they touch no shared cell:
 *
 *   int64_t rc_self(rr_object *o)
 *                              the running thread, as ob_tid names it: its number + 1.
 *                              Not in a function that lets a thread in or out, since it
 *                              may be asked once for all of a function
 *   void    rc_fence_acquire(rc_cell *c)
 *                              what was released to c before is visible after
 *   void    rc_leave_gil(rc_gil *g)
 *                              this thread counts no more for now; not in an operation
 *   int64_t rc_count_max(rr_object *o)
 *                              the largest count that o's word is meant to hold:
 *                              RC_COUNT_MAX, or less by `max n` of a program
 *   void    rc_underflowed(rr_object *o)
 *   void    rc_revived(rr_object *o)
 *                              the operation sees that it has dropped a reference that
 *                              was not there, or counted an object that is dead, and
 *                              can do nothing about it: for words that do not show it.
 *                              The explorer ends the run; natively it is nothing
 *   void    rc_dealloc(rr_object *o)
 *                              the object's life ends; the last act of an operation.
 *                              Where a broken one goes on, the memory is gone at once
 *
 * pre: every cell and mutex lies in an object of a live arena.
 *
 * What a mode promises in return: no static variables, no allocation, no clock, no
 * random numbers, no branching on addresses, no #ifdef.  An operation is then a pure
 * function of what it has read, which is what the explorer builds on.
 */
#ifndef RC_MEM_H
#define RC_MEM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rr_object rr_object;
typedef struct rr_thread rr_thread;

/* Whether a thread counts.  It detaches and attaches itself; from one that is detached
 * others make a suspended one, and back. */
typedef enum rr_attachment { RR_ATTACHED, RR_DETACHED, RR_SUSPENDED } rr_attachment;

/* The larger half of a signed word that fits into those of the model too; the same in
 * both backends, so that they agree. */
#define RC_COUNT_MAX ((INT64_C(1) << 29) - 1)

/* What the part of a word is that can be read and written alone. */
#define RC_LOW_BITS 28
#define RC_LOW_MASK ((INT64_C(1) << RC_LOW_BITS) - 1)

#if defined RC_WIDENED && !defined RC_NATIVE
#define RC_NATIVE
#endif

#if defined RC_NATIVE && !defined RC_MODEL
#include "mem/rc_mem_native.h"
#elif defined RC_MODEL && !defined RC_NATIVE
#include "mem/rc_mem_model.h"
#else
#error "choose one backend: define RC_NATIVE or RC_MODEL"
#endif

#endif
