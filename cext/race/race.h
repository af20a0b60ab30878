/* race.h -- threads take and drop references to the same objects, and the referee counts.
 *
 * The race uses one object after the other, or some dozens at a time.  Every thread takes
 * `hold` references to each, then every thread drops them, then the last reference is
 * dropped.  The threads meet before each of these phases, so that each phase only
 * increments or only decrements and the lost updates can be counted exactly: what the
 * count lacks after a phase of increments was lost in it.
 *
 * The race owns no threads.  Each thread calls rr_race_advance again and again, and
 * rr_race_pause in between when the result says so.  The caller decides whether to hold
 * the GIL.
 */
#ifndef RR_RACE_H
#define RR_RACE_H

#include <stdbool.h>
#include <stdint.h>

enum { RR_MAX_THREADS = 64 }; /* the referee is one more */
enum { RR_MAX_TOGETHER = 64 };

struct rr_mode;
struct rr_object;

/* A way to count that is not in the list of modes. */
typedef struct rr_own_mode {
    const struct rr_mode *native, *widened;
    const struct rr_mode *rounds; /* the loops over several objects */
    void (*on_end)(struct rr_object *o); /* as in rr_domain */
} rr_own_mode;

typedef struct rr_race_config {
    int mode;          /* its number */
    const rr_own_mode *own; /* NULL, or what counts instead of a mode */
    int n_threads;     /* 1 to RR_MAX_THREADS */
    int64_t n_objects; /* rounds: 1 or more */
    int64_t hold;      /* references that each thread takes of an object: 1 or more */
    int64_t together;  /* objects at a time, 1 to RR_MAX_TOGETHER: if more than one, a
                        * thread loops over them, one operation on each */
    int form;          /* of the loop (enum rr_form) */
    bool shared;       /* the same objects for all threads, or separate ones? */
    bool foreign;      /* made by a thread that does not race, instead of a racing one? */
    bool in_turns;     /* do the threads take turns (the GIL), so that their time inside
                        * is that of each call and not that of each phase? */
    int32_t gap_odds;  /* 0: gaps are natural; n: a thread waits in 1 of n gaps, at
                        * random.  Not in turns, where there is no thread to wait for */
    uint64_t seed;     /* of the jitter before each phase, and of the gaps */
    int64_t n_stretches; /* of each thread that are kept, from the first on; 0: none */
} rr_race_config;

/* Largest n_stretches. */
enum { RR_MOST_STRETCHES = 1 << 20 };

/* A time that a thread was inside: a phase, or in turns the part of one that a turn did. */
typedef struct rr_race_stretch {
    int64_t begin_ns; /* since the race began */
    int64_t end_ns;
    int64_t round; /* the first of its batch */
    int64_t operations;
    bool drops; /* decrements, not increments? */
} rr_race_stretch;

typedef struct rr_race_tally {
    int64_t objects; /* settled; each is counted in one of the next three */
    int64_t intact;
    int64_t leaked;
    int64_t freed_early;
    int64_t operations; /* increfs and decrefs of settled rounds */
    int64_t dangling_uses; /* a lower bound: checked at intervals, see mode_loops.h */
    int64_t double_frees;
    int64_t freed_late; /* intact, but freed only when the queues were emptied */
    int64_t late_ns;    /* total time from the drop of the last reference until then */
    int64_t lost_increments; /* over all objects */
    int64_t lost_decrements; /* over the objects that were not freed early */
    int64_t drift; /* stored minus true count before the last drop, over the same */
    int64_t busy_ns;    /* wall time with at least one thread inside */
    int64_t crowded_ns; /* wall time with at least two */
    int64_t elapsed_ns; /* from the first phase to the last settlement */
    int64_t gap_waits;  /* gaps in which a thread waited */
    int64_t gaps_met;   /* gaps in which another thread made an access meanwhile */
} rr_race_tally;

typedef enum rr_race_turn {
    RR_TURN_AGAIN, /* the budget is spent; call rr_race_advance again */
    RR_TURN_WAIT,  /* call rr_race_pause, then rr_race_advance */
    RR_TURN_DONE,  /* the race is over, or was stopped */
} rr_race_turn;

typedef struct rr_race rr_race;

int rr_race_open(const rr_race_config *config, rr_race **out);
/* pre: no thread is in the race any more. */
void rr_race_close(rr_race *race);

/* Lets thread number `thread` work until it must wait for the others, but for no more
 * than about `budget` operations. */
rr_race_turn rr_race_advance(rr_race *race, int thread, int64_t budget);

/* Waits until the others have arrived, or for some 100 us. */
void rr_race_pause(rr_race *race, int thread);

/* Ends the race for all threads at their next turn.  Any thread may call it. */
void rr_race_stop(rr_race *race);

/* Objects settled so far; any thread, at any time. */
int64_t rr_race_progress(const rr_race *race);

/* The stretches of a thread, at most n_stretches.  pre: as in rr_race_tally_of. */
int64_t rr_race_stretches_of(const rr_race *race, int thread, const rr_race_stretch **out);

/* pre: no thread is in the race any more. */
void rr_race_tally_of(const rr_race *race, rr_race_tally *out);

#endif
