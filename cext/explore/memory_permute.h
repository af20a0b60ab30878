/* memory_permute.h -- exchanges identical threads, and renumbers objects, in a memory
 * under C11.
 */
#ifndef RR_MEMORY_PERMUTE_H
#define RR_MEMORY_PERMUTE_H

#include "machine/machine.h"

void rr_swap_in_memory(const rr_shape *s, int32_t *w, int a, int b);

/* Compares two threads by their views' positions, as far as an exchange of threads leaves
 * those as they are. */
int rr_compare_views(const rr_shape *s, int32_t *w, int a, int b);

/* Moves each object made by `new` to the place of its number: reached[k] becomes the k-th
 * of them; the others begin anew. */
void rr_move_objects_in_memory(rr_machine *m, const int32_t *reached, int32_t n_reached);

#endif
