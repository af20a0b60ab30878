/* mode_loops.h -- the native loops over a mode's operations; a part of mode.h.
 *
 * What is measured is the operation.  So a loop adds as little as it can: it is inlined, it
 * looks only now and then whether the object was freed, and it exists in several forms.
 */

/* Operations on an object between two looks at whether it was freed.  A look at each would
 * cost as much as the cheapest operation. */
#define RR_LOOK_EVERY 16

static inline int64_t
rr_dangling(rr_object *o, int64_t n)
{
    return RR_EXPECTED(!rr_object_is_freed(o)) ? 0 : n;
}

/* Flattened: by itself a compiler inlines fewer operations the more modes there are, and a
 * call costs more than most operations. */
#define RR_FLAT static __attribute__((flatten)) int64_t

#ifdef RR_FINDS_ANEW

#define RR_MODE_SYMBOL(id) rr_round_mode_##id

/* The number of the running thread is asked for before the loop; the empty instruction needs
 * the answer where no operation does. */
#define RR_MODE_ROUND(id, operation)                                                    \
    RR_FLAT rr_##id##_##operation##_round(rr_object *first, int64_t n_objects,          \
                                          int64_t passes)                               \
    {                                                                                   \
        int64_t dangling = 0, self = rc_self(first);                                    \
        rr_object *end = first + n_objects;                                             \
        __asm__ volatile("" : : "r"(self));                                             \
        while (passes > 0) {                                                            \
            int64_t n = passes < RR_LOOK_EVERY ? passes : RR_LOOK_EVERY;                \
            for (rr_object *o = first; o < end; o++) {                                  \
                dangling += rr_dangling(o, n);                                          \
            }                                                                           \
            passes -= n;                                                                \
            for (; n > 0; n--) {                                                        \
                for (rr_object *o = first; o < end; o++) {                              \
                    rr_##id##_##operation(o);                                           \
                }                                                                       \
            }                                                                           \
        }                                                                               \
        return dangling;                                                                \
    }

#define RR_MODE_LOOPS(id) RR_MODE_ROUND(id, incref) RR_MODE_ROUND(id, decref)
#define RR_MODE_LOOP_FIELDS(id)                                                         \
    .incref_round = rr_##id##_incref_round, .decref_round = rr_##id##_decref_round,

#else

#define RR_MODE_SYMBOL(id) rr_native_mode_##id

/* RR_LOOK_EVERY times, in each form (enum rr_form).  The empty instruction hides the number of
 * turns, or the compiler might write them all out. */
#define RR_TURNS(n, x)                                                                  \
    for (int k = (n); k > 0; k--) {                                                     \
        __asm__ volatile("" : "+r"(k));                                                 \
        x                                                                               \
    }
#define RR_FOUR_TIMES(x) x x x x
#define RR_LOOP_ONE_BY_ONE(x) RR_TURNS(RR_LOOK_EVERY, x)
#define RR_LOOP_BY_FOURS(x) RR_TURNS(RR_LOOK_EVERY / 4, RR_FOUR_TIMES(x))
#define RR_LOOP_BY_SIXTEENS(x) RR_FOUR_TIMES(RR_FOUR_TIMES(x))

/* Who counts, and where its lanes are, is asked before the loop, or it would be asked in each
 * turn of it; the empty instruction needs the answers where no operation does. */
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

#define RR_MODE_RUNS(id, operation)                                                     \
    RR_MODE_RUN(id, operation, ONE_BY_ONE)                                              \
    RR_MODE_RUN(id, operation, BY_FOURS)                                                \
    RR_MODE_RUN(id, operation, BY_SIXTEENS)
#define RR_RUN_FIELD(id, operation)                                                     \
    .operation##_run = {                                                                \
        [RR_ONE_BY_ONE] = rr_##id##_##operation##_ONE_BY_ONE,                           \
        [RR_BY_FOURS] = rr_##id##_##operation##_BY_FOURS,                               \
        [RR_BY_SIXTEENS] = rr_##id##_##operation##_BY_SIXTEENS,                         \
    },

#define RR_MODE_LOOPS(id) RR_MODE_RUNS(id, incref) RR_MODE_RUNS(id, decref)
#define RR_MODE_LOOP_FIELDS(id) RR_RUN_FIELD(id, incref) RR_RUN_FIELD(id, decref)

#endif
