/* machine.h -- runs a program one step at a time; the semantics of the language.
 *
 * A machine holds one state (an array of words, see layout.h) and changes it in place.
 * It knows nothing of schedules: the caller decides which thread steps, and keeps copies
 * of states.
 */
#ifndef RR_MACHINE_H
#define RR_MACHINE_H

#include "machine/weak.h"
#include "modes/model_modes.h"
#include "program/layout.h"
#include "program/program.h"

enum { RR_ALIVE, RR_DYING, RR_FREED, RR_STATUS_MASK = 3, RR_RAW = 4, RR_UNCOUNTED = 8 };
/* What the collector keeps in the same word: does it know the object, is it garbage that
 * it has found and not handled yet, has its finaliser run? */
enum { RR_TRACKED = 16, RR_GARBAGE = 32, RR_FINALISED = 64 };
/* A step has made the object immortal: nothing counts it, so its ledger stays as it is. */
enum { RR_IMMORTALISED = 128 };

/* Which branch of a thread: its step (a `maybe` that is not taken), a `maybe` that is
 * taken, the oldest buffered write leaving the store buffer, or an interrupt that comes. */
typedef enum rr_branch {
    RR_STEP,
    RR_TAKEN,
    RR_DRAIN,
    RR_INTERRUPT, /* `choice`: which of the thread's */
    RR_N_BRANCHES
} rr_branch;

typedef enum rr_progress {
    RR_RAN,
    RR_WAITS,   /* not enabled: it waits for a lock or a cell */
    RR_NOTHING, /* there is no such branch */
    RR_ENDED,   /* the run is over: `kinds` says how */
    RR_MISUSED, /* an error of the program: `misuse` says which */
    RR_GROW,    /* a capacity is too small: `grow` says which */
} rr_progress;

/* What `grow` says besides a capacity. */
enum {
    RR_GROW_HISTORY = RR_N_CAPACITIES, /* a location has more messages than it may */
    RR_GROW_WAYS, /* the mode did what was not known of it: start again */
};

typedef enum rr_place {
    RR_PLACE_NONE,
    RR_PLACE_CELL,      /* index: the cell */
    RR_PLACE_FIELD,     /* of the object; index: its number there */
    RR_PLACE_PAYLOAD,   /* of the object */
    RR_PLACE_COUNT,     /* of the object */
    RR_PLACE_MUTEX,     /* x.m */
    RR_PLACE_COUNT_MUTEX,
    RR_PLACE_COUNT_LOCK, /* the global one */
    RR_PLACE_LOCK,      /* index: the lock */
    RR_PLACE_CONTAINER, /* index: the container */
    RR_PLACE_SHARED,    /* of the object: ob_ref_shared */
    RR_PLACE_TID,       /* of the object: ob_tid */
    RR_PLACE_GIL,       /* the lock that threads keep between operations */
    RR_PLACE_QUEUE,     /* index: the thread that it belongs to */
    RR_PLACE_LANE,      /* index: its thread; of the object, or of none */
    RR_PLACE_EPOCH,
    RR_PLACE_ANNOUNCED, /* index: its thread */
    RR_PLACE_ATTACHMENT, /* index: its thread */
    RR_PLACE_WORLD,      /* which a thread stops */
} rr_place;

/* What the last step did, for traces. */
typedef struct rr_seen {
    const rr_instr *instr; /* NULL: the free step of a destruction, or a drain */
    rc_site site;          /* text NULL: not an access of the mode */
    rr_place place;
    int32_t index;
    int32_t object; /* -1: none */
    bool begins, completes;
    bool has_result;
    int32_t result; /* a word */
    /* Under C11: the orders of the access and of a fence next to it, and of which step the
     * write is that it read; is there a newer one?  The thread whose access is not ordered before this
     * one, which makes it a finding; -1: none. */
    rc_order order, fence;
    bool has_order, has_fence, has_source, is_old;
    int32_t source, rival;
    int32_t follows; /* of which step the write is that this one comes behind; -1: none */
    int32_t value; /* what was read */
} rr_seen;

struct rr_machine {
    const rr_program *program;
    const rr_mode *mode;
    bool gil_held;
    int only; /* the one thread that runs; -1: all */
    /* Go on counting after a count that is a finding, as compiled code does, to show what
     * follows.  Switched on and off between steps. */
    bool counts_on;
    rr_layout layout;
    /* Under C11; else `is_weak` is false and the rest is not used. */
    bool is_weak, has_new_ways;
    rr_weak weak;
    rr_shape shape;
    struct rr_still *still; /* of each instruction; may_still.h */
    int choice; /* which message each of the step's first accesses takes: 0 the newest */
    int n_picks, n_options[RR_MAX_PICKS]; /* of the step: how many there were */
    rr_pick pick;
    int actor; /* the thread that takes the step */
    uint16_t clock; /* the number of the step in a walk */
    int32_t *w; /* the state */
    int32_t *scratch; /* n_words + 2 n_objects, for code that reorders the state */
    rr_object *objects; /* what the mode sees: one per object of the layout */
    rr_domain domain;
    rc_cell lane[RR_MAX_LANES]; /* filled in when the mode asks for them */
    bool is_tried;      /* does the program count objects it holds no reference to? */
    bool *begins_shared; /* for each named object: can more than one thread reach it? */
    int32_t *reached;   /* n_objects: those that a publication reaches */
    int32_t first_deep; /* start of the sub-programs' code */

