/* internal.h -- state and functions that the files of cext/cpython/schedule/ share.
 *
 * The runner that has the turn writes everything here without a lock: there is only one.
 * `rr_turn` hands it over; its release and acquire order all of it.
 */
#ifndef RR_SCHEDULE_INTERNAL_H
#define RR_SCHEDULE_INTERNAL_H

#include "cpython/schedule/schedule.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#if PY_VERSION_HEX >= 0x030d0000
#define RR_CURRENT_STATE() PyThreadState_GetUnchecked()
#else
#define RR_CURRENT_STATE() _PyThreadState_UncheckedGet()
#endif
#define RR_EXPORT __attribute__((visibility("default")))
#define RR_CALLER __builtin_return_address(0)

enum { RR_NO_RUNNER = RR_MOST_RUNNERS, RR_DEEPEST_STACK = 128, RR_GRANULE_BITS = 3 };
enum { RR_LARGEST_ACCESS = 4096 };

typedef enum rr_status_of_runner {
    RR_RUNNER_IDLE,
    RR_RUNNER_READY, /* waits for its turn */
    RR_RUNNER_RUNS,
    RR_RUNNER_BLOCKED, /* sleeps in code that is not instrumented */
    RR_RUNNER_DONE
} rr_status_of_runner;

typedef enum rr_want {
    RR_WANTS_NOTHING,
    RR_WANTS_GIL,
    RR_WANTS_PY_MUTEX,
    RR_WANTS_PTHREAD_MUTEX,
    RR_WANTS_PY_LOCK,
    RR_WANTS_SPIN_LOCK,
    RR_WANTS_TO_READ, /* a lock for readers and writers */
    RR_WANTS_TO_WRITE,
    RR_WANTS_SEMAPHORE,
    RR_WANTS_ONCE, /* that what is done once is not being done */
    RR_WANTS_SIGNAL,
    RR_WANTS_BARRIER, /* that the last thread comes */
    RR_WANTS_FUTEX,   /* to be woken */
    RR_WANTS_STATIC,  /* that a static variable is not being initialised */
    RR_WANTS_THREAD,  /* the end of a thread that is no runner */
} rr_want;

typedef struct rr_runner {
    int number;
    pid_t tid;
    pthread_t thread;
    _Atomic int status;
    _Atomic uint32_t turn, job; /* futexes: 1 is a token */
    _Atomic uint64_t n_points;  /* the monitor reads it */
    uintptr_t stack_low, stack_high;
    rr_want wants; /* what it waits for, if it is READY */
    const void *wanted;
    void *wants_at; /* the instruction and the function that waits; NULL: not known */
    const char *wants_in;
    bool has_limit; /* its wait ends too where no runner could go on: time passes */
    const void *condition; /* that it waits for a signal of; NULL: of none */
    uint64_t waits_since;  /* in numbers of signals */
    bool is_woken;         /* by a signal to all */
    bool is_preempted; /* it could have gone on, and waits for its turn */
    PyThreadState *state;
    PyObject *callable, *result, *exception; /* result, exception: handed over at DONE */
    void *frames[RR_DEEPEST_STACK];
    int depth;
    int called_back; /* the depth of a frame that a call of another one entered; 0: none */
    int called_by_wrapper; /* the depth of a frame that libc enters for a wrapper, as
                              pthread_once does: it is not called back; 0: none */
    uintptr_t last_read; /* if its last point is a read */
    size_t n_last_read;
    uintptr_t second_lock; /* that its point takes or gives up too; 0: none */
    bool shares; /* what it does there commutes with what others do that share it too */
    uint32_t clock[RR_MOST_RUNNERS];
    int priority;
    uint64_t n_calls;
} rr_runner;

