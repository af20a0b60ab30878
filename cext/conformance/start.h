/* start.h -- which thread is first in a round, and how long threads hesitate: by the
 * seed.
 *
 * Without this, the thread that ended a round would begin the next one, every time, and
 * the threads would take their steps in the same order in each round.
 */
#ifndef RR_START_H
#define RR_START_H

#include <stdint.h>

#include "base/rr_rng.h"

/* Longest hesitation, in turns of an idle loop of some 10 to 40 ns each: several steps of
 * a program. */
enum { RR_LONGEST_HESITATION = 64 };

/* The thread that is first in round number `round`, chosen uniformly. */
int rr_start_first(uint64_t seed, int64_t round, int n_threads);

/* The generator of a thread's hesitations in that round. */
rr_rng rr_start_pace(uint64_t seed, int64_t round, int thread);

/* Turns of an idle loop to hesitate: none in half of the cases, else up to a limit of 1,
 * 2, 4 ...  RR_LONGEST_HESITATION with equal chances.  A few turns decide the order
 * within one step, and many turns let others take several steps. */
int rr_start_hesitation(rr_rng *pace);

#endif
