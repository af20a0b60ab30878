/* mode.h -- what a mode is: its operations, one table of them per backend.
 *
 * A mode's file defines static functions rr_<id>_<operation>, for the operations it has,
 * and ends in RR_MODE_TABLE.  They are called by nobody else, so the renaming for the
 * backend happens in that one place.
 *
 * Who calls: the holder of a reference (decref gives it up), or for try_incref anybody
 * who may read the memory.  The count seen as a cell (get, set, cas, add) exists where
 * the count is one word.
 */
#ifndef RR_MODE_H
#define RR_MODE_H

#include <stddef.h>

#include "mem/rc_mem.h"

#ifdef RC_NATIVE
#include "modes/object_native.h"
#else
#include "modes/object_model.h"
#endif

/* What is expected to be so keeps jumps out of the way of whoever a scheme is for; beside
 * an atomic operation a jump is nothing. */
#define RR_EXPECTED(condition) (__builtin_expect((condition), true) != 0)

/* What is seldom, or costs so much that a call is nothing beside it, is kept out of the loops
 * over the rest: written out there it makes a compiler stop inlining what happens each
 * time. */
#define RR_RARE __attribute__((noinline, cold))

/* What an object's cells hold; those that a mode does not keep are 0. */
typedef struct rr_words {
    int64_t refcnt, shared, tid;
    int64_t lanes; /* the sum of what all threads' lanes of it hold */
} rr_words;

/* What a mode keeps of an object beside ob_refcnt: bits. */
enum rr_keeps {
    RR_KEEPS_OBJECT_LOCK = 1, /* ob_mutex */
    RR_KEEPS_GLOBAL_LOCK = 2, /* the lock of the domain */
    RR_KEEPS_SHARED = 4,      /* ob_ref_shared */
    RR_KEEPS_TID = 8,         /* ob_tid: 0, or the number of a thread + 1 */
    RR_KEEPS_QUEUE = 16,      /* each thread's queue of objects */
    RR_KEEPS_LANES = 32,      /* words of each thread for each object: `n_lanes` of them */
    RR_KEEPS_EPOCH = 64,      /* the domain's epoch, and which one a thread has announced */
    RR_KEEPS_GIL = 128,       /* who has had the lock of the domain that is kept */
    RR_KEEPS_ATTACHMENT = 256, /* whether a thread counts now, or is asleep */
};

/* In place of a lane's number. */
enum { RR_MAX_LANES = 4, RR_ANY_LANE = -1 };

/* A thread has announced no epoch: it takes part no more, or not yet. */
enum { RR_OFFLINE = 0 };

/* Whether the words still count references. */
enum rr_standing {
    RR_COUNTED,
    RR_SATURATED, /* there were too many to count: nothing frees the object any more */
    RR_IMMORTAL,  /* nobody counts it, and nothing is meant to free it */
};
#ifdef RC_NATIVE

/* How often a loop repeats the operation before it jumps back.  Which form is
 * the quickest depends on the processor: some forward a store to the next load at once only if
 * few pairs of a store and a load do so; others can take one jump in two cycles; and where an
 * operation computes the address of its word anew, some forward only between the same two
 * instructions.  So whoever measures a mode tries all forms first. */
enum rr_form { RR_ONE_BY_ONE, RR_BY_FOURS, RR_BY_SIXTEENS, RR_N_FORMS };

typedef int64_t rr_run(rr_object *o, int64_t n);
typedef int64_t rr_round(rr_object *first, int64_t n_objects, int64_t passes);

#endif

/* How an object comes into being. */
typedef struct rr_start {
    int64_t count;
    int64_t tid;   /* of the thread that makes it, as ob_tid; 0: none that takes part */
    bool is_tried; /* may anybody try to count it without a reference? */
    bool is_shared; /* can more than one thread reach it from the beginning? */
} rr_start;

