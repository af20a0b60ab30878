/* scout.h -- runs ahead of a search, so that it starts again early if it has to.
 *
 * Often only the end of a run shows that states need more room, or what an operation may
 * still do: where the last reference is dropped.  A search, breadth first, gets there last
 * and would expand nearly all states twice.
 */
#ifndef RR_SCOUT_H
#define RR_SCOUT_H

#include "explore/graph.h"

/* Expands some n states of random runs from the first state on, and adds none.  True: the
 * search has to start again, as g->grow says.  The runs depend on `nth` only, and all that
 * they find the search itself would find.  Without memory the search is over.
 * pre: the graph is open, and not reduced. */
bool rr_scout(rr_graph *g, uint64_t nth, uint32_t n);

#endif
