/* threads.h -- the threads of a domain, by number. */
#ifndef RR_THREADS_H
#define RR_THREADS_H

#include <stdbool.h>

#include "modes/native_modes.h"

int rr_domain_open(rr_domain **out);
/* Does nothing in a forked child: threads that the child does not have may hold the
 * domain's locks, or wait for its threads. */
void rr_domain_close(rr_domain *domain);
bool rr_domain_is_of_this_process(const rr_domain *domain);

/* kept_lock.c: the domain's lock that threads keep between operations. */
int rr_gil_open(rc_gil *g);
void rr_gil_close(rc_gil *g);

/* stop_world.c: threads enter and leave only while the world is not stopped. */
int rr_world_open(rr_world *w);
void rr_world_close(rr_world *w);
void rr_world_enter(rr_world *w);
void rr_world_leave(rr_world *w);
/* Returns when no thread is inside.  None enters until rr_world_go_on.  pre: not
 * inside. */
void rr_world_stop(rr_world *w);
void rr_world_go_on(rr_world *w);

/* From here on this thread counts as number `thread` of whatever domain it counts in.
 * Returns the value for rr_threads_become that restores its previous number. */
static inline int64_t
rr_threads_enter(int thread)
{
    int64_t before = rr_self;
    rr_self = thread + 1;
    return before;
}

static inline void
rr_threads_become(int64_t before)
{
    rr_self = before;
}

/* thread_slots.c.  The number of this thread in the domain, the same at each call until
 * it ends; -1: all RR_MAX_THREAD_SLOTS are taken.  All callers count in one mode.  When
 * this thread ends, it settles what the mode has deferred.  A later thread may get its
 * number, and what it owned.
 */
int rr_threads_slot(rr_domain *domain, const rr_mode *mode);
/* No thread has a number there any more, or settles anything.  pre: no thread is
 * inside. */
void rr_threads_vacate(rr_domain *domain);

/* The thread of that number takes part from here on, until it leaves.  Code that waits
 * for all threads waits for it too.  pre: it is this thread, or no thread counts. */
void rr_threads_join(rr_domain *domain, const rr_mode *mode, int thread);

/* Does the mode's work at quiescent points of a thread until none is left; returns how
 * much that was.  pre: the thread is this one, or in no operation and kept out of any. */
int64_t rr_threads_quiesce(rr_domain *domain, const rr_mode *mode, int thread);

/* Does the mode's work at the end of a thread.  pre: as for a quiescent point. */
void rr_threads_leave(rr_domain *domain, const rr_mode *mode, int thread);

/* Does the mode's work before a thread detaches, and detaches it; and attaches it again.
 * pre: as for a quiescent point, and the thread is not in that state already. */
void rr_threads_detach(rr_domain *domain, const rr_mode *mode, int thread);
void rr_threads_attach(rr_domain *domain, const rr_mode *mode, int thread);
bool rr_threads_is_detached(rr_domain *domain, int thread);

/* Does the mode's work for when all threads have left or are stopped; returns how much
 * that was.  The thread is this one, or kept out of any operation. */
int64_t rr_threads_collapse(rr_domain *domain, const rr_mode *mode, int thread);

/* ---- for code that sets up a state: pre: no thread counts the object ------------- */

/* Puts an object into the queue of a thread, closed or not, behind its present content,
 * and removes it from any other; `tid` is as in ob_tid, 0: no queue. */
void rr_threads_put_in_queue(rr_object *o, int64_t tid);
/* The thread whose queue holds it, as in ob_tid. */
int64_t rr_threads_queue_of(rr_object *o);

/* Sets whether pushes to a thread's queue fail. */
void rr_threads_set_closed(rr_domain *domain, int thread, bool is_closed);
bool rr_threads_is_closed(rr_domain *domain, int thread);

/* Sets whether a thread is detached.  pre: it is not suspended. */
void rr_threads_set_detached(rr_domain *domain, int thread, bool is_detached);

/* Removes an object from any queue.  pre: no thread counts it. */
void rr_threads_forget(rr_object *o);

/* lanes.c.  Sets its lanes to 0 and lists it for searches, until it is freed or
 * forgotten.  pre: it has lanes, and no thread counts it. */
void rr_lanes_begin(rr_object *o);
/* The same, but keeps its lanes' values; searches find it before the others. */
void rr_lanes_list(rr_object *o);
void rr_lanes_forget(rr_object *o);
/* The sum of all lanes of all threads. */
int64_t rr_lanes_sum(const rr_object *o);

#endif
