/* busy_loop.h -- work that only keeps a core busy: a loop that counts.
 *
 * It touches no memory but its own stack and calls nothing, so n threads that run it
 * at the same time get n times as much done wherever n cores are to be had: the
 * yardstick of what a machine lends.
 */
#ifndef RR_BUSY_LOOP_H
#define RR_BUSY_LOOP_H

#include <stdint.h>

/* Count from 0 to n in steps of one; returns n, or 0 for a negative n. */
int64_t rr_busy_loop(int64_t n);

#endif
