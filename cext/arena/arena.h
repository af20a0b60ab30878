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

#include "modes/native_modes.h"

typedef struct rr_arena rr_arena;

/* Open n_slots slots (1 or more), none of them alive yet; their objects count under
 * `domain`, which must outlive the arena. */
int rr_arena_open(int64_t n_slots, rr_domain *domain, rr_arena **out);
void rr_arena_close(rr_arena *arena);

/* The object in a slot.  pre: 0 <= slot < n_slots */
rr_object *rr_arena_object(rr_arena *arena, int64_t slot);

/* Give the slot to the next object of a mode: alive, `count` references, ledger the
 * same, made by the thread `maker`.
 * pre: no other thread is at the slot's object. */
rr_object *rr_arena_renew(rr_arena *arena, int64_t slot, const rr_mode *mode,
                          int64_t count, int maker);

/* What the object's words say.  While operations run they need not fit one another. */
int64_t rr_object_count(rr_object *o, const rr_mode *mode);

/* A domain of its own lock. */
int rr_domain_open(rr_domain **out);
void rr_domain_close(rr_domain *domain);

/* kept_lock.c: the domain's lock that threads keep. */
int rr_gil_open(rc_gil *g);
void rr_gil_close(rc_gil *g);

#endif
