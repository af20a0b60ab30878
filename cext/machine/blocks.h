/* blocks.h -- blocks of items: their classes of locations, and accesses of their words. */
#ifndef RR_BLOCKS_H
#define RR_BLOCKS_H

#include "machine/internal.h"

/* The class of a container's pointer to its block. */
static inline int
rr_class_of_block(const rr_program *p, int32_t container)
{
    return RR_MODE_CLASSES + p->n_names + p->n_cells + container;
}

/* The class of what an instruction with a memory order accesses. */
static inline int
rr_class_of_access(const rr_program *p, const rr_instr *in)
{
    return in->op == RR_OP_AT || in->op == RR_OP_AT_SET ? RR_CLASS_ITEM
           : in->op == RR_OP_ITEMS                      ? rr_class_of_block(p, in->p[0])
                                                        : rr_class_of_place(p, in->p);
}

/* Loads or stores the newest value, in either memory model. */
rr_progress rr_load_newest(rr_machine *m, int32_t *word, int32_t *value);
rr_progress rr_store_newest(rr_machine *m, int32_t *word, int32_t value);
/* Moves the items that fit to a new block, and frees the old one now or later. */
rr_progress rr_replace_block(rr_machine *m, int container, int64_t room);

#endif