typedef struct rr_mode {
    void (*incref)(rr_object *o);
    void (*decref)(rr_object *o);
    /* One more reference unless the count is zero; tells whether. */
    bool (*try_incref)(rr_object *o);
    /* Is the count exactly one? */
    bool (*unique)(rr_object *o);

    unsigned keeps;
    int n_lanes;

    /* The calling thread is to do something else than count: what it keeps between
     * operations goes back.  NULL: it keeps nothing. */
    void (*rest)(rr_domain *domain);

    /* The two halves of what the words mean; NULL where ob_refcnt is the count and there
     * is nothing else.  Pure: they touch no cell.
     *   count_of  the references that the words stand for
     *   begin     the words of a new object */
    int64_t (*count_of)(const rr_words *words);
    void (*begin)(rr_words *words, const rr_start *start);

    /* Where words can stop counting: whether these, meant for counts up to `most`, have
     * (enum rr_standing).  NULL: they never do.  Pure, too. */
    int (*standing)(const rr_words *words, int64_t most);

    /* What the words of an object that only one thread can reach become just before
     * others can, where the mode has to be told; NULL: it need not be.  Pure.  The words
     * of any other object it leaves as they are. */
    void (*publish)(rr_words *words);

    /* Is ob_refcnt signed?  Then `max n` is the larger half of it: it wraps from n to
     * -(n + 1). */
    bool is_signed;

    /* Does it keep its count within its word by itself, so that `max n` is the largest
     * count (rc_count_max) and no more? */
    bool keeps_its_width;

    /* Is the count true only once the mode has settled, so that what is between the
     * accesses of an operation says nothing? */
    bool settles;

    /* Does try_incref write before it knows whether it may?  Then what it writes on a
     * dead object is no revival, but to succeed there is. */
    bool tries_first;

    /* Does what a thread has read out of an owning place live until the thread's next
     * quiescent point, so that it can be counted then? */
    bool protects_reads;

    /* Does an object whose last reference another thread drops, and settles, wait for one
     * that is asleep? */
    bool waits_for_sleepers;

    /* Does an operation go on at an object that another thread may have freed?  Its memory
     * is then given back only when no operation is at it any more. */
    bool frees_late;

    /* What a mode needs beyond counting; NULL: nothing.  A thread's first act, before it has
     * counted anything, is to arrive; it waits for nothing, and is seen to have happened by
     * the time that the thread counts. */
    void (*arrive)(rr_thread *me);
    /* Each of the others does one piece of what is to be done and tells whether there may be
     * more.  The thread itself calls
     *   quiesce   at a point where it is in no operation and holds nothing back
     *   detach    before it counts no more for a while: it waits for something, or works
     *             on what is not counted
     *   attach    before it counts again
     *   leave     as its last act, until there is no more: then it takes part no more
     * and one thread, when all the others have left, `collapse`. */
    bool (*quiesce)(rr_thread *me);
    bool (*leave)(rr_thread *me);
    bool (*detach)(rr_thread *me);
    bool (*attach)(rr_thread *me);
    bool (*collapse)(rr_thread *me);

    int64_t (*count_get)(rr_object *o);
    void (*count_set)(rr_object *o, int64_t n);
    bool (*count_cas)(rr_object *o, int64_t want, int64_t n);
    /* Add to the count and nothing more (no end of life); gives the new value. */
    int64_t (*count_add)(rr_object *o, int64_t d);

#ifdef RC_NATIVE
    /* Loops over operations, inlined.  Each returns how many of its operations came to an
     * object that was seen to be freed: at least that many did, see RR_LOOK_EVERY.
     *   incref_run    n increfs of one object
     *   incref_round  an incref of each of n objects that lie one after the other, `passes`
     *                 times; only in the tables of build_rounds.c, which have no runs */
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

/* Is there something to do when threads have ended? */
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

/* The mode's one exported symbol.  Operations that every mode has are filled in; the
 * count as a cell follows as further initialisers. */
#define RR_MODE_TABLE(id, ...)                                                          \
    RR_MODE_LOOPS(id)                                                                   \
    const rr_mode RR_MODE_SYMBOL(id) = {                                                \
        .incref = rr_##id##_incref,                                                     \
        .decref = rr_##id##_decref,                                                     \
        .try_incref = rr_##id##_try_incref,                                             \
        .unique = rr_##id##_unique,                                                     \
        RR_MODE_LOOP_FIELDS(id) __VA_ARGS__}

#define RR_MODE(id, ...) extern const rr_mode RR_MODE_SYMBOL(id);
#include "modes/modes.def"
#undef RR_MODE

#endif
