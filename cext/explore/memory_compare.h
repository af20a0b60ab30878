/* memory_compare.h -- would the memory of a state under C11 take less if two identical
 * threads were exchanged?
 */
#ifndef RR_MEMORY_COMPARE_H
#define RR_MEMORY_COMPARE_H

#include "machine/machine.h"

/* Compares a packed memory with what it would be if two threads were exchanged: above 0 if
 * it would be less, 0 if it would be the same.  pre: no location is announced. */
int rr_compare_packed(const rr_shape *s, int32_t *w, int a, int b);

#endif
