/* test_threads.c -- threads that count natively: numbers, queues, and deferred work. */
#include "arena/arena.h"
#include "arena/handle.h"
#include "base/rr_clock.h"
#include "base/rr_status.h"
#include "race/barrier.h"
#include "tests/testing.h"

enum { N_SLOTS = 4 };

static rr_domain *domain;
static rr_arena *arena;

static bool
open_all(void)
{
    domain = NULL;
    arena = NULL;
    return rr_domain_open(&domain) == RR_OK &&
           rr_arena_open(N_SLOTS, rr_native_modes[RR_MODE_biased], domain, &arena) == RR_OK;
}

static void
close_all(void)
{
    rr_arena_close(arena);
    rr_domain_close(domain);
}

static rr_object *
made_by(int64_t slot, int thread)
{
    return rr_arena_renew(arena, slot, rr_native_modes[RR_MODE_biased],
                          &(const rr_start){.count = 1, .tid = thread + 1});
}

TEST(what_is_pushed_last_is_popped_first_and_then_there_is_nothing)
{
    CHECK(open_all());
    rr_object *a = made_by(0, 3), *b = made_by(1, 3);
    rr_thread *owner = &domain->threads[3];

    CHECK(rc_queue_push(a, 4));
    CHECK(rc_queue_push(b, 4));

    CHECK(rc_queue_pop(&domain->threads[2]) == NULL);
    CHECK(rc_queue_pop(owner) == b);
    CHECK(rc_queue_pop(owner) == a);
    CHECK(rc_queue_pop(owner) == NULL);
    close_all();
}

TEST(an_object_is_in_a_queue_once_however_often_it_is_pushed)
{
    CHECK(open_all());
    rr_object *a = made_by(0, 0), *b = made_by(1, 0);

    CHECK(rc_queue_push(a, 1));
    CHECK(rc_queue_push(b, 1));
    CHECK(rc_queue_push(a, 1));

    CHECK(rc_queue_pop(&domain->threads[0]) == b);
    CHECK(rc_queue_pop(&domain->threads[0]) == a);
    CHECK(rc_queue_pop(&domain->threads[0]) == NULL);
    close_all();
}

TEST(a_queue_closes_only_when_it_is_empty_and_then_takes_nothing)
{
    CHECK(open_all());
    rr_object *a = made_by(0, 0);
    rr_thread *owner = &domain->threads[0];

    CHECK(rc_queue_push(a, 1));
    CHECK(rc_queue_pop_or_close(owner) == a);
    CHECK(rc_queue_push(a, 1));
    CHECK(rc_queue_pop_or_close(owner) == a);
    CHECK(rc_queue_pop_or_close(owner) == NULL);
    CHECK(!rc_queue_push(a, 1));
    CHECK(atomic_load(&a->queue_of) == NULL);
    close_all();
}

TEST(an_object_that_is_forgotten_is_in_no_queue_wherever_it_stood)
{
    for (int gone = 0; gone < 3; gone++) {
        CHECK(open_all());
        rr_object *things[] = {made_by(0, 0), made_by(1, 0), made_by(2, 0)};
        for (int i = 0; i < 3; i++) {
            CHECK(rc_queue_push(things[i], 1));
        }
        rr_threads_forget(things[gone]);
        rr_threads_forget(things[gone]);
        for (int i = 2; i >= 0; i--) {
            if (i != gone) {
                CHECK(rc_queue_pop(&domain->threads[0]) == things[i]);
            }
        }
        CHECK(rc_queue_pop(&domain->threads[0]) == NULL);
        close_all();
    }
}

TEST(an_object_can_be_put_into_any_queue_and_out_of_it_closed_or_not)
{
    CHECK(open_all());
    rr_object *a = made_by(0, 0);
    rr_threads_set_closed(domain, 2, true);
    CHECK(rr_threads_is_closed(domain, 2) && !rr_threads_is_closed(domain, 1));

    rr_threads_put_in_queue(a, 2);
    CHECK_EQUAL(rr_threads_queue_of(a), 2);
    rr_threads_put_in_queue(a, 3);
    CHECK_EQUAL(rr_threads_queue_of(a), 3);
    CHECK(rc_queue_pop(&domain->threads[1]) == NULL);
    CHECK(rc_queue_pop(&domain->threads[2]) == a);
    CHECK_EQUAL(rr_threads_queue_of(a), 0);
    CHECK(!rc_queue_push(a, 3));
    rr_threads_set_closed(domain, 2, false);
    CHECK(rc_queue_push(a, 3));
    rr_threads_put_in_queue(a, 0);
    CHECK(rc_queue_pop(&domain->threads[2]) == NULL);
    close_all();
}