extern rr_runner rr_runners[RR_MOST_RUNNERS];
extern int rr_n_runners; /* of the run */
extern _Atomic int rr_turn; /* the runner that executes; -1: none */
extern bool rr_is_running;  /* a run is under way */
extern _Atomic bool rr_is_settling; /* the runner with the turn waits until others sleep */
extern int rr_gil_holder;   /* a runner, or RR_NO_RUNNER; not used without a GIL */
extern rr_flight *rr_flight_recorder;
extern uint64_t rr_steps;

/* Does a call that the runner made go on?  After each point there may be its last one, and
 * then comes the rest of the call, of which nothing is seen. */
static inline bool
rr_is_in_call(const rr_runner *me)
{
    return me->called_back > 0;
}

/* Where a write may copy from: hooks of a copy come both before it.  0: from nowhere. */
static inline uintptr_t
rr_copied_from(const rr_runner *me, rr_point point, uintptr_t address, size_t n)
{
    bool may_copy = point == RR_POINT_WRITE && n == me->n_last_read;
    return may_copy && address != me->last_read ? me->last_read : 0;
}

/* The runner that this thread is, while it runs a callable of a run. */
extern __thread rr_runner *rr_me __attribute__((tls_model("initial-exec")));

/* ---- images.c ----------------------------------------------------------------- */

bool rr_image_add(uintptr_t low, uintptr_t high, const char *path);
/* The same number for the same place in every process; 0: in no image. */
uint64_t rr_image_place(const void *pc);
/* Writes the paths of the images into the flight recorder. */
void rr_images_record(void);

/* ---- clocks.c ----------------------------------------------------------------- */

void rr_clocks_forget(void);
void rr_clock_acquire(rr_runner *me, const void *lock);
void rr_clock_release(rr_runner *me, const void *lock);
void rr_clock_acquire_gil(rr_runner *me);
void rr_clock_release_gil(rr_runner *me);

/* ---- epochs.c ----------------------------------------------------------------- */

void rr_epochs_begin(void);
void rr_epoch_next(const rr_runner *me); /* its clock may have changed */
uint32_t rr_epoch_now(int runner);
/* The runner does something now of which it is not known what it touches. */
void rr_epoch_calls(const rr_runner *me);
/* After a run: does another runner do that with no order to what happens in an epoch? */
bool rr_epoch_meets_calls(int runner, uint32_t number);

/* ---- sightings.c -------------------------------------------------------------- */

void rr_sightings_forget(void);
rr_frames rr_frames_of(const rr_runner *me, void *pc);
void rr_sighting_add(const rr_sighting *seen);

/* ---- blocks.c ----------------------------------------------------------------- */

typedef struct rr_freed {
    int by;
    rr_frames at;
} rr_freed;

const rr_freed *rr_block_freed(uint32_t number);
/* A block of memory begins, or ends its life.  rr_block_end returns true if it is kept,
 * or was freed before: the caller must not free it. */
void rr_block_begin(void *p, size_t n, void (*release)(void *context, void *p),
                    void *context);
bool rr_block_end(void *p, void *pc);
/* The size of a live block that is kept when it is freed; 0: it is not known. */
size_t rr_block_kept_size(const void *p);
void rr_block_forget(void *p);
void rr_blocks_begin_round(void);
void rr_blocks_end_round(void);
void rr_blocks_note(void); /* as events: those that live */
void rr_blocks_look_for_writes(void);
int rr_allocators_open(void);

/* ---- shadow.c ----------------------------------------------------------------- */

void rr_shadow_forget(void);
/* An access of the runner that has the turn, just before it happens. */
void rr_shadow_access(rr_runner *me, uintptr_t address, size_t n, bool is_write,
                      bool is_atomic, void *pc);
void rr_shadow_reuse(uintptr_t address, size_t n);
void rr_shadow_free(rr_runner *me, uintptr_t address, size_t n, uint32_t block);
/* After a run: did runners touch the memory in no order that locks give, or may code
 * without hooks, called by others than this runner?  So it is where that is not known. */
bool rr_shadow_conflicts(uintptr_t address, size_t n, int runner);

