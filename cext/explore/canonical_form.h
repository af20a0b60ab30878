/* canonical_form.h -- one form for all states that behave alike.
 *
 * Differences that no continuation can observe are removed: locals that are not read
 * again, the content of freed memory, the order of identical threads, and the numbers of
 * the objects made by `new`.  States with equal forms have the same continuations, one to
 * one, so runs are neither lost nor counted twice.
 */
#ifndef RR_CANONICAL_FORM_H
#define RR_CANONICAL_FORM_H

#include "machine/machine.h"

/* Which threads are identical in the first state. */
typedef struct rr_symmetry {
    /* The thread's class, named by its first member; a unique thread has its own. */
    int class_of[RR_MAX_PROGRAM_THREADS + 1];
    bool any;
} rr_symmetry;

/* The classes of a machine in its first state; all separate if not `wanted`. */
void rr_symmetry_of(const rr_machine *m, bool wanted, rr_symmetry *out);

/* Brings m's state into its form; `stepped` is the thread that stepped last, -1 any.
 * Returns the new number of `stepped`. */
int rr_canonicalise(rr_machine *m, const rr_symmetry *symmetry, int stepped);

/* The same; stores the new number of each thread. */
void rr_canonicalise_all(rr_machine *m, const rr_symmetry *symmetry,
                      int now[RR_MAX_PROGRAM_THREADS + 1]);

/* In a canonical state: the number of identical threads from `thread` on. */
int rr_alike(const rr_machine *m, const rr_symmetry *symmetry, const int32_t *w,
             int thread);

#endif