TEST(the_owner_settles_what_another_thread_has_dropped_last)
{
    CHECK(open_all());
    const rr_mode *mode = rr_native_modes[RR_MODE_biased];
    rr_object *a = made_by(0, 0);

    int64_t before = rr_threads_enter(1);
    mode->decref(a);
    rr_threads_become(before);

    CHECK(!rr_object_is_freed(a));
    CHECK_EQUAL(rr_object_count(a, mode), 1);
    CHECK_EQUAL(rr_threads_quiesce(domain, mode, 1), 0);
    CHECK_EQUAL(rr_threads_quiesce(domain, mode, 0), 1);
    CHECK(rr_object_is_freed(a));
    close_all();
}

TEST(a_thread_keeps_its_number)
{
    CHECK(open_all());
    int mine = rr_threads_slot(domain, rr_native_modes[RR_MODE_biased]);
    CHECK(mine >= 0);
    CHECK_EQUAL(rr_threads_slot(domain, rr_native_modes[RR_MODE_biased]), mine);
    close_all();
}

typedef struct crowd {
    rr_domain *domain;
    rr_barrier barrier;
    _Atomic int placed, refused;
    _Atomic uint64_t taken[2];
} crowd;

static void
sit(void *arg, int thread)
{
    (void)thread;
    crowd *c = arg;
    int slot = rr_threads_slot(c->domain, rr_native_modes[RR_MODE_biased]);
    if (slot < 0) {
        c->refused++;
    }
    else {
        c->placed++;
        atomic_fetch_or(&c->taken[slot / 64], UINT64_C(1) << (slot % 64));
    }
    /* No thread leaves before all have come, since its end frees its number. */
    int64_t round = rr_barrier_round(&c->barrier);
    if (rr_barrier_arrive(&c->barrier)) {
        rr_barrier_open(&c->barrier);
    }
    while (rr_barrier_round(&c->barrier) == round) {
        rr_yield();
    }
}

TEST(each_of_many_threads_has_a_number_of_its_own_and_one_too_many_has_none)
{
    CHECK(open_all());
    crowd c = {.domain = domain, .barrier = {.n_threads = RR_MAX_THREAD_SLOTS + 1}};

    rr_test_threads(RR_MAX_THREAD_SLOTS + 1, sit, &c);

    CHECK_EQUAL(c.placed, RR_MAX_THREAD_SLOTS);
    CHECK_EQUAL(c.refused, 1);
    CHECK(c.taken[0] == UINT64_MAX && c.taken[1] == 1);
    close_all();
}

TEST(numbers_of_threads_that_have_ended_are_given_out_again)
{
    CHECK(open_all());
    for (int i = 0; i < 3; i++) {
        crowd c = {.domain = domain, .barrier = {.n_threads = RR_MAX_THREAD_SLOTS}};
        rr_test_threads(RR_MAX_THREAD_SLOTS, sit, &c);
        CHECK_EQUAL(c.placed, RR_MAX_THREAD_SLOTS);
    }
    close_all();
}

static void
take_one(void *arg, int thread)
{
    (void)thread;
    (void)rr_handle_incref(arg, 1, true);
}

