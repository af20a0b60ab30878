/* rc_mem.h -- the contract: the instruction set that refcount modes are written in.
 *
 * A mode accesses shared memory only through these operations.
 * Each one is ONE indivisible step.  One mode source, two backends:
 *
 *   RC_NATIVE   C11 atomics, inlined          rc_mem_native.h
 *   RC_MODEL    a step of the explorer each   rc_mem_model.h
 *
 * RC_WIDENED is RC_NATIVE with a gap before each access except the first of an operation
 * (rr_gap.h).
 *
 * The memory order is part of the name, so that a mode's orders can be read, and
 * grepped, without following arguments.  The model ignores it under sequential
 * consistency and obeys it under C11 (machine/weak.h).
 *
 *   int64_t rc_load_relaxed(rc_cell *c)
 *   int64_t rc_load_acquire(rc_cell *c)
 *   int64_t rc_load_seq_cst(rc_cell *c)
 *   int64_t rc_load_low_relaxed(rc_cell *c)                its low RC_LOW_BITS
 *   void    rc_store_relaxed(rc_cell *c, int64_t v)
 *   void    rc_store_low_relaxed(rc_cell *c, int64_t v)
 *                              replaces only the low RC_LOW_BITS
 *   void    rc_store_release(rc_cell *c, int64_t v)
 *   void    rc_store_seq_cst(rc_cell *c, int64_t v)
 *   int64_t rc_fetch_add_relaxed(rc_cell *c, int64_t d)     returns the OLD value
 *   int64_t rc_fetch_add_release(rc_cell *c, int64_t d)     returns the OLD value
 *   int64_t rc_fetch_add_acq_rel(rc_cell *c, int64_t d)     returns the OLD value
 *   int64_t rc_exchange_acq_rel(rc_cell *c, int64_t v)      returns the OLD value
 *   bool    rc_cas_acq_rel(rc_cell *c, int64_t *want, int64_t v)
 *                              on failure *want becomes the value seen
 *   bool    rc_cas_weak_relaxed(rc_cell *c, int64_t *want, int64_t v)
 *   bool    rc_cas_weak_release(rc_cell *c, int64_t *want, int64_t v)
 *                              for a loop that retries with the value seen: each attempt
 *                              is a step.  A failed attempt leaves the operation as if
 *                              the access before it, a load, had returned that value.
 *                              So nothing else may depend on that load
 *   bool    rc_cas_weak_acq_rel(rc_cell *c, int64_t *want, int64_t v)
 *   bool    rc_increment_unless_zero_acquire(rc_cell *c)
 *                              a compare-and-swap loop; one step, because a failed
 *                              attempt changes nothing
 *   int64_t rc_increment_within_acquire(rc_cell *c, int64_t low, int64_t high)
 *                              the same for a value from low to high - 1; returns the
 *                              OLD value, which shows whether it was in that range
 *   int64_t rc_decrement_within_acquire(rc_cell *c, int64_t low, int64_t high)
 *                              the same downwards, for a value from low + 1 to high
 *   void    rc_lock(rc_mutex *m)      blocks; a mode never spins
 *   void    rc_unlock(rc_mutex *m)
 *   void    rc_take_gil(rc_gil *g)
 *                              waits until this thread has the lock that threads keep
 *                              between operations; the first access of an operation, and
 *                              no step if the thread has the lock already
 *
 *   bool    rc_queue_push(rr_object *o, int64_t tid)
 *                              adds o to the queue of a thread, at most once at a time;
 *                              false: that thread has left.  What was written before the
 *                              push is visible after the pop
 *   rr_object *rc_queue_pop(rr_thread *me)
 *                              the last object pushed and not popped yet; NULL: none
 *   rr_object *rc_queue_pop_or_close(rr_thread *me)
 *                              the same; if the queue is empty, no push succeeds any
 *                              more
 *   bool    rc_queue_take(rr_thread *owner, rr_object *o)
 *                              removes o from a thread's queue; false: it is not there.
 *                              Reads nothing of o itself
 *
 * A thread that does not count for a while, for example while it waits for input, is
 * detached.  Another thread can then suspend it, so that it cannot attach until resumed:
 *
 *   rr_object *rc_queue_pop_or_detach(rr_thread *me)
 *                              as rc_queue_pop; if the queue is empty, this thread is
 *                              detached
 *   void    rc_attach(rr_thread *me)
 *                              waits while this thread is suspended
 *   bool    rc_suspend(rr_thread *owner)
 *                              waits while another thread has it suspended; false: it is
 *                              attached, and stays so.  True: what that thread did before
 *                              it detached is visible here, and what is done until
 *                              rc_resume is visible to it once it attaches
 *   void    rc_resume(rr_thread *owner)
 *   bool    rc_is_detached(rr_thread *owner)
 *                              only a look: the thread may attach at any time
 *
 * A lane is one word per thread and object.  Its accesses are relaxed, since only its own
 * thread writes it.  rr_lane(o, i) of object.h is the running thread's.  A lane lives
 * as long as the object.  To look for lanes that are not 0:
 *
 *   rr_object *rc_lane_next(rr_thread *me, int i)
 *                              an object whose lane i of this thread, or RR_ANY_LANE, is
 *                              not 0; NULL: none
 *   rr_object *rc_lanes_next(rr_thread *me)
 *                              the same, any lane of any thread
 *   int64_t rc_lanes_take(rr_object *o)
 *                              returns the sum of all lanes of all threads and sets them
 *                              to 0.  One step, since no other thread counts meanwhile
 *   bool    rc_all_announced_acquire(rr_thread *me, int64_t v)
 *                              does every participating thread announce v?  One step,
 *                              because a thread that announces v keeps doing so until
 *                              this thread advances the epoch
 *
 * Not steps, since they access no shared cell:
 *
 *   int64_t rc_self(rr_object *o)
 *                              the running thread, as ob_tid names it: its number + 1.
 *                              Not in a function that lets a thread enter or leave,
 *                              since the compiler may ask only once per function
 *   void    rc_fence_acquire(rc_cell *c)
 *                              what was released to c before is visible after
 *   void    rc_fence_release(rc_cell *c)
 *                              a later store to c releases what was done before
 *   void    rc_fence_seq_cst(rc_cell *c)
 *                              both, in one order of all such fences
 *   void    rc_leave_gil(rc_gil *g)
 *                              this thread stops counting for now; not in an operation
 *   int64_t rc_count_max(rr_object *o)
 *                              the largest count that o's word is meant to hold:
 *                              RC_COUNT_MAX, or less with `max n` of a program
 *   void    rc_underflowed(rr_object *o)
 *   void    rc_revived(rr_object *o)
 *                              the operation sees that it has dropped a reference that
 *                              did not exist, or counted a dead object, and cannot
 *                              prevent it: for modes whose words do not show it.  The
 *                              explorer ends the run; natively nothing happens
 *   void    rc_dealloc(rr_object *o)
 *                              frees the object; the last act of an operation.  If a
 *                              broken mode goes on, the memory is gone at once
 *
 * pre: every cell and mutex lies in an object of a live arena.
 *
 * What a mode promises in return: no static variables, no allocation, no clock, no
 * random numbers, no branching on addresses, no #ifdef.  An operation is then a pure
 * function of what it has read, and the explorer relies on that.
 */
#ifndef RC_MEM_H
#define RC_MEM_H

#include <stdbool.h>
#include <stdint.h>

/* The version of this contract, a plain number.  It grows whenever a mode that was compiled
 * for the previous one could not run: a changed step, rr_mode, rr_object or card. */
#define RC_MEM_VERSION 4

typedef struct rr_object rr_object;
typedef struct rr_thread rr_thread;

/* Whether a thread counts.  Only the thread itself detaches and attaches; other threads
 * suspend a detached thread and resume it. */
typedef enum rr_attachment { RR_ATTACHED, RR_DETACHED, RR_SUSPENDED } rr_attachment;

/* The larger half of a signed word that also fits into the model's words; the same in
 * both backends, so that they agree. */
#define RC_COUNT_MAX ((INT64_C(1) << 29) - 1)

/* The width of the low part of a word, which can be read and written separately. */
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