/* ---- order.c ------------------------------------------------------------------ */

void rr_order_begin(void);
uint64_t rr_order_now(void); /* 0: not known */
/* So large that it is not looked at place by place. */
static inline bool
rr_is_large(size_t n)
{
    return n > RR_LARGEST_ACCESS;
}
/* A step happens at the instruction `where`. */
void rr_order_step(const rr_runner *me, rr_point point, uintptr_t address, size_t n,
                   uint64_t where);
/* Two locks are taken, with no point before. */
static inline void
rr_order_takes(rr_runner *me, const void *a, const void *b, void *pc)
{
    if (rr_is_running) {
        me->second_lock = (uintptr_t)b;
        rr_order_step(me, RR_POINT_LOCK, (uintptr_t)a, 0, rr_image_place(pc));
        me->second_lock = 0;
    }
}

/* ---- events.c ----------------------------------------------------------------- */

void rr_events_begin(void);
void rr_event_add(const rr_event *event);
void rr_event_block(uint8_t runner, uintptr_t base, size_t size);
void rr_event_lock(const rr_runner *me, bool takes, const void *lock);
void rr_event_shared(const rr_runner *me, bool takes, const void *lock);
void rr_event_unit(const rr_runner *me, bool takes, const void *lock, int left);
void rr_event_signal(const rr_runner *me, rr_event_kind kind, const void *condition);
void rr_event_point(const rr_runner *me, rr_point point, uintptr_t address, size_t n,
                    uint64_t where);
void rr_event_before_unlock(int runner);
void rr_events_give_up(void); /* the run does what no model of it follows */
void rr_events_end(void);

/* ---- runners.c ---------------------------------------------------------------- */

bool rr_has_other_threads(void); /* than the runners and the one that waits for them */
bool rr_thread_sleeps(const rr_runner *runner); /* in the kernel */
bool rr_other_threads_run(void); /* one of them does not sleep */

/* ---- threads.c ---------------------------------------------------------------- */

bool rr_thread_has_ended(const rr_runner *runner); /* that the runner joins */
extern int rr_n_joining; /* runners that wait for the end of one */
void rr_threads_settle(void); /* lets them run until each sleeps or has ended */
bool rr_static_is_free(const void *guard);
bool rr_has_in_cpp(const char *name); /* libstdc++ is loaded, and has the function */

/* ---- signals.c ---------------------------------------------------------------- */

void rr_signals_forget(void);
void rr_signals_begin_wait(rr_runner *me, const void *condition);
bool rr_signals_have_one(const rr_runner *runner); /* that it could take */
bool rr_signals_end_wait(rr_runner *me); /* it takes one; false: there is none */
void rr_signals_wake_one(const void *condition);
void rr_signals_wake_all(const void *condition);

/* ---- log.c -------------------------------------------------------------------- */

void rr_log_begin(bool is_on);
void rr_log_complete(void); /* the access of the last point has happened */
void rr_log_point(const rr_runner *me, uint64_t step, rr_point point,
                  uintptr_t address, size_t n, void *pc, const char *name,
                  bool was_preempted);
void rr_log_waits(void); /* the process ends: what each runner waits for */

/* ---- give_up.c ---------------------------------------------------------------- */

_Noreturn void rr_give_up(rr_ended_by why);
/* Ends a process that an operation forked: the operation has returned in both, and only
 * the first one is judged. */
_Noreturn void rr_end_fork(void);

/* ---- pauses.c ----------------------------------------------------------------- */

/* On threads that are no runners.  At a call of the C API; with a GIL only while another
 * thread has released it.  Returns whether to pause when the call returns instead. */
bool rr_pause_at_call(void);
void rr_pause(void);
/* After a release of the GIL, and before it is taken again; until others have come in. */
void rr_pause_detached(bool begins);

/* ---- returns.c ---------------------------------------------------------------- */