    /* The result of the last step. */
    uint32_t kinds; /* bits of rr_finding_kind */
    /* The last instruction that ran, a step or on locals: the place of a misuse.  NULL:
     * none of the program's. */
    const rr_instr *at;
    int at_thread;
    int misuse, grow;
    int32_t culprit;  /* the object of a finding, or -1 */
    int32_t waits_on; /* the word of the lock it waits for; -1: a cell */
    bool passes_quiescence; /* the last step was a quiescent point of its thread */
    bool keeps_gil;   /* the last step waits, and its thread keeps the GIL meanwhile */
    rr_seen seen;

    /* The operation in progress; see operation.c. */
    int32_t thread, op, object;
    int32_t n_done, cursor, n_read, reads;
    int32_t n_granted; /* accesses that may still be done before the operation is left */
    bool has_fresh, has_acted;
    bool is_dealloc, was_dealloc; /* it has freed the object; before this step */
    bool has_changed; /* under C11: the operation has changed the count in this run */
    bool has_failed; /* a loop's attempt failed: the new value replaces the last read */
    int32_t fresh;
    int64_t answer, a, b;
    int left;
    void *leave; /* an rr_leave_buffer of access.h */
};

/* Opens a machine, in no state yet. */
int rr_machine_open(const rr_program *program, int mode, bool gil_held, int only,
                    const int32_t capacity[RR_N_CAPACITIES], rr_machine **out);
/* The same under C11.  RR_EWEAK: the program is too large for that. */
int rr_machine_open_weak(const rr_program *program, int mode, bool gil_held, int only,
                         const int32_t capacity[RR_N_CAPACITIES], const rr_weak *weak,
                         rr_machine **out);
void rr_machine_close(rr_machine *m);

/* Sets the program's first state.  Returns RR_RAN, or how the run has ended. */
rr_progress rr_machine_begin(rr_machine *m);

/* Runs one branch of one thread; `m->choice` is set before.  After anything but RR_RAN and RR_ENDED the state is no
 * longer usable. */
rr_progress rr_machine_step(rr_machine *m, int thread, rr_branch branch);

/* A code names a branch of a thread, and besides which of its interrupts, or under C11
 * which messages its step takes. */
enum { RR_CODE_BITS = 8 };

static inline int32_t
rr_code_of(int thread, int branch, int choice)
{
    return 4 * thread + branch + (choice << RR_CODE_BITS);
}

static inline int
rr_thread_of_code(int32_t code)
{
    return (code & ((1 << RR_CODE_BITS) - 1)) / 4;
}

static inline rr_branch
rr_branch_of_code(int32_t code)
{
    return (rr_branch)(code & 3);
}

/* Does the code take old messages?  That is a departure, as a preemption is. */
static inline bool
rr_takes_old(int branch, int choice)
{
    return choice != 0 && branch != RR_INTERRUPT;
}

/* Takes the branch that a code names. */
static inline rr_progress
rr_machine_take(rr_machine *m, int32_t code)
{
    m->choice = code >> RR_CODE_BITS;
    return rr_machine_step(m, rr_thread_of_code(code), rr_branch_of_code(code));
}

/* The branches of a state.  A waiting thread has a step; running it returns RR_WAITS. */
bool rr_machine_has_ended(const rr_machine *m, int thread);
bool rr_machine_is_at_maybe(const rr_machine *m, int thread);
bool rr_machine_can_drain(const rr_machine *m, int thread);
/* May the thread's interrupt of that number come before its next step? */
bool rr_machine_can_interrupt(const rr_machine *m, int thread, int nth);
/* Is the thread detached, so that it may not count now? */
bool rr_machine_has_detached(const rr_machine *m, int thread);
/* Can it run while another thread holds the GIL: detached, and not about to attach? */
bool rr_machine_runs_beside(const rr_machine *m, int thread);

/* The findings at the end of a run in which nothing can happen any more. */
uint32_t rr_machine_judge(const rr_machine *m);

bool rr_machine_is_freed(const rr_machine *m, int object);

/* The owners of an object that the end check counts; of memory without a count, the
 * places that point to it. */
int64_t rr_machine_owners(const rr_machine *m, int object);

/* The values of an object's cells, in the machine's state or another. */
rr_words rr_machine_words(const rr_machine *m, const int32_t *w, int object);

/* What the mode believes an object's count to be, in the machine's state or another. */
int64_t rr_machine_count(const rr_machine *m, const int32_t *w, int object);

/* The first template (an object's own has the object's number) whose initial count does
 * not fit into the mode's words, and the largest count that does; -1: all fit. */
int32_t rr_machine_unfit(const rr_machine *m, int32_t *largest);

/* Do the mode's words, in a state, fit the count of an object that begins so? */
bool rr_count_fits(const rr_mode *mode, const rr_start *start);

/* The largest count that the words of an object are meant to hold. */
int64_t rr_machine_count_max(const rr_machine *m, int object);

/* Whether the mode still counts that object (enum rr_standing). */
int rr_machine_standing(const rr_machine *m, const int32_t *w, int object);

/* The template of an object; NULL if it has none yet. */
const rr_template *rr_machine_template(const rr_machine *m, int object);

#endif
