/* mode.h -- what a mode is: its operations, in one table per backend.
 *
 * A mode's file has a card (card.h), defines static functions rr_<id>_<operation> for the
 * operations it has, and ends in RR_MODE_TABLE.  Nothing else calls them, so only
 * RR_MODE_TABLE needs to rename them for the backend.
 *
 * Callers: a thread that holds a reference (decref gives it up); for try_incref, any
 * thread that may read the memory.  A mode offers the count as a cell (get, set, cas,
 * add) if its count is one word.
 */
#ifndef RR_MODE_H
#define RR_MODE_H

#include <stddef.h>

#include "mem/rc_mem.h"
#include "modes/card.h"

#ifdef RC_NATIVE
#include "modes/object_native.h"
#else
#include "modes/object_model.h"
#endif

/* The expected case falls through without a jump, which matters for the thread that a
 * mode favours.  Next to an atomic operation a jump costs nothing. */
#define RR_EXPECTED(condition) (__builtin_expect((condition), true) != 0)

/* Rare or expensive paths stay out of line.  Inlined into the loops, they would make a
 * compiler stop inlining the common path. */
#define RR_RARE __attribute__((noinline, cold))

/* The values of an object's cells; 0 for those that the mode does not use. */
typedef struct rr_words {
    int64_t refcnt, shared, tid;
    int64_t lanes; /* the sum of the object's lanes over all threads */
} rr_words;

/* What a mode keeps for an object besides ob_refcnt: bits. */
enum rr_keeps {
    RR_KEEPS_OBJECT_LOCK = 1, /* ob_mutex */
    RR_KEEPS_GLOBAL_LOCK = 2, /* the lock of the domain */
    RR_KEEPS_SHARED = 4,      /* ob_ref_shared */
    RR_KEEPS_TID = 8,         /* ob_tid: 0, or the number of a thread + 1 */
    RR_KEEPS_QUEUE = 16,      /* each thread's queue of objects */
    RR_KEEPS_LANES = 32,      /* `n_lanes` words per thread and object */
    RR_KEEPS_EPOCH = 64,      /* the domain's epoch, and each thread's announced epoch */
    RR_KEEPS_GIL = 128,       /* the last holder of the domain's GIL */
    RR_KEEPS_ATTACHMENT = 256, /* whether a thread is attached or detached */
};

/* RR_ANY_LANE stands in for a lane's number. */
enum { RR_MAX_LANES = 4, RR_ANY_LANE = -1 };

/* The thread has announced no epoch: it has left, is detached or has not arrived yet. */
enum { RR_OFFLINE = 0 };

/* Whether the words still count references. */
enum rr_standing {
    RR_COUNTED,
    RR_SATURATED, /* the count overflowed: nothing frees the object any more */
    RR_IMMORTAL,  /* not counted, and meant never to be freed */
};
#ifdef RC_NATIVE

/* How often a loop repeats the operation before it jumps back.  Which form is fastest
 * depends on the processor.  Some forward a store to the next load at once only if few
 * pairs of a store and a load do so; others can take one jump in two cycles.  If an
 * operation computes the address of its word anew, some forward only between the same two
 * instructions.  A measurement therefore tries all forms first. */
enum rr_form { RR_ONE_BY_ONE, RR_BY_FOURS, RR_BY_SIXTEENS, RR_N_FORMS };

typedef int64_t rr_run(rr_object *o, int64_t n);
typedef int64_t rr_round(rr_object *first, int64_t n_objects, int64_t passes);

#endif

/* How an object starts. */
typedef struct rr_start {
    int64_t count;
    int64_t tid;   /* of its maker, as ob_tid; 0: no participating thread made it */
    bool is_tried; /* may any thread try to count it without a reference? */
    bool is_shared; /* can more than one thread reach it from the start? */
} rr_start;

