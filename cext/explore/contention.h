/* contention.h -- whether threads of a program can ever be in each other's way. */
#ifndef RR_CONTENTION_H
#define RR_CONTENTION_H

#include "explore/graph.h"

typedef enum rr_contention {
    RR_CONTENTION_NONE,     /* in no state can two threads take a step */
    RR_CONTENTION_STEPS,    /* two can, but not both count at one object */
    RR_CONTENTION_COUNTING, /* two can count at one object */
} rr_contention;

/* Of all states of a graph.  What comes after the run does not count.  An operation that
 * is under way could as well wait at its start, since only others at the same object see
 * how far it is: so states in which both are at the start show all that can meet.  What a
 * mode does for a thread beyond counting may be about any object.
 * pre: the graph is RR_GRAPH_DONE. */
rr_contention rr_contention_of(rr_graph *g);

#endif
