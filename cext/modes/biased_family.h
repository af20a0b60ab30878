/* biased_family.h -- biased reference counting, in the order of CPython's functions.
 *
 *   CPython (Objects/object.c, Python/brc.c)         here
 *   Py_INCREF, Py_DECREF                             incref, decref
 *   _Py_MergeZeroLocalRefcount                       zero
 *   _Py_DecRefShared                                 drop
 *   _Py_brc_queue_object                             queue
 *   _Py_ExplicitMergeRefcount                        merge
 *   _PyObject_SetMaybeWeakref                        enable_try
 *   _Py_SetImmortalUntracked                         immortalise
 *   _Py_brc_merge_refcounts                          settle, from quiesce
 *   _Py_brc_remove_thread                            settle, from leave
 *
 * Each mode of the family includes this header once and gets its own copy of the
 * functions, named by RR_BIASED(name).  A mode that replaces a function defines
 * RR_BIASED_OWN_<NAME> before the include, and the function after it.
 */

/* ---- the words: the same for all modes of the family ---------------------------------
 *
 * The owner's thread (ob_tid) counts in ob_refcnt, with plain loads and stores.  All other
 * threads count in ob_ref_shared, atomically: their count times four, plus two flag bits.
 * The count is negative if others have dropped references that the owner took.  The flag
 * bits encode one of four states; the state only ever increases.
 */
#ifndef RR_BIASED_WORDS
#include "modes/mode.h"

enum {
    RR_SHARED_MAYBE_TRIED = 1, /* a thread may try to count without a reference */
    RR_SHARED_QUEUED = 2,      /* in its owner's queue */
    RR_SHARED_MERGED = 3,      /* no owner: ob_tid and ob_refcnt are 0 for good */
    RR_SHARED_FLAGS = 3,
    RR_SHARED_ONE = 4,
};

/* An immortal object has no owner and a large ob_refcnt.  CPython looks at ob_ref_local in
 * each operation.  Here an operation loads ob_refcnt for that only if ob_tid is the number
 * of no thread, which an object gets when it becomes immortal. */
enum { RR_BIASED_UNOWNED_TID = -2, RR_BIASED_IMMORTAL = (1 << 30) - 4 };

/* The owner may have been in the middle of an operation. */
static inline bool
rr_is_immortal_local(int64_t refcnt)
{
    return refcnt >= RR_BIASED_IMMORTAL - 1 && refcnt <= RR_BIASED_IMMORTAL + 1;
}

static inline int64_t
rr_shared_count(int64_t shared)
{
    return (shared - (shared & RR_SHARED_FLAGS)) / RR_SHARED_ONE;
}

static inline int64_t
rr_biased_count_of(const rr_words *words)
{
    return words->refcnt + rr_shared_count(words->shared);
}

static inline int
rr_biased_standing(const rr_words *words, int64_t most)
{
    (void)most;
    bool is_immortal =
        words->tid == RR_BIASED_UNOWNED_TID && rr_is_immortal_local(words->refcnt);
    return is_immortal ? RR_IMMORTAL : RR_COUNTED;
}

/* An object is created with try_incref enabled if the program uses it, unless the program
 * enables it by `enable_try`. */
static inline void
rr_biased_begin(rr_words *words, const rr_start *start)
{
    bool is_owned = start->tid != 0 && start->count > 0;
    words->tid = is_owned ? start->tid : 0;
    words->refcnt = is_owned ? start->count : 0;
    words->shared = !is_owned         ? start->count * RR_SHARED_ONE + RR_SHARED_MERGED
                    : start->is_tried ? RR_SHARED_MAYBE_TRIED
                                      : 0;
}

#define RR_BIASED_KEEPING(what)                                                         \
    .keeps = RR_KEEPS_SHARED | RR_KEEPS_TID | RR_KEEPS_QUEUE | (what),                  \
    .count_of = rr_biased_count_of, .begin = rr_biased_begin, .settles = true,          \
    .standing = rr_biased_standing, .immortalise = RR_BIASED(immortalise),              \
    .merge = RR_BIASED(merge), .enable_try = RR_BIASED(enable_try)
#define RR_BIASED_WORDS RR_BIASED_KEEPING(0), .needs_attached_owner = true
/* With attachment kept, no object waits for a detached owner. */
#define RR_BIASED_WORDS_AND_ATTACHMENT RR_BIASED_KEEPING(RR_KEEPS_ATTACHMENT)
#endif

/* ---- forward declarations, so that the functions appear in reading order --------- */

static void RR_BIASED(zero)(rr_object *o);
static inline void RR_BIASED(drop)(rr_object *o);
static void RR_BIASED(queue)(rr_object *o);
static inline void RR_BIASED(pushed)(rr_object *o, rr_thread *owner);
static int64_t RR_BIASED(merge)(rr_object *o, int64_t extra);

/* ---- counting -------------------------------------------------------------------------- */

static inline bool
RR_BIASED(is_immortal)(rr_object *o, int64_t tid)
{
    return tid == RR_BIASED_UNOWNED_TID &&
           rr_is_immortal_local(rc_load_relaxed(&o->ob_refcnt));
}

