/* hybrid.c -- plain while one thread can reach the object, atomic once more can.
 *
 * Claim         CORRECT for counting.  It does not protect borrowed references.
 * Follows       the tutorial Design a scheme of refrace; Koka and Lean 4 do the same.
 * State         ob_refcnt: twice the number of references, plus 1 if the object is shared.
 * Steps         plain: load and store; shared: load and one read-modify-write.
 * Memory order  incref relaxed, since the caller holds a reference.  decref releases, and
 *               acquires for the thread that frees.
 * Invariant     half of ob_refcnt equals the number of references; the bit is set before a
 *               second thread can reach the object, and stays.
 */
#include "modes/mode.h"

RR_MODE_CARD(hybrid, .claim = RR_CORRECT,
    .title = "plain, then atomic",
    .summary = "plain until the object is shared, which a bit of the word says",
    .incref_steps = 2, .decref_steps = 2,
    .layout = "ob_refcnt: count rest = the number of references "
              "| shared? 1 = more than one thread can reach the object",
    .limits = "a borrowed reference",
    .source = "the tutorial Design a scheme");

/* A reference is 2, and the lowest bit says that the object is shared. */
enum { SHARED = 1, ONE = 2 };

static inline void
rr_hybrid_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if ((n & SHARED) == 0) {
        rc_store_relaxed(&o->ob_refcnt, n + ONE);
    }
    else {
        (void)rc_fetch_add_relaxed(&o->ob_refcnt, ONE);
    }
}

static inline void
rr_hybrid_decref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    if ((n & SHARED) == 0) {
        rc_store_relaxed(&o->ob_refcnt, n - ONE);
    }
    else {
        n = rc_fetch_add_acq_rel(&o->ob_refcnt, -ONE);
    }
    if (n / ONE == 1) {
        rc_dealloc(o);
    }
}

/* A failed attempt is as if the load had returned what it found. */
static inline bool
rr_hybrid_try_incref(rr_object *o)
{
    int64_t n = rc_load_relaxed(&o->ob_refcnt);
    do {
        if (n / ONE == 0) {
            return false;
        }
    } while (!rc_cas_weak_acq_rel(&o->ob_refcnt, &n, n + ONE));
    return true;
}

/* A shared object is never unique: any thread may be about to count it. */
static inline bool
rr_hybrid_unique(rr_object *o)
{
    return rc_load_relaxed(&o->ob_refcnt) == ONE;
}

/* What the word means: the count of a word, and the word of a new object. */
static int64_t
rr_hybrid_count_of(const rr_words *words)
{
    return words->refcnt / ONE;
}

static void
rr_hybrid_begin(rr_words *words, const rr_start *start)
{
    words->refcnt = start->count * ONE + (start->is_shared ? SHARED : 0);
}

static void
rr_hybrid_publish(rr_words *words)
{
    words->refcnt |= SHARED;
}

RR_MODE_TABLE(hybrid, .count_of = rr_hybrid_count_of, .begin = rr_hybrid_begin,
              .publish = rr_hybrid_publish);
