/* arena.h -- slots for native objects; memory that is freed twice, or used after it was
 * freed, still exists.
 *
 * A freed object stays in its slot, poisoned, until the arena's owner renews the slot,
 * and the owner does that only when no thread can still hold a pointer to it.  So
 * whatever the counts are, every access is to memory of the arena.
 */
#ifndef RR_ARENA_H
#define RR_ARENA_H

#include <stdint.h>

#include "arena/threads.h"

typedef struct rr_arena rr_arena;

/* Opens n_slots slots (1 or more) for objects of a mode, none of them alive yet.  They
 * count under `domain`, which must outlive the arena. */
int rr_arena_open(int64_t n_slots, const rr_mode *mode, rr_domain *domain,
                  rr_arena **out);
void rr_arena_close(rr_arena *arena);

/* The object in a slot.  pre: 0 <= slot < n_slots */
rr_object *rr_arena_object(rr_arena *arena, int64_t slot);

/* Gives the slot to the next object of a mode: alive, with the words and the ledger that
 * `start` says.
 * pre: no other thread uses the slot's object. */
rr_object *rr_arena_renew(rr_arena *arena, int64_t slot, const rr_mode *mode,
                          const rr_start *start);

/* The count that the object's words say.  While operations run the words may disagree. */
int64_t rr_object_count(rr_object *o, const rr_mode *mode);

#endif
