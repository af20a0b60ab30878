/* widened_run.h -- loops over a mode's operations with widened gaps; a part of mode.h.
 *
 * Speed does not matter here: there is one form of each loop, and every operation checks
 * whether the object was freed.
 */
#define RR_MODE_SYMBOL(id) rr_widened_mode_##id

#define RR_MODE_RUN(id, operation)                                                      \
    static int64_t rr_##id##_##operation##_run(rr_object *o, int64_t n)                 \
    {                                                                                   \
        int64_t dangling = 0;                                                           \
        for (; n > 0; n--) {                                                            \
            dangling += rr_object_is_freed(o);                                          \
            rr_##id##_##operation(o);                                                   \
            rr_gap_end_operation();                                                     \
        }                                                                               \
        return dangling;                                                                \
    }
#define RR_RUN_FIELD(id, operation)                                                     \
    .operation##_run = {                                                                \
        [RR_ONE_BY_ONE] = rr_##id##_##operation##_run,                                  \
        [RR_BY_FOURS] = rr_##id##_##operation##_run,                                    \
        [RR_BY_SIXTEENS] = rr_##id##_##operation##_run,                                 \
    },

#define RR_MODE_LOOPS(id) RR_MODE_RUN(id, incref) RR_MODE_RUN(id, decref)
#define RR_MODE_LOOP_FIELDS(id) RR_RUN_FIELD(id, incref) RR_RUN_FIELD(id, decref)
