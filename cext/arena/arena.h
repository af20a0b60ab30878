/* arena.h -- slots for native objects; memory that is freed twice, or used after, is
 * still there.
 *
 * A freed object stays in its slot, poisoned, until its owner renews the slot, and the
 * owner does that only when no thread can still hold a pointer to it.  So whatever the
 * counts do, every access lands in memory of the arena.
 */
#ifndef RR_ARENA_H
#define RR_ARENA_H

#include <stdint.h>

#include "arena/threads.h"

typedef struct rr_arena rr_arena;

/* Open n_slots slots (1 or more) for objects of a mode, none of them alive yet; they count
 * under `domain`, which must outlive the arena. */
int rr_arena_open(int64_t n_slots, const rr_mode *mode, rr_domain *domain,
                  rr_arena **out);
void rr_arena_close(rr_arena *arena);

/* The object in a slot.  pre: 0 <= slot < n_slots */
rr_object *rr_arena_object(rr_arena *arena, int64_t slot);

/* Give the slot to the next object of a mode: alive, the ledger at its count, as `start`
 * says.
 * pre: no other thread is at the slot's object. */
rr_object *rr_arena_renew(rr_arena *arena, int64_t slot, const rr_mode *mode,
                          const rr_start *start);

/* What the object's words say.  While operations run they need not fit one another. */
int64_t rr_object_count(rr_object *o, const rr_mode *mode);

#endif
