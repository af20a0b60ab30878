/* own_step.h -- is a thread's next step on things that no other thread can reach?
 *
 * Such a step, unless it ends the run, its thread or a wait of another thread, commutes
 * with every step that the other threads can take until its thread goes on, and none of
 * them can prevent it or observe it.  See explore/reduced.h for what follows from that.
 *
 * What is not known to be so is not a thread's own: a new instruction is not until this
 * file says that it is.
 */
#ifndef RR_OWN_STEP_H
#define RR_OWN_STEP_H

#include "machine/machine.h"

/* The threads that name a thing anywhere in their code, one bit each. */
typedef uint64_t rr_users;

typedef struct rr_own {
    bool is_off;          /* no step is known to be a thread's own */
    bool counts_in_words; /* an operation of the mode uses nothing but the object's words */
    rr_users *cell_users, *lock_users, *container_users;
    rr_users *body_users; /* of each body: the threads that may run it */
    bool *is_open;        /* of each named object: does the code itself lead to it? */
    /* Of each object: can a thread other than `thread` reach it in the present state? */
    bool *is_reached;
    int32_t *reached;
    int32_t n_reached;
} rr_own;

/* RR_OK or RR_ENOMEM. */
int rr_own_open(const rr_machine *m, rr_own *out);
void rr_own_close(rr_own *own);

/* Judges the next step of a thread in the machine's state.  It is one step (RR_STEP), not
 * a choice.  The caller looks at what the step then does: see rr_own_step_passed. */
bool rr_is_own_step(rr_own *own, rr_machine *m, int thread);

/* After such a step: did it change nothing that others wait for?  It has not ended its
 * thread, given up the GIL or found something that does not end the run. */
bool rr_own_step_passed(const rr_machine *m, int thread, const int32_t *before);

#endif