static inline void
RR_BIASED(incref)(rr_object *o)
{
    int64_t tid = rc_load_relaxed(&o->ob_tid);
    if (RR_EXPECTED(tid == rc_self(o))) {
        int64_t n = rc_load_relaxed(&o->ob_refcnt);
        rc_store_relaxed(&o->ob_refcnt, n + 1);
    }
    else if (!RR_BIASED(is_immortal)(o, tid)) {
        (void)rc_fetch_add_relaxed(&o->ob_ref_shared, RR_SHARED_ONE);
    }
}

static inline void
RR_BIASED(decref)(rr_object *o)
{
    int64_t tid = rc_load_relaxed(&o->ob_tid);
    if (RR_EXPECTED(tid == rc_self(o))) {
        int64_t n = rc_load_relaxed(&o->ob_refcnt);
        rc_store_relaxed(&o->ob_refcnt, n - 1);
        if (n == 1) {
            RR_BIASED(zero)(o);
        }
    }
    else if (!RR_BIASED(is_immortal)(o, tid)) {
        RR_BIASED(drop)(o);
    }
}

/* An owner that tries an object after dropping it finds its own count at zero.  CPython
 * omits this check, because no owner does that there. */
static inline bool
RR_BIASED(try_incref)(rr_object *o)
{
    int64_t tid = rc_load_relaxed(&o->ob_tid);
    if (RR_EXPECTED(tid == rc_self(o))) {
        int64_t n = rc_load_relaxed(&o->ob_refcnt);
        if (n != 0) {
            rc_store_relaxed(&o->ob_refcnt, n + 1);
            return true;
        }
    }
    else if (RR_BIASED(is_immortal)(o, tid)) {
        return true;
    }
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared);
    do {
        if (shared == 0 || shared == RR_SHARED_MERGED) {
            return false;
        }
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared,
                                  shared + RR_SHARED_ONE));
    return true;
}

/* Only the owner can know, and only if no other thread has ever counted the object or may
 * try to: any flag makes the answer no. */
static inline bool
RR_BIASED(unique)(rr_object *o)
{
    return rc_load_relaxed(&o->ob_tid) == rc_self(o) &&
           rc_load_relaxed(&o->ob_refcnt) == 1 &&
           rc_load_acquire(&o->ob_ref_shared) == 0;
}

/* ---- the owner's own count is zero: free the object, or give it up -------------------
 *
 * If the shared word is 0, without flags, no other thread can reach the object.  The
 * acquire orders the free after what the others did before they dropped their references.
 * Otherwise the owner clears ob_tid before the compare-and-swap, because after it another
 * thread may free the object.
 */
#ifndef RR_BIASED_OWN_ZERO
static RR_RARE void
RR_BIASED(zero)(rr_object *o)
{
    if (rc_load_acquire(&o->ob_ref_shared) == 0) {
        rc_dealloc(o);
        return;
    }
    rc_store_relaxed(&o->ob_tid, 0);
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), merged;
    do {
        merged = shared | RR_SHARED_MERGED;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, merged));
    if (merged == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
}
#endif

/* ---- a decrement by a thread that is not the owner -------------------------------------
 *
 * If the shared count would fall below zero, the dropped reference is one that the owner
 * counted.  The object then goes to the owner's queue, which takes over that reference.
 */
#ifndef RR_BIASED_OWN_DROP
static inline void
RR_BIASED(drop)(rr_object *o)
{
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared), now;
    bool goes_below;
    do {
        goes_below = shared == 0 || shared == RR_SHARED_MAYBE_TRIED;
        now = goes_below ? RR_SHARED_QUEUED : shared - RR_SHARED_ONE;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared, now));
    if (goes_below) {
        RR_BIASED(queue)(o);
    }
    else if (now == RR_SHARED_MERGED) {
        rc_dealloc(o);
    }
}
#endif

#ifndef RR_BIASED_OWN_QUEUE
static RR_RARE void
RR_BIASED(queue)(rr_object *o)
{
    int64_t tid = rc_load_relaxed(&o->ob_tid);
    if (RR_BIASED(is_immortal)(o, tid)) {
        return; /* since this operation began */
    }
    if (tid == 0 || tid == RR_BIASED_UNOWNED_TID) {
        /* The owner has given the object up, so the reference is a shared one. */
        if (rc_fetch_add_acq_rel(&o->ob_ref_shared, -RR_SHARED_ONE) ==
            RR_SHARED_ONE + RR_SHARED_MERGED) {
            rc_dealloc(o);
        }
        return;
    }
    rr_thread *owner = rr_thread_of(o, tid); /* now: o may be freed after the push */
    if (rc_queue_push(o, tid)) {
        RR_BIASED(pushed)(o, owner);
    }
    else if (RR_BIASED(merge)(o, -1) == 0) {
        /* The owner has ended, and its queue is closed. */
        rc_dealloc(o);
    }
}
#endif

