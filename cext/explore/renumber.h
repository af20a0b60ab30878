/* renumber.h -- numbers the objects made by `new` by where they are first referred to. */
#ifndef RR_RENUMBER_H
#define RR_RENUMBER_H

#include "machine/machine.h"

/* Renumbers the objects of m's state.  A freed object without references is removed, so
 * that its number can be reused. */
void rr_renumber(rr_machine *m);

#endif
