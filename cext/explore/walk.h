/* walk.h -- one run of a program, one choice at a time: for replays and samples.
 *
 * A code (rr_code_of) names a choice.
 */
#ifndef RR_WALK_H
#define RR_WALK_H

#include "machine/machine.h"

enum { RR_MAX_CHOICES = RR_N_CHOICES * (RR_WEAK_THREADS + 1) };
_Static_assert((int)RR_MAX_CHOICES >= (RR_N_BRANCHES - 1 + RR_MAX_INTERRUPTS) *
                                          (RR_MAX_PROGRAM_THREADS + 1),
               "there is room for every branch of every thread");

typedef struct rr_walk {
    rr_machine *m;
    int32_t *before; /* the state before the choice that is being tried */
    int32_t choices[RR_MAX_CHOICES];
    int n_choices; /* 0: the run is over */
    int last;      /* the thread that stepped last; -1: none yet */
    bool last_is_enabled;
    uint32_t kinds; /* of the run so far; of the whole run once it is over */
    int64_t n_steps, n_preemptions; /* under C11 with the old messages taken */
} rr_walk;

int rr_walk_open(rr_machine *m, rr_walk *out);
void rr_walk_close(rr_walk *walk);

/* Goes to the first state.  RR_RAN if there is a choice, RR_ENDED if the run is over
 * (kinds), RR_MISUSED or RR_GROW (see the machine). */
rr_progress rr_walk_begin(rr_walk *walk);

/* Takes one of the choices; returns the same values. */
rr_progress rr_walk_take(rr_walk *walk, int32_t code);

/* After a step, which returned `progress`: finds what can happen now, or how the run has
 * ended.  For walk_state.c. */
rr_progress rr_walk_look(rr_walk *walk, rr_progress progress);

/* Would taking this choice now be a preemption? */
bool rr_walk_preempts(const rr_walk *walk, int32_t code);

/* The result that taking a choice would have; the state stays the same.  RR_WAITS: see
 * `waits_on` of the machine. */
rr_progress rr_walk_try(rr_walk *walk, int32_t code);

/* In a deadlock: the word of the lock that a thread waits for, which is the GIL's if the
 * thread that holds the GIL waits and keeps it; -1: it waits for a value. */
int32_t rr_walk_waits_on(rr_walk *walk, int thread);

#endif
