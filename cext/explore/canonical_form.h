/* canonical_form.h -- one form for all states that behave alike.
 *
 * Differences that no continuation can observe are removed: locals that are not read
 * again, the content of freed memory, the order of identical threads, and the numbers of
 * the objects made by `new`.  States with equal forms have the same continuations, one to
 * one, so runs are neither lost nor counted twice.
 */
#ifndef RR_CANONICAL_FORM_H
#define RR_CANONICAL_FORM_H

#include <stddef.h>

#include "machine/machine.h"

/* Which threads are identical in the first state. */
typedef struct rr_symmetry {
    /* The thread's class, named by its first member; a unique thread has its own. */
    int class_of[RR_MAX_PROGRAM_THREADS + 1];
    int previous[RR_MAX_PROGRAM_THREADS + 1]; /* the one before in its class; -1: none */
    bool any;
    char *packed; /* under C11: room for two memories, to compare them */
    size_t packed_bytes;
} rr_symmetry;

/* The classes of a machine in its first state; all separate if not `wanted`. */
void rr_symmetry_of(const rr_machine *m, bool wanted, rr_symmetry *out);
/* Under C11, before states are brought into their form; RR_ENOMEM. */
int rr_symmetry_open(const rr_machine *m, rr_symmetry *symmetry);
void rr_symmetry_close(rr_symmetry *symmetry);

/* Brings m's state into its form; `stepped` is the thread that stepped last, -1 any.
 * Returns the new number of `stepped`.  -1: the state needs more, as m->grow says. */
int rr_canonicalise(rr_machine *m, const rr_symmetry *symmetry, int stepped);

/* The same; stores the new number of each thread. */
void rr_canonicalise_all(rr_machine *m, const rr_symmetry *symmetry,
                      int now[RR_MAX_PROGRAM_THREADS + 1]);

/* In a canonical state: the number of identical threads from `thread` on.  Under C11 it
 * uses m's state, and leaves `w` as it is. */
int rr_alike(rr_machine *m, const rr_symmetry *symmetry, int32_t *w, int thread);

#endif