typedef struct rr_mode {
    void (*incref)(rr_object *o);
    void (*decref)(rr_object *o);
    /* Adds a reference unless the count is zero; returns whether it did. */
    bool (*try_incref)(rr_object *o);
    /* Is the count exactly one? */
    bool (*unique)(rr_object *o);
    /* Gives up the reference that a finaliser held during a temporary resurrection of its
     * object.  NULL: as decref, or count_add if the count is one word.  Only the explorer
     * calls it. */
    void (*resurrect_end)(rr_object *o);

    /* Changes of the whole count; NULL: a program that asks for one is refused.
     *   immortalise  from now on nothing counts the object, and nothing frees it
     *   merge        makes one count of those that the words keep, adds `extra` to it, and
     *                returns it; destroys nothing
     *   enable_try   from now on any thread may try to count the object.  Where a program
     *                asks for it, no object begins with is_tried */
    void (*immortalise)(rr_object *o);
    int64_t (*merge)(rr_object *o, int64_t extra);
    void (*enable_try)(rr_object *o);

    unsigned keeps;
    int n_lanes;

    /* The calling thread will do something else than count: it gives back what it keeps
     * between operations.  NULL: it keeps nothing. */
    void (*rest)(rr_domain *domain);

    /* What the words mean, in both directions; NULL if ob_refcnt is the count and there
     * is nothing else.  Pure: they touch no cell.
     *   count_of  the references that the words stand for
     *   begin     the words of a new object */
    int64_t (*count_of)(const rr_words *words);
    void (*begin)(rr_words *words, const rr_start *start);

    /* Whether these words, meant for counts up to `most`, have stopped counting (enum
     * rr_standing).  NULL: words of this mode never do.  Pure. */
    int (*standing)(const rr_words *words, int64_t most);

    /* Updates the words of an object that only one thread can reach, just before others
     * can reach it.  NULL: the mode does not need this.  Pure.  It does not change the
     * words of any other object. */
    void (*publish)(rr_words *words);

    /* Is ob_refcnt signed?  Then `max n` is the larger half of its range: it wraps from n
     * to -(n + 1). */
    bool is_signed;

    /* Does the mode itself keep its count within its word?  Then `max n` only sets the
     * largest count (rc_count_max). */
    bool keeps_its_width;

    /* Is the count exact only after the mode has settled?  Then the values between the
     * accesses of an operation are no evidence. */
    bool settles;

    /* Does try_incref write before it knows whether it may succeed?  Then that write on a
     * dead object is no revival, but success is. */
    bool tries_first;

    /* Does an object that a thread has read from an owning place live until the thread's
     * next quiescent point, so that the thread may count it until then? */
    bool protects_reads;

    /* If another thread drops an object's last reference and settles, does the object
     * still wait for a detached thread? */
    bool needs_attached_owner;

    /* Does an operation continue on an object that another thread may have freed?  Then
     * memory is reused only when no operation uses it any more. */
    bool frees_late;

    /* What a mode needs beyond counting; NULL: nothing.  A thread's first act, before it
     * counts anything, is `arrive`.  It does not wait, and it is visible to others before
     * the thread counts. */
    void (*arrive)(rr_thread *me);
    /* Each of the others does one piece of the work and returns whether there may be
     * more.  The thread itself calls
     *   quiesce   when it is in no operation and has no uncounted reads
     *   detach    before it stops counting for a while: it waits for something, or works
     *             on uncounted data
     *   attach    before it counts again
     *   leave     as its last act, until no work is left; then it no longer takes part
     * One thread calls `collapse` when all the others have left. */
    bool (*quiesce)(rr_thread *me);
    bool (*leave)(rr_thread *me);
    bool (*detach)(rr_thread *me);
    bool (*attach)(rr_thread *me);
    bool (*collapse)(rr_thread *me);

    int64_t (*count_get)(rr_object *o);
    void (*count_set)(rr_object *o, int64_t n);
    bool (*count_cas)(rr_object *o, int64_t want, int64_t n);
    /* Adds to the count only (never frees); returns the new value. */
    int64_t (*count_add)(rr_object *o, int64_t d);

#ifdef RC_NATIVE
    /* Loops over inlined operations.  Each returns how many of its operations used an
     * object that was seen to be freed.  This is a lower bound, see RR_LOOK_EVERY.
     *   incref_run    n increfs of one object
     *   incref_round  an incref of each of n adjacent objects, `passes` times; only in
     *                 the tables of build_rounds.c, which have no runs */
    rr_run *incref_run[RR_N_FORMS], *decref_run[RR_N_FORMS];
    rr_round *incref_round[RR_N_FORMS], *decref_round[RR_N_FORMS];
#endif
} rr_mode;

#if defined RC_WIDENED
#include "modes/widened_run.h"
#elif defined RC_NATIVE
#include "modes/mode_loops.h"
#else

#define RR_MODE_SYMBOL(id) rr_model_mode_##id
#define RR_MODE_LOOPS(id)
#define RR_MODE_LOOP_FIELDS(id)

#endif

static inline void
rr_mode_rest(const rr_mode *mode, rr_domain *domain)
{
    if (mode->rest != NULL) {
        mode->rest(domain);
    }
}

/* Does the mode have work to do when threads have ended? */
static inline bool
rr_mode_ends(const rr_mode *mode)
{
    return mode->leave != NULL || mode->collapse != NULL;
}

static inline int64_t
rr_mode_count_of(const rr_mode *mode, const rr_words *words)
{
    return mode->count_of == NULL ? words->refcnt : mode->count_of(words);
}

static inline rr_words
rr_mode_begin(const rr_mode *mode, const rr_start *start)
{
    rr_words words = {.refcnt = start->count};
    if (mode->begin != NULL) {
        mode->begin(&words, start);
    }
    return words;
}

/* The mode's one exported symbol.  The macro fills in the operations that every mode has;
 * further initialisers follow, such as the count as a cell. */
#define RR_MODE_TABLE(id, ...)                                                          \
    RR_MODE_LOOPS(id)                                                                   \
    extern const rr_mode RR_MODE_SYMBOL(id);                                            \
    const rr_mode RR_MODE_SYMBOL(id) = {                                                \
        .incref = rr_##id##_incref,                                                     \
        .decref = rr_##id##_decref,                                                     \
        .try_incref = rr_##id##_try_incref,                                             \
        .unique = rr_##id##_unique,                                                     \
        RR_MODE_LOOP_FIELDS(id) __VA_ARGS__}

#endif
