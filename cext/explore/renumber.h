/* renumber.h -- objects made by `new`, numbered by where they are first referred to. */
#ifndef RR_RENUMBER_H
#define RR_RENUMBER_H

#include "machine/machine.h"

/* Give the objects of m's state their numbers; what is freed and referred to by nobody
 * is forgotten, so that its place can be used again. */
void rr_renumber(rr_machine *m);

#endif
