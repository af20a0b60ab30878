/* schedule.h -- runs threads of an instrumented extension under a chosen schedule.
 *
 * The extension is compiled with -fsanitize=thread and not linked to that sanitizer's
 * runtime: its __tsan_* calls come here (tsan.c), and so do its calls of Python and libc,
 * because its table of imported functions is rewritten (imports.c).  Each such call is a
 * point: between two points, exactly one of the runners executes.
 *
 * One process has one schedule at a time.  All state is global: the hooks have no other
 * way to find it.  Only a process that may end at any moment uses this file.
 */
#ifndef RR_SCHEDULE_H
#define RR_SCHEDULE_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RR_MOST_RUNNERS = 8,
    RR_MOST_CHOICES = 1 << 20,   /* recorded in one run; later ones follow the default */
    RR_MOST_DECISIONS = 1 << 12, /* of a schedule */
    RR_MOST_SIGHTINGS = 64,      /* different ones in one run */
    RR_MOST_FRAMES = 12,         /* kept of a stack */
    RR_MOST_LOGGED = 1 << 18,    /* points of a trace */
    RR_MOST_RECORDED = 512,      /* of them, the last are kept for after a crash */
    RR_MOST_NAME = 33,           /* characters of a function there, and a zero */
    RR_MOST_PATHS = 1 << 12,     /* characters of the paths of the modules there */
    RR_MOST_IMAGES = 32,         /* patched extension modules */
    RR_MOST_EVENTS = 1 << 12,    /* of a run; a model of a longer one is slower than it */
    RR_GIL_ADDRESS = 1,          /* stands for the GIL where a lock has an address */
};

/* Where a thread may be switched. */
typedef enum rr_point {
    RR_POINT_READ,
    RR_POINT_WRITE,
    RR_POINT_ATOMIC,
    RR_POINT_GIL_RELEASE,
    RR_POINT_GIL_TAKE,
    RR_POINT_LOCK,
    RR_POINT_UNLOCK,
    RR_POINT_CALL, /* of the C API or of libc */
    RR_POINT_FREE,
    RR_POINT_QUIET_CALL, /* of a function that touches nothing which threads share */
    RR_POINT_END, /* of a runner */
    RR_N_POINTS,
    RR_POINT_WAITS = RR_N_POINTS /* in a trace only: it can have no turn here */
} rr_point;

typedef enum rr_sighting_kind {
    RR_SEEN_USE_AFTER_FREE,
    RR_SEEN_DOUBLE_FREE,
    RR_SEEN_WRITE_AFTER_FREE, /* found by a checksum after the run */
    RR_SEEN_DATA_RACE,        /* a hint: two unordered accesses, one of them a write */
    RR_N_SIGHTINGS
} rr_sighting_kind;

/* Why the process was ended in the middle of a run. */
typedef enum rr_ended_by { RR_BY_DEADLOCK, RR_BY_LIVELOCK } rr_ended_by;

typedef enum rr_strategy {
    RR_FOLLOW, /* the decisions; otherwise no preemption */
    RR_RANDOM, /* preempts with a probability */
    RR_PCT     /* random priorities, lowered at a few random points */
} rr_strategy;

typedef struct rr_frames {
    int n;
    void *pc[RR_MOST_FRAMES]; /* innermost first; return addresses */
} rr_frames;

typedef struct rr_sighting {
    rr_sighting_kind kind;
    uintptr_t address;
    int runner, other; /* -1: unknown */
    bool is_write, other_is_write;
    rr_frames at, other_at;
    uint64_t step;
} rr_sighting;

/* At choice number `at`, run `runner` instead of the default. */
typedef struct rr_decision {
    uint32_t at;
    uint32_t runner;
} rr_decision;

