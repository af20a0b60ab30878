/* widened_run.h -- n operations in a row of a mode with widened gaps: speed is nothing
 * here, and every operation looks whether the object was freed.
 */
#ifndef RR_WIDENED_RUN_H
#define RR_WIDENED_RUN_H

/* What mode.h has for modes that are compiled for speed. */
#define RR_WRITTEN_OUT(x) x
#define RR_IN_A_LOOP(x) x

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

#define RR_MODE_RUNS(id, sixteen_times) RR_MODE_RUN(id, incref) RR_MODE_RUN(id, decref)
#define RR_MODE_RUN_FIELDS(id)                                                          \
    .incref_run = rr_##id##_incref_run, .decref_run = rr_##id##_decref_run,

#endif
