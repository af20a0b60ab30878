/* team.h -- expands the states of a search in several threads, and adds what they find in
 * the order of a search in one thread.
 *
 * The states that wait are a queue, since a state's number is its place there.  A thread
 * takes a chunk from the front, takes all branches of its states without a lock, and the
 * chunks are added one at a time in the order of their states, each by whichever thread
 * is free.  So every state, edge and outcome gets the number that it has in a search in
 * one thread, and limits are checked before the same states.
 *
 * Adding is a third to a half of the work, so more than two or three threads gain little.
 */
#ifndef RR_TEAM_H
#define RR_TEAM_H

#include "explore/search.h"

/* A team for the search's graph as it is now open; at least two workers.  RR_ENOMEM. */
int rr_team_open(rr_search *search, rr_team **out);
void rr_team_close(rr_team *team);

/* Expands states until a time, or while enough of them wait.  No thread is left when it
 * returns, so a process can fork between two calls.  False: no thread could be started,
 * or there is no memory for it, and nothing was done. */
bool rr_team_expand(rr_team *team, int64_t until);

#endif
