/* busy_loop.h -- work that only keeps a core busy: a loop that counts.
 *
 * It uses no memory but its own stack and calls nothing.  So n threads that run it at the
 * same time do n times the work if n cores are available: a yardstick for the cores that
 * a machine provides.
 */
#ifndef RR_BUSY_LOOP_H
#define RR_BUSY_LOOP_H

#include <stdint.h>

/* Counts from 0 to n in steps of one; returns n, or 0 for a negative n. */
int64_t rr_busy_loop(int64_t n);

#endif
