/* test_stop_world.c -- a stopped world has no thread inside an operation. */
#include <stdatomic.h>

#include "arena/threads.h"
#include "base/rr_status.h"
#include "tests/testing.h"

enum { N_COUNTING = 3, N_ROUNDS = 200 };

typedef struct scene {
    rr_world world;
    int64_t plain[N_COUNTING]; /* written only inside; read while the world is stopped */
    _Atomic int n_done;
    int64_t n_seen;
    bool is_torn;
} scene;

/* Each writes its own number twice inside; no thread may read between the two. */
static void
count_or_stop(void *arg, int thread)
{
    scene *s = arg;
    if (thread < N_COUNTING) {
        for (int i = 0; i < N_ROUNDS; i++) {
            rr_world_enter(&s->world);
            s->plain[thread]++;
            s->plain[thread]++;
            rr_world_leave(&s->world);
        }
        (void)atomic_fetch_add(&s->n_done, 1);
        return;
    }
    bool is_over;
    do {
        is_over = atomic_load(&s->n_done) == N_COUNTING;
        rr_world_stop(&s->world);
        int64_t sum = 0;
        for (int t = 0; t < N_COUNTING; t++) {
            sum += s->plain[t];
            s->is_torn |= s->plain[t] % 2 != 0;
        }
        s->is_torn |= sum < s->n_seen;
        s->n_seen = sum;
        rr_world_go_on(&s->world);
    } while (!is_over);
}

TEST(a_thread_that_stops_the_world_sees_no_operation_in_progress)
{
    scene s = {.n_seen = 0};
    CHECK_EQUAL(rr_world_open(&s.world), RR_OK);

    rr_test_threads(N_COUNTING + 1, count_or_stop, &s);

    CHECK(!s.is_torn);
    CHECK_EQUAL(s.n_seen, INT64_C(2) * N_COUNTING * N_ROUNDS);
    CHECK_EQUAL(s.world.n_inside, 0);
    CHECK(!s.world.is_stopped);
    rr_world_close(&s.world);
}

typedef struct two {
    rr_world world;
    _Atomic bool is_inside, has_left, is_let_in;
    bool waited_for_who_was_inside, kept_others_out;
} two;

/* 0 is inside until 1 has asked to stop; 2 wants to enter once the world is stopped. */
static void
stand_in_the_way(void *arg, int thread)
{
    two *s = arg;
    if (thread == 0) {
        rr_world_enter(&s->world);
        atomic_store(&s->is_inside, true);
        for (bool is_stopping = false; !is_stopping;) {
            (void)pthread_mutex_lock(&s->world.mutex);
            is_stopping = s->world.is_stopped;
            (void)pthread_mutex_unlock(&s->world.mutex);
        }
        atomic_store(&s->has_left, true);
        rr_world_leave(&s->world);
        rr_world_enter(&s->world);
        atomic_store(&s->is_let_in, true);
        rr_world_leave(&s->world);
        return;
    }
    while (!atomic_load(&s->is_inside)) {
    }
    rr_world_stop(&s->world);
    s->waited_for_who_was_inside = atomic_load(&s->has_left);
    s->kept_others_out = !atomic_load(&s->is_let_in);
    rr_world_go_on(&s->world);
}

TEST(a_stop_waits_for_who_is_inside_and_lets_nobody_in)
{
    two s = {.is_inside = false};
    CHECK_EQUAL(rr_world_open(&s.world), RR_OK);

    rr_test_threads(2, stand_in_the_way, &s);

    CHECK(s.waited_for_who_was_inside);
    CHECK(s.kept_others_out);
    CHECK(atomic_load(&s.is_let_in));
    rr_world_close(&s.world);
}

static void
stop_again_and_again(void *arg, int thread)
{
    scene *s = arg;
    (void)thread;
    for (int i = 0; i < N_ROUNDS; i++) {
        rr_world_stop(&s->world);
        s->n_seen++; /* plain: only one thread at a time has stopped the world */
        rr_world_go_on(&s->world);
    }
}

TEST(of_several_that_stop_the_world_one_has_it_at_a_time)
{
    scene s = {.n_seen = 0};
    CHECK_EQUAL(rr_world_open(&s.world), RR_OK);

    rr_test_threads(N_COUNTING, stop_again_and_again, &s);

    CHECK_EQUAL(s.n_seen, N_COUNTING * N_ROUNDS);
    rr_world_close(&s.world);
}
