/* racing.h -- ways to run all racers of a race to their end, for tests. */
#ifndef RR_RACING_H
#define RR_RACING_H

#include "race/race.h"

/* Runs all racers from this one thread, `budget` operations each in turn. */
static inline void
race_in_turns(rr_race *race, int n_threads, int64_t budget)
{
    for (int done = 0; done < n_threads;) {
        done = 0;
        for (int t = 0; t < n_threads; t++) {
            done += rr_race_advance(race, t, budget) == RR_TURN_DONE;
        }
    }
}

/* The body of one thread of a race: `arg` is the race. */
static inline void
race_on_thread(void *arg, int thread)
{
    rr_race *race = arg;
    rr_race_turn turn;
    while ((turn = rr_race_advance(race, thread, 1 << 12)) != RR_TURN_DONE) {
        if (turn == RR_TURN_WAIT) {
            rr_race_pause(race, thread);
        }
    }
}

#endif