TEST(a_thread_that_ends_settles_what_it_has_put_off)
{
    const int modes[] = {RR_MODE_deferred, RR_MODE_epoch};
    for (int i = 0; i < 2; i++) {
        rr_domain *shared = NULL;
        rr_handle *handle = NULL;
        CHECK_EQUAL(rr_domain_open(&shared), RR_OK);
        CHECK_EQUAL(rr_handle_open(modes[i], shared, &handle), RR_OK);
        rr_handle_reading reading;
        int64_t n;

        rr_test_threads(2, take_one, handle);
        CHECK_EQUAL(rr_handle_decref(handle, 3, true), RR_OK);
        CHECK_EQUAL(rr_handle_quiesce(handle, &n), RR_OK);

        rr_handle_read(handle, &reading);
        CHECK_EQUAL(reading.deaths, 1);
        rr_handle_close(handle);
        rr_domain_close(shared);
    }
}

static void
drop_it(void *arg, int thread)
{
    (void)thread;
    (void)rr_handle_decref(arg, 1, true);
}

static void
make_and_share(void *arg, int thread)
{
    (void)thread;
    rr_handle **out = arg;
    CHECK_EQUAL(rr_handle_open(RR_MODE_biased, domain, out), RR_OK);
    rr_test_threads(1, drop_it, *out);
}

TEST(an_owner_that_ends_sees_to_its_queue)
{
    CHECK(open_all());
    rr_handle *handle = NULL;
    rr_handle_reading reading;

    rr_test_threads(1, make_and_share, &handle);

    rr_handle_read(handle, &reading);
    CHECK_EQUAL(reading.deaths, 1);
    rr_handle_close(handle);
    close_all();
}

static void
close_domain(void *arg, int thread)
{
    (void)thread;
    rr_domain *own = NULL;
    rr_handle *handle = NULL;
    (void)arg;
    CHECK_EQUAL(rr_domain_open(&own), RR_OK);
    CHECK_EQUAL(rr_handle_open(RR_MODE_deferred, own, &handle), RR_OK);
    CHECK_EQUAL(rr_handle_incref(handle, 1, true), RR_OK);
    rr_handle_close(handle);
    rr_domain_close(own);
}

TEST(a_domain_that_is_gone_before_its_threads_is_not_seen_to_when_they_end)
{
    rr_test_threads(2, close_domain, NULL);
}

TEST(a_handle_that_waits_for_its_owner_says_so_and_is_forgotten_when_it_closes)
{
    rr_handle *handle = NULL, *other = NULL;
    rr_domain *shared = NULL;
    CHECK_EQUAL(rr_domain_open(&shared), RR_OK);
    CHECK_EQUAL(rr_handle_open(RR_MODE_biased, shared, &handle), RR_OK);
    CHECK_EQUAL(rr_handle_open(RR_MODE_biased, shared, &other), RR_OK);

    rr_test_threads(1, drop_it, handle);
    rr_test_threads(1, drop_it, other);
    rr_handle_reading reading;
    rr_handle_read(other, &reading);
    CHECK(reading.is_waiting);
    CHECK_EQUAL(reading.refcount, 1);
    CHECK_EQUAL(reading.ledger, 0);

    rr_handle_close(handle);
    int64_t n = 0;
    CHECK_EQUAL(rr_handle_quiesce(other, &n), RR_OK);
    CHECK_EQUAL(n, 1);
    rr_handle_read(other, &reading);
    CHECK(!reading.is_waiting);
    CHECK_EQUAL(reading.deaths, 1);
    rr_handle_close(other);
    rr_domain_close(shared);
}

/* Its identifier is in the list while it runs, and no longer once it has settled. */
static void
look_for_myself(void *arg, int thread)
{
    (void)thread;
    bool *is_listed = arg;
    uint64_t idents[RR_MAX_THREAD_SLOTS];
    if (rr_threads_slot(domain, rr_native_modes[RR_MODE_deferred]) < 0) {
        return;
    }
    int n = rr_domain_threads(domain, idents);
    for (int i = 0; i < n; i++) {
        *is_listed |= idents[i] == (uint64_t)pthread_self();
    }
}

TEST(a_domain_lists_the_threads_that_have_not_settled)
{
    CHECK(open_all());
    uint64_t idents[RR_MAX_THREAD_SLOTS];
    int before = rr_domain_threads(domain, idents);
    bool is_listed = false;

    rr_test_threads(1, look_for_myself, &is_listed);

    CHECK(is_listed);
    CHECK_EQUAL(rr_domain_threads(domain, idents), before);
    close_all();
}
