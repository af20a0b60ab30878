/* threads.h -- who counts: the threads of a domain, by number. */
#ifndef RR_THREADS_H
#define RR_THREADS_H

#include <stdbool.h>

#include "modes/native_modes.h"

int rr_domain_open(rr_domain **out);
/* In a forked child this does nothing: the domain's locks may be held, and its threads
 * waited for, by threads that the child has not got. */
void rr_domain_close(rr_domain *domain);
bool rr_domain_is_of_this_process(const rr_domain *domain);

/* kept_lock.c: the domain's lock that threads keep. */
int rr_gil_open(rc_gil *g);
void rr_gil_close(rc_gil *g);

/* stop_world.c: threads that come in, and go out again, do so between two stops. */
int rr_world_open(rr_world *w);
void rr_world_close(rr_world *w);
void rr_world_enter(rr_world *w);
void rr_world_leave(rr_world *w);
/* Returns when nobody is inside; until it goes on, nobody comes in.  pre: not inside. */
void rr_world_stop(rr_world *w);
void rr_world_go_on(rr_world *w);

/* From here on this thread counts as number `thread` of whatever domain it counts in.
 * Gives what to hand to rr_threads_become later, to be who it was before. */
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

/* thread_slots.c.
 * The number of this thread in the domain, the same at each call until it ends; -1: there
 * are RR_MAX_THREAD_SLOTS others already.  All who ask count in one mode; when this thread ends, it
 * settles what the mode has put off.  A later thread may get its number, and what it owned.
 */
int rr_threads_slot(rr_domain *domain, const rr_mode *mode);
/* Nobody has a number there any more, nor settles anything.  pre: nobody is inside. */
void rr_threads_vacate(rr_domain *domain);

/* The thread of that number takes part from here on, until it leaves: whoever waits for
 * all threads waits for it too.  pre: it is this one, or nobody counts. */
void rr_threads_join(rr_domain *domain, const rr_mode *mode, int thread);

/* Do what the mode has to do at quiescent points of a thread, until there is nothing
 * left; tells how much that was.
 * pre: the thread is this one, or in no operation and kept out of any. */
int64_t rr_threads_quiesce(rr_domain *domain, const rr_mode *mode, int thread);

/* Do what the mode has to do at the end of a thread.  pre: as for a quiescent point. */
void rr_threads_leave(rr_domain *domain, const rr_mode *mode, int thread);

/* The thread counts no more until it attaches, and has done what the mode does before; it
 * counts again.  pre: as for a quiescent point, and it does neither twice. */
void rr_threads_detach(rr_domain *domain, const rr_mode *mode, int thread);
void rr_threads_attach(rr_domain *domain, const rr_mode *mode, int thread);
bool rr_threads_is_detached(rr_domain *domain, int thread);

/* Do what the mode does when all threads have left, or stand still until this is over;
 * tells how much that was.  The thread is this one, or kept out of any operation. */
int64_t rr_threads_collapse(rr_domain *domain, const rr_mode *mode, int thread);

/* ---- for whoever lays a scene: pre: nobody counts the object --------------------- */

/* Put an object into the queue of a thread, closed or not, behind what is in there, and
 * out of any other; `tid` as ob_tid names it, 0: into none. */
void rr_threads_put_in_queue(rr_object *o, int64_t tid);
/* In whose queue it is, likewise. */
int64_t rr_threads_queue_of(rr_object *o);

/* Is nothing pushed any more for a thread? */
void rr_threads_set_closed(rr_domain *domain, int thread, bool is_closed);
bool rr_threads_is_closed(rr_domain *domain, int thread);

/* Is a thread not counting?  pre: it is not suspended. */
void rr_threads_set_detached(rr_domain *domain, int thread, bool is_detached);

/* Take an object out of whatever queue it is in.  pre: nobody counts it. */
void rr_threads_forget(rr_object *o);

/* lanes.c.  From here on its lanes are 0, and looked through; until it is freed, or
 * forgotten.  pre: it has lanes, and nobody counts it. */
void rr_lanes_begin(rr_object *o);
/* The same with the lanes that it has; looked at before the others. */
void rr_lanes_list(rr_object *o);
void rr_lanes_forget(rr_object *o);
/* What all lanes of all threads hold. */
int64_t rr_lanes_sum(const rr_object *o);

#endif
