/* test_attachment.c -- detached and suspended threads. */
#include <stdatomic.h>

#include "arena/arena.h"
#include "arena/handle.h"
#include "arena/threads.h"
#include "base/rr_status.h"
#include "tests/testing.h"

enum { N_ROUNDS = 500, N_OTHERS = 2 };

static const rr_mode *
mode_of(int number)
{
    return rr_native_modes[number];
}

TEST(only_a_thread_that_is_detached_can_be_suspended)
{
    rr_domain *domain;
    CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
    const rr_mode *mode = mode_of(RR_MODE_biased_suspend);
    rr_thread *owner = &domain->threads[0];

    CHECK(!rc_suspend(owner));
    CHECK(!rr_threads_is_detached(domain, 0));
    rr_threads_detach(domain, mode, 0);
    CHECK(rr_threads_is_detached(domain, 0));
    CHECK(rc_suspend(owner));
    CHECK(rr_threads_is_detached(domain, 0));
    rc_resume(owner);
    CHECK(rr_threads_is_detached(domain, 0));
    rr_threads_attach(domain, mode, 0);
    CHECK(!rc_suspend(owner));
    rr_domain_close(domain);
}

/* Two plain numbers that are equal whenever no thread writes them. */
typedef struct scene {
    rr_domain *domain;
    int64_t plain[2];
    int64_t n_written;
    bool is_torn;
} scene;

static void
write_both(scene *s)
{
    s->is_torn |= s->plain[0] != s->plain[1];
    s->plain[0]++;
    s->plain[1]++;
    s->n_written++;
}

static void
detach_or_suspend(void *arg, int thread)
{
    scene *s = arg;
    const rr_mode *mode = mode_of(RR_MODE_biased_suspend);
    rr_thread *owner = &s->domain->threads[0];
    for (int i = 0; i < N_ROUNDS; i++) {
        if (thread == 0) {
            write_both(s);
            rr_threads_detach(s->domain, mode, 0);
            rr_threads_attach(s->domain, mode, 0);
        }
        else if (rc_suspend(owner)) {
            write_both(s);
            rc_resume(owner);
        }
    }
}

TEST(a_thread_that_suspends_another_has_its_objects_to_itself)
{
    scene s = {.is_torn = false};
    CHECK_EQUAL(rr_domain_open(&s.domain), RR_OK);

    rr_test_threads(1 + N_OTHERS, detach_or_suspend, &s);

    CHECK(!s.is_torn);
    CHECK_EQUAL(s.plain[0], s.n_written);
    CHECK(s.n_written >= N_ROUNDS);
    CHECK(!rr_threads_is_detached(s.domain, 0));
    rr_domain_close(s.domain);
}

TEST(a_detached_owners_object_is_freed_at_once_or_waits_for_it)
{
    static const struct {
        int mode;
        bool is_freed;
    } cases[] = {{RR_MODE_biased_suspend, true}, {RR_MODE_biased, false}};
    for (int i = 0; i < 2; i++) {
        const rr_mode *mode = mode_of(cases[i].mode);
        rr_domain *domain;
        rr_arena *arena;
        CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
        CHECK_EQUAL(rr_arena_open(1, mode, domain, &arena), RR_OK);
        rr_object *o =
            rr_arena_renew(arena, 0, mode, &(const rr_start){.count = 1, .tid = 1});
        rr_threads_detach(domain, mode, 0);

        int64_t before = rr_threads_enter(1);
        mode->decref(o);
        rr_threads_become(before);

        CHECK_EQUAL(rr_object_is_freed(o), cases[i].is_freed);
        rr_threads_attach(domain, mode, 0);
        CHECK_EQUAL(rr_threads_quiesce(domain, mode, 0), !cases[i].is_freed);
        CHECK(rr_object_is_freed(o));
        rr_arena_close(arena);
        rr_domain_close(domain);
    }
}

TEST(what_is_taken_out_of_a_queue_is_not_there_any_more_wherever_it_stood)
{
    for (int gone = 0; gone < 3; gone++) {
        const rr_mode *mode = mode_of(RR_MODE_biased_suspend);
        rr_domain *domain;
        rr_arena *arena;
        CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
        CHECK_EQUAL(rr_arena_open(3, mode, domain, &arena), RR_OK);
        rr_thread *owner = &domain->threads[0];
        rr_object *things[3];
        for (int i = 0; i < 3; i++) {
            things[i] = rr_arena_renew(arena, i, mode,
                                       &(const rr_start){.count = 1, .tid = 1});
            CHECK(rc_queue_push(things[i], 1));
        }
        CHECK(!rc_queue_take(&domain->threads[1], things[gone]));
        CHECK(rc_queue_take(owner, things[gone]));
        CHECK(!rc_queue_take(owner, things[gone]));
        CHECK(rc_queue_push(things[gone], 1));
        CHECK(rc_queue_pop(owner) == things[gone]);
        for (int i = 2; i >= 0; i--) {
            if (i != gone) {
                CHECK(rc_queue_pop_or_detach(owner) == things[i]);
                CHECK(!rr_threads_is_detached(domain, 0));
            }
        }
        CHECK(rc_queue_pop_or_detach(owner) == NULL);
        CHECK(rr_threads_is_detached(domain, 0));
        rr_arena_close(arena);
        rr_domain_close(domain);
    }
}

TEST(a_handle_refuses_to_count_for_a_detached_thread)
{
    for (int number = 0; number < RR_N_MODES; number++) {
        rr_domain *domain;
        rr_handle *handle, *other = NULL;
        int64_t n;
        rr_test_about(rr_mode_card_of(number)->name);
        CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
        CHECK_EQUAL(rr_handle_open(number, domain, &handle), RR_OK);
        CHECK_EQUAL(rr_handle_attach(handle), RR_EATTACHED);

        CHECK_EQUAL(rr_handle_detach(handle), RR_OK);
        CHECK_EQUAL(rr_handle_detach(handle), RR_EDETACHED);
        CHECK_EQUAL(rr_handle_incref(handle, 1, true), RR_EDETACHED);
        CHECK_EQUAL(rr_handle_decref(handle, 1, true), RR_EDETACHED);
        CHECK_EQUAL(rr_handle_quiesce(handle, &n), RR_EDETACHED);
        CHECK_EQUAL(rr_handle_collapse(handle, &n), RR_EDETACHED);
        CHECK_EQUAL(rr_handle_open(number, domain, &other), RR_EDETACHED);
        CHECK(rr_handle_use(handle));

        CHECK_EQUAL(rr_handle_attach(handle), RR_OK);
        CHECK_EQUAL(rr_handle_incref(handle, 1, true), RR_OK);
        CHECK_EQUAL(rr_handle_decref(handle, 1, true), RR_OK);
        rr_handle_close(handle);
        rr_domain_close(domain);
    }
    rr_test_about(NULL);
}
