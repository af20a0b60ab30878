/* subject.h -- one object of a mode and the one thread that counts it; for tests of
 * modes. */
#ifndef RR_SUBJECT_H
#define RR_SUBJECT_H

#include "arena/arena.h"
#include "base/rr_status.h"
#include "tests/testing.h"

typedef struct subject {
    const rr_mode *mode;
    rr_domain *domain;
    rr_arena *arena;
    rr_object *object;
} subject;

static inline subject
open_begun(int mode, const rr_start *start)
{
    subject s = {.mode = rr_native_modes[mode]};
    rr_test_about(rr_mode_card_of(mode)->name);
    if (rr_domain_open(&s.domain) != RR_OK ||
        rr_arena_open(1, s.mode, s.domain, &s.arena) != RR_OK) {
        rr_test_failed(__FILE__, __LINE__, "the arena does not open");
    }
    rr_threads_join(s.domain, s.mode, 0);
    (void)rr_threads_enter(0);
    s.object = rr_arena_renew(s.arena, 0, s.mode, start);
    return s;
}

static inline subject
open_subject(int mode, int64_t count)
{
    return open_begun(mode, &(const rr_start){count, 1, false, false});
}

/* The thread quiesces, and then the world is stopped: if the mode defers work, this does
 * it now. */
static inline void
settle(subject s)
{
    (void)rr_threads_quiesce(s.domain, s.mode, 0);
    (void)rr_threads_collapse(s.domain, s.mode, 0);
}

/* False for modes in which no thread can know whether its reference is the only one. */
static inline bool
can_tell(int mode)
{
    return mode != RR_MODE_per_thread && mode != RR_MODE_epoch &&
           mode != RR_MODE_epoch_too_soon && mode != RR_MODE_decrements_first;
}

static inline void
close_subject(subject s)
{
    rr_arena_close(s.arena);
    rr_domain_close(s.domain);
}

#endif
