/* may_still_parts.h -- sets of what may still happen, for may_still.c and
 * still_of_thread.c. */
#ifndef RR_MAY_STILL_PARTS_H
#define RR_MAY_STILL_PARTS_H

#include "machine/may_still.h"

/* The tables of m->still: see may_still.h. */
enum {
    RR_STILL_IN_ANY_FRAME,
    RR_STILL_IN_ONLY_FRAME,
    RR_STILL_INSIDE,
    RR_STILL_TABLES
};

/* Adds `more` to `to`, except for what is sure. */
void rr_still_unite(rr_still *to, const rr_still *more);
/* Adds what an operation of the mode does. */
void rr_still_add_operation(const rr_machine *m, int op, rr_still *out);
/* A destruction runs a finaliser, frees, and drops what the object owned. */
void rr_still_add_destruction(const rr_machine *m, rr_still *out);
/* A collection, from any of its steps on. */
void rr_still_add_collection(const rr_machine *m, rr_still *out);

/* Fills the other tables from the first; in still_of_thread.c. */
void rr_still_fill_tables(rr_machine *m);

#endif
