/* contention.h -- whether threads of a program can ever affect each other. */
#ifndef RR_CONTENTION_H
#define RR_CONTENTION_H

#include "explore/graph.h"

typedef enum rr_contention {
    RR_CONTENTION_NONE,     /* in no state can two threads take a step */
    RR_CONTENTION_STEPS,    /* two can, but not both count on one object */
    RR_CONTENTION_COUNTING, /* two can count on one object */
} rr_contention;

/* Over all states of a graph, without what follows the run.  An operation in progress
 * could as well wait at its start, since only other threads on the same object can
 * observe its progress.  So states in which both threads are at the start show every
 * possible overlap.  The mode's work for a thread besides counting may concern any
 * object.  pre: the graph is RR_GRAPH_DONE. */
rr_contention rr_contention_of(rr_graph *g);

#endif
