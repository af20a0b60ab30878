/* mode_loops.h -- the native loops over a mode's operations; a part of mode.h.
 *
 * The operation is what is measured, so a loop adds as little as possible.  It is
 * inlined, checks only at intervals whether the object was freed, and exists in several
 * forms.
 */

/* Operations between two checks whether the object was freed.  A check at each operation
 * would cost as much as the cheapest operation. */
#define RR_LOOK_EVERY 16

static inline int64_t
rr_dangling(rr_object *o, int64_t n)
{
    return RR_EXPECTED(!rr_object_is_freed(o)) ? 0 : n;
}

/* Flattened, because a compiler by itself inlines fewer operations the more modes there
 * are, and a call costs more than most operations. */
#define RR_FLAT static __attribute__((flatten)) int64_t

#define RR_FOUR_TIMES(x) x x x x
#define RR_SIXTEEN_TIMES(x) RR_FOUR_TIMES(RR_FOUR_TIMES(x))

#define RR_LOOP_FIELD(id, operation, loop)                                              \
    .operation##_##loop = {                                                             \
        [RR_ONE_BY_ONE] = rr_##id##_##operation##_ONE_BY_ONE,                           \
        [RR_BY_FOURS] = rr_##id##_##operation##_BY_FOURS,                               \
        [RR_BY_SIXTEENS] = rr_##id##_##operation##_BY_SIXTEENS,                         \
    },
#define RR_MODE_LOOPS_OF(id, operation, LOOP)                                           \
    LOOP(id, operation, ONE_BY_ONE)                                                     \
    LOOP(id, operation, BY_FOURS)                                                       \
    LOOP(id, operation, BY_SIXTEENS)

#ifdef RR_FINDS_ANEW

#define RR_MODE_SYMBOL(id) rr_round_mode_##id

/* Passes between two checks of all objects. */
#define RR_LOOK_EVERY_PASSES 64

static inline int64_t
rr_dangling_among(rr_object *first, int64_t n_objects, int64_t n)
{
    int64_t dangling = 0;
    for (int64_t i = 0; i < n_objects; i++) {
        dangling += rr_dangling(&first[i], n);
    }
    return dangling;
}

#define RR_PASS_ONE_BY_ONE(left, x)                                                     \
    for (; left > 0; left--) {                                                          \
        x                                                                               \
    }
#define RR_PASS_BY_FOURS(left, x)                                                       \
    for (; left >= 4; left -= 4) {                                                      \
        RR_FOUR_TIMES(x)                                                                \
    }                                                                                   \
    RR_PASS_ONE_BY_ONE(left, x)
#define RR_PASS_BY_SIXTEENS(left, x)                                                    \
    for (; left >= 16; left -= 16) {                                                    \
        RR_SIXTEEN_TIMES(x)                                                             \
    }                                                                                   \
    RR_PASS_ONE_BY_ONE(left, x)

/* The running thread is looked up before the loop.  The empty instruction uses the
 * results in case no operation does. */
#define RR_MODE_ROUND(id, operation, form)                                              \
    RR_FLAT rr_##id##_##operation##_##form(rr_object *first, int64_t n_objects,         \
                                           int64_t passes)                              \
    {                                                                                   \
        int64_t dangling = 0, self = rc_self(first);                                    \
        __asm__ volatile("" : : "r"(self), "r"(rr_lane_offset_asked()));                \
        while (passes > 0) {                                                            \
            int64_t n = passes < RR_LOOK_EVERY_PASSES ? passes : RR_LOOK_EVERY_PASSES;  \
            dangling += rr_dangling_among(first, n_objects, n);                         \
            passes -= n;                                                                \
            for (; n > 0; n--) {                                                        \
                rr_object *o = first;                                                   \
                int64_t left = n_objects;                                               \
                RR_PASS_##form(left, rr_##id##_##operation(o++);)                       \
            }                                                                           \
        }                                                                               \
        return dangling;                                                                \
    }

#define RR_MODE_LOOPS(id)                                                               \
    RR_MODE_LOOPS_OF(id, incref, RR_MODE_ROUND)                                         \
    RR_MODE_LOOPS_OF(id, decref, RR_MODE_ROUND)
#define RR_MODE_LOOP_FIELDS(id)                                                         \
    RR_LOOP_FIELD(id, incref, round) RR_LOOP_FIELD(id, decref, round)

#else

#define RR_MODE_SYMBOL(id) rr_native_mode_##id

/* RR_LOOK_EVERY times, in each form (enum rr_form).  The empty instruction hides the
 * number of turns, so that the compiler does not unroll the loop. */
#define RR_TURNS(n, x)                                                                  \
    for (int k = (n); k > 0; k--) {                                                     \
        __asm__ volatile("" : "+r"(k));                                                 \
        x                                                                               \
    }
#define RR_LOOP_ONE_BY_ONE(x) RR_TURNS(RR_LOOK_EVERY, x)
#define RR_LOOP_BY_FOURS(x) RR_TURNS(RR_LOOK_EVERY / 4, RR_FOUR_TIMES(x))
#define RR_LOOP_BY_SIXTEENS(x) RR_SIXTEEN_TIMES(x)

/* The running thread and its lanes are looked up before the loop, not in each turn of it.
 * The empty instruction uses the results in case no operation does. */
#define RR_MODE_RUN(id, operation, form)                                                \
    RR_FLAT rr_##id##_##operation##_##form(rr_object *o, int64_t n)                     \
    {                                                                                   \
        int64_t dangling = 0, self = rc_self(o);                                        \
        __asm__ volatile(""                                                             \
                         :                                                              \
                         : "r"(self), "r"(rr_me_asked(o)), "r"(rr_lanes_asked(o)));     \
        for (; n >= RR_LOOK_EVERY; n -= RR_LOOK_EVERY) {                                \
            dangling += rr_dangling(o, RR_LOOK_EVERY);                                  \
            RR_LOOP_##form(rr_##id##_##operation(o);)                                   \
        }                                                                               \
        dangling += rr_dangling(o, n);                                                  \
        for (; n > 0; n--) {                                                            \
            rr_##id##_##operation(o);                                                   \
        }                                                                               \
        return dangling;                                                                \
    }

#define RR_MODE_LOOPS(id)                                                               \
    RR_MODE_LOOPS_OF(id, incref, RR_MODE_RUN) RR_MODE_LOOPS_OF(id, decref, RR_MODE_RUN)
#define RR_MODE_LOOP_FIELDS(id)                                                         \
    RR_LOOP_FIELD(id, incref, run) RR_LOOP_FIELD(id, decref, run)

#endif