/* A point at which more than one runner could go on. */
typedef struct rr_choice {
    uint32_t step;
    uint8_t current; /* RR_MOST_RUNNERS: none */
    bool current_could_go_on;
    uint8_t able, chosen; /* a bit mask; a runner */
    uint8_t point;
    bool unlocks; /* the current runner's next step but one gives up a lock */
    bool conflicts; /* may its order with the step of another runner matter? */
    bool is_in_call; /* of the current runner, which code without hooks has called back */
    uintptr_t address;     /* 0: none */
    uintptr_t copied_from; /* perhaps; 0: none */
    size_t size;
    uint32_t epoch;    /* of the current runner */
    uint64_t order;    /* what had happened, see order.c; 0: not known */
    uint64_t where;    /* the instruction, the same in every process */
} rr_choice;

typedef enum rr_event_kind {
    RR_EVENT_BLOCK,  /* memory begins: address, size */
    RR_EVENT_POINT,  /* a runner has arrived at a point, and waits for its turn */
    RR_EVENT_CHOICE, /* a choice was made: size is a mask of who could go on */
    RR_EVENT_TOUCH,  /* a step; it reads `other`, if that is not 0, and then: */
    RR_EVENT_LOCKS,  /* a step; it changes the locks `address` and `other`, if not 0, or
                        does with `address` what commutes with others that do the same */
    RR_EVENT_TURN,   /* a step; it hands over the GIL */
    RR_EVENT_QUIET,  /* a step; it touches nothing that is shared, and no call matters */
    RR_EVENT_ALONE,  /* a step; it touches nothing, but calls matter */
    RR_EVENT_ANYTHING, /* a step; it is not known what it touches */
    RR_EVENT_TAKES,  /* a lock is taken, */
    RR_EVENT_LEAVES, /* or given up; of a semaphore, size is what is left */
    RR_EVENT_WAITS,  /* a wait for a signal begins; it ends when the signal is taken */
    RR_EVENT_WAKES_ONE, /* a signal is given, */
    RR_EVENT_WAKES_ALL, /* or one to all */
    RR_EVENT_END,    /* of a runner */
} rr_event_kind;

/* Who can have a lock. */
typedef enum rr_way {
    RR_WAY_OWNS,   /* one thread, some locks several times */
    RR_WAY_SHARES, /* those that read */
    RR_WAY_COUNTS, /* as many as a number says */
    RR_WAY_SIGNAL, /* who waits for a signal that was given */
} rr_way;

/* The first one of a touch and of locks; the others of a point. */
enum {
    RR_WRITES = 1,
    RR_IS_IN_CALL = 2,
    RR_UNLOCKS = 4,
    RR_CONFLICTS = 8,
    RR_HAS_LIMIT = 16, /* the wait there ends too where no runner could go on */
};

/* Something that a runner did, in the order in which it happened. */
typedef struct rr_event {
    uint8_t kind, runner; /* RR_MOST_RUNNERS: none */
    uint8_t point, flags, chosen, way;
    uint32_t epoch;
    uint64_t where;
    uintptr_t address, other, wants; /* wants: a lock; 0: none */
    size_t size;
} rr_event;

/* One point of a trace. */
typedef struct rr_logged {
    uint64_t step; /* when the runner arrived, which is before it was preempted there */
    void *pc;
    const char *name; /* of the called function; NULL: an access */
    uintptr_t address;
    uint64_t before, after; /* of the first 8 bytes at most */
    uint8_t size, point, runner, gil; /* gil: its holder, RR_MOST_RUNNERS: none */
} rr_logged;

/* One point of a trace, without pointers, which mean nothing in another process. */
typedef struct rr_recorded {
    uint64_t step;
    uint64_t where, place; /* of instruction, address: the module's number, the offset */
    uintptr_t address;
    uint64_t before; /* the value at the address */
    uint8_t size, point, runner, gil;
    uint8_t has_before;      /* 0: to read it ended the process, or there is none */
    bool was_preempted;      /* just before it */
    char name[RR_MOST_NAME]; /* of the called function, shortened; empty: an access */
} rr_recorded;

/* Shared with the parent process: the last run that began, also after a crash.  Each
 * decision and each point is here before its runner goes on. */