/* Runs after a push.  By default the object is left to its owner. */
#ifndef RR_BIASED_OWN_PUSHED
static inline void
RR_BIASED(pushed)(rr_object *o, rr_thread *owner)
{
    (void)o;
    (void)owner;
}
#endif

/* ---- merge both counts into one ------------------------------------------------------
 *
 * Called by the owner, or by any thread once the owner has left or is stopped.  Returns the
 * references that remain, including `extra`.  The compare-and-swap comes last, because after
 * it another thread may free the object.  CPython asserts that the object is not immortal.
 */
#ifndef RR_BIASED_OWN_MERGE
static RR_RARE int64_t
RR_BIASED(merge)(rr_object *o, int64_t extra)
{
    int64_t local = rc_load_relaxed(&o->ob_refcnt), count;
    if (rr_is_immortal_local(local)) {
        return local;
    }
    rc_store_relaxed(&o->ob_refcnt, 0);
    rc_store_relaxed(&o->ob_tid, 0);
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared);
    do {
        count = rr_shared_count(shared) + local + extra;
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared,
                                  count * RR_SHARED_ONE + RR_SHARED_MERGED));
    return count;
}
#endif

/* ---- the owner empties its queue, at quiescent points and when it ends ---------------
 *
 * The merge drops the reference that the queue holds.
 */
#ifndef RR_BIASED_QUEUE_HOLDS
#define RR_BIASED_QUEUE_HOLDS 1
#endif

static inline bool
RR_BIASED(settle)(rr_object *o)
{
    if (o == NULL) {
        return false;
    }
    if (RR_BIASED(merge)(o, -RR_BIASED_QUEUE_HOLDS) == 0) {
        rc_dealloc(o);
    }
    return true;
}

static bool
RR_BIASED(quiesce)(rr_thread *me)
{
    return RR_BIASED(settle)(rc_queue_pop(me));
}

#ifndef RR_BIASED_HAS_NO_LEAVE
static bool
RR_BIASED(leave)(rr_thread *me)
{
    return RR_BIASED(settle)(rc_queue_pop_or_close(me));
}
#endif

/* ---- an owner that detaches, in modes that keep its attachment -------------------------- */

#ifdef RR_BIASED_HAS_DETACH
static bool
RR_BIASED(detach)(rr_thread *me)
{
    return RR_BIASED(settle)(rc_queue_pop_or_detach(me));
}

static bool
RR_BIASED(attach)(rr_thread *me)
{
    rc_attach(me);
    return false;
}
#endif

/* ---- the end of a temporary resurrection ------------------------------------------------
 *
 * _PyObject_ResurrectEnd and _PyObject_ResurrectEndSlow: an owner whose object others may
 * have counted gives it up, so that they can free it without the owner.  It is destroyed
 * by rc_dealloc if no reference remains.
 */
static void
RR_BIASED(resurrect_end)(rr_object *o)
{
    int64_t local = rc_load_relaxed(&o->ob_refcnt);
    int64_t shared = rc_load_acquire(&o->ob_ref_shared);
    if (rr_is_immortal_local(local)) {
        return;
    }
    if (rc_load_relaxed(&o->ob_tid) != rc_self(o)) {
        RR_BIASED(drop)(o);
    }
    else if (local == 1 && shared == 0) {
        rc_store_relaxed(&o->ob_refcnt, 0);
        rc_dealloc(o);
    }
    else if (RR_BIASED(merge)(o, -1) == 0) {
        rc_dealloc(o);
    }
}

/* ---- changes of the whole count ------------------------------------------------------- */
/* An object that is queued or merged can be tried anyway. */
static void
RR_BIASED(enable_try)(rr_object *o)
{
    if (rr_is_immortal_local(rc_load_relaxed(&o->ob_refcnt))) {
        return;
    }
    int64_t shared = rc_load_relaxed(&o->ob_ref_shared);
    do {
        if ((shared & RR_SHARED_FLAGS) != 0) {
            return;
        }
    } while (!rc_cas_weak_acq_rel(&o->ob_ref_shared, &shared,
                                  shared | RR_SHARED_MAYBE_TRIED));
}

/* Plain stores, as in CPython; an owner in the middle of an increment overwrites them
 * (gh-113956). */
static void
RR_BIASED(immortalise)(rr_object *o)
{
    if (!rr_is_immortal_local(rc_load_relaxed(&o->ob_refcnt))) {
        rc_store_relaxed(&o->ob_tid, RR_BIASED_UNOWNED_TID);
        rc_store_relaxed(&o->ob_refcnt, RR_BIASED_IMMORTAL);
        rc_store_relaxed(&o->ob_ref_shared, 0);
    }
}

#undef RR_BIASED_OWN_ZERO
#undef RR_BIASED_OWN_DROP
#undef RR_BIASED_OWN_QUEUE
#undef RR_BIASED_OWN_PUSHED
#undef RR_BIASED_OWN_MERGE
#undef RR_BIASED_QUEUE_HOLDS
#undef RR_BIASED_HAS_NO_LEAVE
#undef RR_BIASED_HAS_DETACH
