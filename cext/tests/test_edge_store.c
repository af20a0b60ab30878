/* test_edge_store.c -- the edges of each state come back as they were stored. */
#include "base/rr_alloc.h"
#include "base/rr_rng.h"
#include "base/rr_status.h"
#include "explore/edge_store.h"
#include "tests/testing.h"

enum { N_STATES = 3000, MOST_EDGES = 2400 };

static uint32_t
below(rr_rng *rng, uint32_t n)
{
    return (uint32_t)(rr_rng_next(rng) % n);
}

static rr_edge
random_edge(rr_rng *rng, uint32_t *n_found)
{
    uint32_t kind = below(rng, 8), target;
    if (kind < 3) {
        target = (*n_found)++;
    }
    else {
        target = kind == 7 ? RR_END | below(rng, 1 << 17)
                           : below(rng, *n_found);
    }
    return (rr_edge){
        .target = target,
        .thread = below(rng, 64) & 63,
        .branch = below(rng, 4) & 3,
        .many = below(rng, 3) & 63,
        .now = below(rng, 2) & 63,
        .choice = below(rng, 3) & 255,
        .is_own = kind == 5,
    };
}

/* Most states have a few edges, and a few have very many. */
static int
random_edges(rr_rng *rng, uint32_t *n_found, rr_edge *edges)
{
    bool has_many = below(rng, 200) == 0;
    int n = 1 + (int)below(rng, has_many ? MOST_EDGES - 1 : 6);
    for (int i = 0; i < n; i++) {
        edges[i] = random_edge(rng, n_found);
    }
    return n;
}

static bool
is_same_edge(rr_edge a, rr_edge b)
{
    return a.target == b.target && a.thread == b.thread && a.branch == b.branch &&
           a.many == b.many && a.now == b.now && a.choice == b.choice &&
           a.is_own == b.is_own;
}

static bool
has_edges(rr_edges stored, const rr_edge *edges, int n)
{
    rr_edge edge;
    int i = 0;
    while (rr_next_edge(&stored, &edge)) {
        if (i == n || !is_same_edge(edge, edges[i++])) {
            return false;
        }
    }
    return i == n;
}

static bool
store_random(rr_edge_store *store, rr_edge *edges, uint32_t n_first)
{
    rr_rng rng = {1};
    uint32_t n_found = n_first;
    for (int i = 0; i < N_STATES; i++) {
        uint32_t n_before = n_found;
        int n = random_edges(&rng, &n_found, edges);
        if (rr_edge_store_add(store, (const char *)edges, sizeof *edges, n, n_before) !=
            RR_OK) {
            return false;
        }
    }
    return true;
}

/* n_first: states that there are before any edge; many, so that some targets are far. */
static void
check_edges_of(uint32_t n_first)
{
    rr_edge_store store;
    rr_edge *edges = rr_alloc(MOST_EDGES, sizeof *edges);
    rr_edge_store_open(&store, NULL);
    bool is_stored = edges != NULL && store_random(&store, edges, n_first);
    rr_rng rng = {1};
    rr_edge_reader reader = RR_EDGE_READER;
    uint32_t n_found = n_first, n_wrong = 0;
    for (uint32_t i = 0; is_stored && i < N_STATES; i++) {
        int n = random_edges(&rng, &n_found, edges);
        n_wrong += !has_edges(rr_edge_store_at(&store, i), edges, n);
        n_wrong += !has_edges(rr_edge_reader_take(&reader, &store, i), edges, n);
    }
    rr_edge_store_close(&store);
    rr_free(edges);
    CHECK(is_stored);
    CHECK_EQUAL(n_wrong, 0);
}

TEST(edges_come_back_one_state_after_the_other_and_at_any_state)
{
    check_edges_of(1);
}

TEST(targets_that_were_found_long_ago_come_back)
{
    check_edges_of(UINT32_C(1) << 30);
}

TEST(an_edge_to_a_new_state_takes_one_byte)
{
    rr_edge_store store;
    rr_edge_store_open(&store, NULL);
    for (uint32_t i = 0; i < 100; i++) {
        rr_edge edge = {.target = i + 1, .many = 1};
        CHECK_EQUAL(rr_edge_store_add(&store, (const char *)&edge, sizeof edge, 1, i + 1),
                    RR_OK);
    }

    CHECK_EQUAL((int64_t)store.at, 100 * (2 + 1));

    rr_edge_store_close(&store);
}

TEST(a_state_whose_edges_find_no_memory_is_not_stored)
{
    rr_edge_store store;
    rr_edge edge = {.target = 1, .many = 1}, other = {.target = 2, .many = 1};
    for (int n = 1; n <= 4; n++) { /* room for the bytes; for the index */
        rr_edge_store_open(&store, NULL);
        (void)rr_alloc_fail_at(n);
        CHECK_EQUAL(rr_edge_store_add(&store, (const char *)&edge, sizeof edge, 1, 1),
                    RR_ENOMEM);
        (void)rr_alloc_fail_at(0);
        CHECK_EQUAL(rr_edge_store_add(&store, (const char *)&other, sizeof other, 1, 2),
                    RR_OK);
        CHECK(has_edges(rr_edge_store_at(&store, 0), &other, 1));
        rr_edge_store_close(&store);
    }
}