typedef struct rr_flight {
    uint32_t n_runs, n_decisions;
    uint32_t n_recorded; /* of the run; number i is at i % RR_MOST_RECORDED */
    uint32_t n_paths;    /* characters */
    rr_decision decisions[RR_MOST_DECISIONS];
    rr_recorded recorded[RR_MOST_RECORDED];
    char paths[RR_MOST_PATHS]; /* of the modules, in the order of their numbers */
} rr_flight;

typedef struct rr_settings {
    bool finds_races, calls_are_points;
    uint64_t most_steps; /* then the run is a livelock */
    uint64_t most_steps_in_a_row; /* then another runner gets a turn, for spin loops */
} rr_settings;

typedef struct rr_run {
    rr_strategy strategy;
    uint64_t seed;
    double preempt_probability;  /* RR_RANDOM */
    uint32_t n_changes, horizon; /* RR_PCT: priority changes, among so many choices */
    bool is_logged;
    const rr_decision *decisions; /* by rising `at` */
    uint32_t n_decisions;
} rr_run;

typedef struct rr_result {
    uint64_t steps, switches, hash, blocks_inferred;
    uint64_t order; /* what happened, up to the order of independent steps; 0: unknown */
    uint32_t n_choices, n_made, n_preemptions;
    bool has_diverged; /* a decision could not be followed */
    uint64_t points[RR_MOST_RUNNERS], calls[RR_MOST_RUNNERS];
} rr_result;

/* Pauses of threads that are no runners: of some calls of patched modules. */
typedef struct rr_pauses {
    uint64_t seed;
    uint32_t one_in; /* of so many calls one is late; 0: none */
    int64_t shortest_ns, longest_ns;
    bool at_returns; /* calls may also return late; their return addresses are changed */
} rr_pauses;

extern rr_settings rr_schedule_settings;
/* A file descriptor that gets a line of JSON if the process ends in a run; -1: none. */
extern int rr_schedule_report_to;

/* Once, before the extension is imported.  0, or -1 with an exception set. */
int rr_schedule_open(rr_flight *flight);
/* Rewrites the imports of a loaded module file; only_python: those of the C API alone, as
 * pauses need.  Returns the number of instrumented calls that it refers to, or -1 with an
 * exception set. */
int rr_schedule_patch(const char *path, bool only_python);
/* From now on, or soon after, on threads that are in code of a patched module now. */
void rr_schedule_set_pauses(const rr_pauses *how);
/* Starts runners until there are n, on one processor. */
int rr_schedule_start(int n);

/* Between these two, memory that the extension frees is kept. */
void rr_schedule_begin_round(void);
void rr_schedule_end_round(void);

/* Runs the callables, one a runner; results and exceptions are new references, NULL where
 * there is none.  pre: the caller holds the GIL, or is attached. */
int rr_schedule_run(const rr_run *how, PyObject *const *callables, int n,
                    PyObject **results, PyObject **exceptions, rr_result *out);
/* Runs them one after the other, without points.  Results and exceptions are dropped. */
int rr_schedule_drain(PyObject *const *callables, int n);

/* A point in Python code that instrumented code has called; nothing on other threads. */
void rr_schedule_give_way(void);
/* The same, and if that runner can go on, it does. */
void rr_schedule_hand_over(int runner);
/* In a run: does a runner wait for something that it cannot have, other than the GIL and
 * the end of a thread?  No while another runner than the caller executes. */
bool rr_schedule_has_waiters(void);

const rr_choice *rr_schedule_choices(uint32_t *n);
const rr_decision *rr_schedule_made(uint32_t *n);
/* All that the last run did; NULL: it was too long, or did what no model follows. */
const rr_event *rr_schedule_events(uint32_t *n);
const rr_sighting *rr_schedule_sightings(int *n);
const rr_logged *rr_schedule_log(uint32_t *n);
/* The module file that an address lies in, and the offset; NULL: in none of them. */
const char *rr_schedule_image(const void *pc, uintptr_t *offset);
/* The same for what a process has recorded, which may have ended. */
const char *rr_schedule_recorded_image(const rr_flight *flight, uint64_t where,
                                       uintptr_t *offset);

#endif
