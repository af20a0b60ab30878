/* test_lanes.c -- each thread's words for each object, and how they are found. */
#include "arena/arena.h"
#include "base/rr_status.h"
#include "tests/testing.h"

enum { N_SLOTS = 3, N_THREADS = 3 };

static rr_domain *domain;
static rr_arena *arena;

static const rr_mode *
mode(void)
{
    return rr_native_modes[RR_MODE_epoch]; /* which has the most lanes */
}

static bool
open_all(void)
{
    domain = NULL;
    arena = NULL;
    if (rr_domain_open(&domain) != RR_OK ||
        rr_arena_open(N_SLOTS, mode(), domain, &arena) != RR_OK) {
        return false;
    }
    for (int t = 0; t < N_THREADS; t++) {
        rr_threads_join(domain, mode(), t);
    }
    return true;
}

static void
close_all(void)
{
    rr_arena_close(arena);
    rr_domain_close(domain);
}

static rr_object *
made(int64_t slot)
{
    return rr_arena_renew(arena, slot, mode(), &(const rr_start){.count = 1});
}

static rr_thread *
thread(int t)
{
    return &domain->threads[t];
}

static void
set(rr_object *o, int t, int i, int64_t v)
{
    rc_store_relaxed(rr_lane_of(o, t, i), v);
}

TEST(a_renewed_slot_has_lanes_of_zero_whatever_stood_in_them)
{
    CHECK(open_all());
    rr_object *o = made(1);
    for (int t = 0; t < N_THREADS; t++) {
        for (int i = 0; i < o->n_lanes; i++) {
            set(o, t, i, 7);
        }
    }
    CHECK_EQUAL(rr_lanes_sum(o), INT64_C(7) * N_THREADS * o->n_lanes);

    o = made(1);

    CHECK_EQUAL(rr_lanes_sum(o), 0);
    CHECK(rc_lanes_next(thread(0)) == NULL);
    close_all();
}

TEST(only_the_lane_that_is_set_is_found_and_only_by_its_thread)
{
    CHECK(open_all());
    rr_object *all[N_SLOTS];
    for (int s = 0; s < N_SLOTS; s++) {
        all[s] = made(s);
    }
    for (int s = 0; s < N_SLOTS; s++) {
        for (int t = 0; t < N_THREADS; t++) {
            for (int i = 0; i < all[s]->n_lanes; i++) {
                set(all[s], t, i, -1);
                for (int u = 0; u < N_THREADS; u++) {
                    for (int k = 0; k < all[s]->n_lanes; k++) {
                        CHECK(rc_lane_next(thread(u), k) ==
                              (u == t && k == i ? all[s] : NULL));
                    }
                    CHECK(rc_lane_next(thread(u), RR_ANY_LANE) ==
                          (u == t ? all[s] : NULL));
                    CHECK(rc_lanes_next(thread(u)) == all[s]);
                }
                set(all[s], t, i, 0);
            }
        }
    }
    CHECK(rc_lanes_next(thread(0)) == NULL);
    close_all();
}

TEST(what_is_taken_is_the_sum_of_all_lanes_and_leaves_none)
{
    CHECK(open_all());
    rr_object *o = made(0), *other = made(1);
    set(o, 0, 0, 1);
    set(o, 1, 3, 20);
    set(o, 2, 2, -300);
    set(other, 2, 2, 5);

    CHECK_EQUAL(rc_lanes_take(o), -279);
    CHECK_EQUAL(rc_lanes_take(o), 0);

    CHECK(rc_lanes_next(thread(1)) == other);
    CHECK_EQUAL(rr_lanes_sum(other), 5);
    close_all();
}

TEST(what_is_freed_is_looked_through_no_more_until_its_slot_is_renewed)
{
    CHECK(open_all());
    rr_object *o = made(0), *other = made(1);
    set(o, 0, 1, 1);
    set(other, 0, 1, 1);
    rr_object_end(o);

    CHECK(rc_lane_next(thread(0), 1) == other);
    set(other, 0, 1, 0);
    CHECK(rc_lane_next(thread(0), 1) == NULL);
    CHECK(!o->is_with_lanes);
    CHECK(other->is_with_lanes);

    o = made(0);
    set(o, 0, 1, 1);
    CHECK(rc_lane_next(thread(0), 1) == o);
    close_all();
}

TEST(an_arena_that_closes_before_its_domain_leaves_none_to_look_through)
{
    CHECK(open_all());
    rr_arena *second = NULL;
    CHECK_EQUAL(rr_arena_open(1, mode(), domain, &second), RR_OK);
    rr_object *kept =
        rr_arena_renew(second, 0, mode(), &(const rr_start){.count = 1});
    for (int s = 0; s < N_SLOTS; s++) {
        set(made(s), 0, 0, 1);
    }

    rr_arena_close(arena);

    CHECK(domain->with_lanes == kept);
    CHECK(kept->with_lanes_before == NULL);
    CHECK(rc_lanes_next(thread(0)) == NULL);
    rr_arena_close(second);
    CHECK(domain->with_lanes == NULL);
    rr_domain_close(domain);
}

typedef struct asker {
    rr_object *o;
    bool is_right[N_THREADS];
} asker;

/* Each in its own function, since the compiler asks only once per function. */
static void
ask(void *arg, int t)
{
    asker *a = arg;
    (void)rr_threads_enter(t);
    a->is_right[t] = rr_lanes_asked(a->o) == rr_lane_of(a->o, t, 0) &&
                     rr_me_asked(a->o) == thread(t);
}

TEST(a_thread_that_asks_where_its_lanes_are_gets_its_own)
{
    CHECK(open_all());
    asker a = {.o = made(2)};

    rr_test_threads(N_THREADS, ask, &a);

    for (int t = 0; t < N_THREADS; t++) {
        CHECK(a.is_right[t]);
    }
    close_all();
}

TEST(who_counts_nowhere_and_what_has_no_lanes_have_none)
{
    CHECK(open_all());
    rr_object *o = made(2), bare = {.domain = domain};

    CHECK(rr_lanes_asked(o) == NULL);
    CHECK(rr_me_asked(o) == NULL);
    CHECK(rr_lanes_asked(&bare) == NULL);
    close_all();
}
