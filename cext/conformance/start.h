/* start.h -- who is first in a round, and how long threads hesitate: by the seed alone.
 *
 * Left to the machine, whoever ended a round would begin the next one, round after round,
 * and threads would take their steps in the same order each time.
 */
#ifndef RR_START_H
#define RR_START_H

#include <stdint.h>

#include "base/rr_rng.h"

/* Longest hesitation, in turns of an idle loop of some 10 to 40 ns each: several steps of
 * a program. */
enum { RR_LONGEST_HESITATION = 64 };

/* The thread that is to be first in round number `round`, each with the same chance. */
int rr_start_first(uint64_t seed, int64_t round, int n_threads);

/* What a thread's hesitations in that round are drawn from. */
rr_rng rr_start_pace(uint64_t seed, int64_t round, int thread);

/* Turns of an idle loop to hesitate: as often none as some, and then as often few as many
 * (up to 1, 2, 4 ... RR_LONGEST_HESITATION), for a few decide what comes first in the
 * same step and many let others take several. */
int rr_start_hesitation(rr_rng *pace);

#endif
