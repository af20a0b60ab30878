/* reduced.h -- fewer states for a search that does not count runs.
 *
 * A step that uses only what no other thread can reach (machine/own_step.h) commutes with
 * all steps that other threads can take before its thread goes on: together they lead to
 * the same state and the same findings, and none makes another possible or impossible.
 * In a reduced graph a thread therefore takes such steps only together with the next step
 * that is not of this kind: an edge stands for its own steps a1 ... ak and that step b.
 * If b cannot be taken because it has to wait, there is an edge for a1 ... ak alone.
 * Every reduced state is a state of the whole graph, since each edge is a path there.
 *
 * Claim: for each kind of finding, the best run of the whole graph (fewest preemptions,
 * then fewest steps) is as good as the best of the reduced graph.
 *
 * 1. A path of the reduced graph is a run with the same cost.  A thread goes on within an
 *    edge, so nothing is preempted there.  And a thread has an edge exactly where it has a
 *    step: if k > 0 it can take a1, and has the edge with b or the one without; if k = 0
 *    both have b or nothing.  So a switch to another thread costs the same.
 * 2. A run R of the whole graph from a reduced state, to a finding of its last step or to
 *    an end where nothing can happen, has a path that costs at most as much.  Take its
 *    first block: the steps x1 ... xm of one thread t until another one goes on.
 *    - m > k: R begins with an edge.  Continue with the rest of R from there.
 *    - m = k > 0 and b has to wait: R begins with the edge for a1 ... ak.  Continue.
 *    - Otherwise x1 ... xm are own steps and t could go on, so the switch after them is a
 *      preemption, or R ends there.  Move x1 ... xm to the front of t's next block; if
 *      there is none, leave them out.  They commute with what is between; the other
 *      threads do, find and wait for the same.  At the former place of the block, t could
 *      also go on before x1.  So no switch costs more than before: if t ran before, the
 *      switch away costs one either way; if t did not, two switches become one, and the
 *      one that was left out cost one.  At an end where nothing can happen, t has a next
 *      block, because it could go on.
 *    Each time R has fewer steps or fewer blocks, so this ends.
 * 3. Livelocks: a state from which no run ends.  If own steps lead from x to y, a run that
 *    ends from one gives one that ends from the other, by moving these steps to the front
 *    or away.  So own steps never lead into a livelock, and 2. applies to the first
 *    state of one.
 *
 * Nothing is assumed of how long a step stays a thread's own, except until the thread
 * goes on; nor of how many are taken: after RR_MOST_OWN_STEPS the next is treated as b.
 */
#ifndef RR_REDUCED_H
#define RR_REDUCED_H

#include "explore/graph.h"

enum { RR_MOST_OWN_STEPS = RR_N_CHOICES - 1 };

/* Adds the edges of a thread from the state in g->base; false: it has none. */
bool rr_take_reduced(rr_graph *g, int thread, int many, int *n);

#endif
