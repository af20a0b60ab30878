/* test_loops.c -- the native loops over a mode's operations, in every form. */
#include "modes/rounds.h"
#include "tests/subject.h"
#include "tests/testing.h"

TEST(a_run_is_as_many_single_operations_in_every_form)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int form = 0; form < RR_N_FORMS; form++) {
            subject s = open_subject(mode, 1);
            rr_run *take = s.mode->incref_run[form], *drop = s.mode->decref_run[form];

            CHECK_EQUAL(take(s.object, 100), 0);
            CHECK_EQUAL(drop(s.object, 100), 0);
            CHECK_EQUAL(s.mode->unique(s.object), can_tell(mode));
            CHECK_EQUAL(take(s.object, 0), 0);
            CHECK_EQUAL(s.mode->unique(s.object), can_tell(mode));
            close_subject(s);
        }
    }
}

TEST(a_run_counts_the_operations_that_come_to_an_object_it_sees_freed)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int form = 0; form < RR_N_FORMS; form++) {
            subject s = open_subject(mode, 2);
            rr_run *drop = s.mode->decref_run[form];

            /* It checks every RR_LOOK_EVERY operations: the rest of the first block does
             * not see the free, but the second block and the remainder do. */
            if (s.mode->n_lanes > 0) { /* nothing is visible before it is settled */
                CHECK_EQUAL(drop(s.object, 2), 0);
                settle(s);
            }
            else {
                CHECK_EQUAL(drop(s.object, 2 * RR_LOOK_EVERY + 3), RR_LOOK_EVERY + 3);
            }
            CHECK_EQUAL(s.mode->incref_run[form](s.object, 4), 4);
            CHECK_EQUAL(atomic_load(&s.object->deaths), 1);
            close_subject(s);
        }
    }
}

TEST(a_round_is_as_many_single_operations_in_every_form)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int form = 0; form < RR_N_FORMS; form++) {
            subject s = open_subject(mode, 1);
            rr_round *take = rr_round_modes[mode]->incref_round[form];
            rr_round *drop = rr_round_modes[mode]->decref_round[form];

            CHECK_EQUAL(rr_go_round(take, s.object, 1, 100), 0);
            CHECK_EQUAL(rr_object_count(s.object, s.mode), 101);
            CHECK_EQUAL(rr_go_round(drop, s.object, 1, 100), 0);
            CHECK_EQUAL(rr_object_count(s.object, s.mode), 1);
            CHECK_EQUAL(rr_go_round(take, s.object, 1, 0), 0);
            CHECK_EQUAL(rr_object_count(s.object, s.mode), 1);
            close_subject(s);
        }
    }
}

TEST(a_round_counts_the_operations_that_come_to_an_object_it_sees_freed)
{
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        for (int form = 0; form < RR_N_FORMS; form++) {
            subject s = open_subject(mode, 1);
            s.mode->decref(s.object);
            settle(s);

            rr_round *take = rr_round_modes[mode]->incref_round[form];
            CHECK_EQUAL(rr_go_round(take, s.object, 1, 69), 69);
            close_subject(s);
        }
    }
}

TEST(misuse_of_freed_memory_never_frees_it_again_by_counting)
{
    /* The poison is so far below zero that no run of a race reaches 1 from it. */
    CHECK(RR_POISON < -(INT64_C(1) << 60));
    for (int mode = 0; mode < RR_N_MODES; mode++) {
        subject s = open_subject(mode, 1);
        s.mode->decref(s.object);
        settle(s);
        (void)s.mode->incref_run[RR_ONE_BY_ONE](s.object, 1000);
        (void)s.mode->decref_run[RR_ONE_BY_ONE](s.object, 3000);
        settle(s);
        CHECK_EQUAL(atomic_load(&s.object->deaths), 1);
        close_subject(s);
    }
}
