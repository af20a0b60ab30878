/* canonical_form.h -- the one form of a state that stands for all states that behave alike.
 *
 * What no continuation can tell apart is made equal: locals that are not read again,
 * what freed memory holds, which of several identical threads is which, and what the
 * objects made by `new` are called.  Equal forms have the same continuations, one to
 * one, so that runs are neither lost nor counted twice.
 */
#ifndef RR_CANONICAL_FORM_H
#define RR_CANONICAL_FORM_H

#include "machine/machine.h"

/* Which threads do the same from the first state on. */
typedef struct rr_symmetry {
    /* The thread's class, named by its first member; a thread on its own is its own. */
    int class_of[RR_MAX_PROGRAM_THREADS + 1];
    bool any;
} rr_symmetry;

/* The classes of a machine that is in its first state; all apart if not `wanted`. */
void rr_symmetry_of(const rr_machine *m, bool wanted, rr_symmetry *out);

/* Bring m's state into its form; `stepped` is the thread that stepped last, -1 any.
 * Returns which thread `stepped` is now. */
int rr_canonicalise(rr_machine *m, const rr_symmetry *symmetry, int stepped);

/* The same, and for each thread which thread it is now. */
void rr_canonicalise_all(rr_machine *m, const rr_symmetry *symmetry,
                      int now[RR_MAX_PROGRAM_THREADS + 1]);

/* In a state in its form: how many threads from `thread` on are exactly alike. */
int rr_alike(const rr_machine *m, const rr_symmetry *symmetry, const int32_t *w,
             int thread);

#endif
