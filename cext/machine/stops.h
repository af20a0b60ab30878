/* stops.h -- stop-the-world: who has asked for it, and who goes no further. */
#ifndef RR_STOPS_H
#define RR_STOPS_H

#include "machine/internal.h"

bool rr_is_world_stopped(const rr_machine *m);
/* Has the thread asked for it, and does it wait for the others? */
bool rr_is_stopping(const rr_machine *m, int thread);
extern const rr_instr rr_look_again; /* the instruction that no program has */
/* Does a step with this operation stop the world? */
bool rr_begins_stop(int32_t op);
/* Is a collection under way, or about to stop the world on another thread? */
bool rr_is_collecting(const rr_machine *m, int thread);
bool rr_is_at_safe_point(const rr_machine *m, int thread);
/* The same, but also where the thread did give way and would not any more. */
bool rr_can_give_way(const rr_machine *m, int thread);
/* Does it go no further until another thread has started the world? */
bool rr_is_held_back(const rr_machine *m, int thread);
bool rr_may_be_interrupted_now(const rr_machine *m, int thread);
rr_progress rr_wait_for_world(rr_machine *m);
bool rr_is_finaliser_in_stop(const rr_machine *m, int thread);
/* One step of the beginning of a stop: it asks (and does not complete), or has stopped it.
 * pre: all other threads are stopped if this thread is stopping. */
rr_progress rr_stop_world(rr_machine *m, int thread);
void rr_start_world(rr_machine *m);
/* One step of the beginning of a `stop_world`, or its end.
 * pre: all other threads are stopped if this thread is stopping. */
rr_progress rr_stop_step(rr_machine *m, int thread, const rr_instr *in, int32_t *frame);

#endif