/* Keeps where the calls of a thread return to, while they return elsewhere; the stack of
 * the thread may be left without a return.  `slot` is the place of the return address.
 * false: there are too many. */
bool rr_return_keep(void *const *slot);
/* Pauses; where the call returns to then.  Called by the code in imports.c. */
__attribute__((used, visibility("hidden"))) void *rr_return_late(void *const *slot);

/* ---- futex.c ------------------------------------------------------------------ */

void rr_futex_wait(_Atomic uint32_t *word);
bool rr_futex_wait_us(_Atomic uint32_t *word, long microseconds);
void rr_futex_wake(_Atomic uint32_t *word);

/* ---- choose.c ----------------------------------------------------------------- */

static inline int
rr_lowest(uint32_t mask)
{
    return __builtin_ctz(mask);
}

/* What was chosen stays known until the next run begins, also through a drain. */
void rr_choose_begin(const rr_run *how);
/* One of the runners in the mask, which has two or more. */
int rr_choose(uint32_t mask, int current, bool can_go_on, rr_point point,
              uintptr_t address, size_t n, uint64_t where);
/* The runner gives up a lock, or the GIL, that it had at its last point. */
void rr_choose_before_unlock(int runner);
void rr_choose_next(int runner); /* rather than go on with the usual one */
void rr_choose_afresh(void); /* another runner has the turn now */
void rr_choose_result(rr_result *out);
/* After a run: may the order of such a point with the steps of others matter? */
bool rr_may_conflict(rr_point point, uintptr_t address, uintptr_t copied_from, size_t n,
                     int runner, uint32_t epoch);
/* The next point may switch for free: it is one of a loop that waits. */
void rr_point_gives_way(void);

/* ---- turns.c ------------------------------------------------------------------ */

void rr_turns_begin(int n);
void rr_turns_result(rr_result *out);
/* With the monitor's lock held and no runner executing: gives somebody the turn. */
bool rr_turns_pick(rr_point point);
void rr_turns_lock(void);
void rr_turns_unlock(void);
void rr_turns_block(rr_runner *runner);        /* as rr_turns_pick; it sleeps elsewhere */
void rr_turns_end(rr_runner *me);

/* A point: others may come in here.  Returns when this runner has the turn. */
void rr_point_at(rr_runner *me, rr_point point, uintptr_t address, size_t n, void *pc,
                 const char *name);
/* The same, and only once what it waits for can be had. */
void rr_point_wait(rr_runner *me, rr_want wants, const void *wanted, rr_point point,
                   void *pc, const char *name);
static inline bool
rr_is_on_stack(const rr_runner *me, uintptr_t address)
{
    return address >= me->stack_low && address < me->stack_high;
}

/* ---- gil.c -------------------------------------------------------------------- */

void rr_gil_left(rr_runner *me);
void rr_gil_taken(rr_runner *me);

/* ---- python_locks.c ----------------------------------------------------------- */

int rr_python_locks_open(void);

/* ---- calls.c -------------------------------------------------------------------- */

/* A call of a function that touches nothing which threads share, or of another one. */
rr_point rr_point_of_call(const char *name);
/* Whether a function of libc or of the C++ runtime touches memory or locks that threads may
 * share, which no hook sees. */
bool rr_is_unseen(const char *name);
/* Whether a function is one of Python. */
bool rr_is_of_python(const char *name);

/* ---- free_lists.c --------------------------------------------------------------- */

/* Around a round: hold what the interpreter's lists have, and give it back. */
void rr_free_lists_hold(void);
void rr_free_lists_fill(void);
/* What is to be called when an imported function without a wrapper is. */
void *rr_really_called(const char *name, void *target);

/* ---- wrappers.c, imports.c ------------------------------------------------------ */

typedef void (*rr_function)(void); /* of any type */

/* The function that is called instead of an imported one; NULL: a trampoline. */
rr_function rr_wrapper_of(const char *name);

#endif
