/* test_arena.c -- slots: renewed, freed, poisoned, and never unmapped. */
#include "arena/arena.h"
#include "base/rr_status.h"
#include "tests/testing.h"

static rr_domain *domain;

static const rr_mode *
a_mode(void)
{
    return rr_native_modes[RR_MODE_atomic];
}

static rr_arena *
open_arena(int64_t n_slots)
{
    rr_arena *arena = NULL;
    domain = NULL;
    if (rr_domain_open(&domain) != RR_OK ||
        rr_arena_open(n_slots, a_mode(), domain, &arena) != RR_OK) {
        rr_test_failed(__FILE__, __LINE__, "the arena does not open");
    }
    return arena;
}

static void
close_arena(rr_arena *arena)
{
    rr_arena_close(arena);
    rr_domain_close(domain);
}

static const rr_start *
start_of(int64_t count)
{
    static rr_start start;
    start = (rr_start){.count = count};
    return &start;
}

TEST(an_arena_without_slots_is_refused)
{
    rr_arena *arena = NULL;
    CHECK_EQUAL(rr_arena_open(0, a_mode(), NULL, &arena), RR_EINVAL);
    CHECK_EQUAL(rr_arena_open(-1, a_mode(), NULL, &arena), RR_EINVAL);
    CHECK(arena == NULL);
}

TEST(more_slots_than_memory_can_hold_are_out_of_memory)
{
    rr_arena *arena = NULL;
    CHECK_EQUAL(rr_arena_open(INT64_MAX, a_mode(), NULL, &arena), RR_ENOMEM);
}

TEST(closing_nothing_is_allowed)
{
    rr_arena_close(NULL);
    rr_domain_close(NULL);
}

TEST(a_renewed_slot_is_alive_with_as_many_references_as_asked)
{
    rr_arena *arena = open_arena(2);

    rr_object *o = rr_arena_renew(arena, 1, a_mode(), start_of(7));

    CHECK(o == rr_arena_object(arena, 1));
    CHECK(!rr_object_is_freed(o));
    CHECK_EQUAL(rc_load_relaxed(&o->ob_refcnt), 7);
    CHECK_EQUAL(atomic_load(&o->ledger), 7);
    CHECK(o->domain == domain);
    close_arena(arena);
}

TEST(an_object_that_ends_is_poisoned_and_remembers_its_ledger)
{
    rr_arena *arena = open_arena(1);
    rr_object *o = rr_arena_renew(arena, 0, a_mode(), start_of(3));
    atomic_store(&o->ledger, 2);

    rr_object_end(o);

    CHECK(rr_object_is_freed(o));
    CHECK_EQUAL(atomic_load(&o->deaths), 1);
    CHECK_EQUAL(atomic_load(&o->ledger_at_end), 2);
    CHECK_EQUAL(rc_load_relaxed(&o->ob_refcnt), RR_POISON);
    close_arena(arena);
}

TEST(a_second_end_is_counted_and_changes_nothing_else)
{
    rr_arena *arena = open_arena(1);
    rr_object *o = rr_arena_renew(arena, 0, a_mode(), start_of(1));
    rr_object_end(o);
    rc_store_relaxed(&o->ob_refcnt, 99);
    atomic_store(&o->ledger, -5);

    rr_object_end(o);

    CHECK_EQUAL(atomic_load(&o->deaths), 2);
    CHECK_EQUAL(atomic_load(&o->ledger_at_end), 1);
    CHECK_EQUAL(rc_load_relaxed(&o->ob_refcnt), 99);
    close_arena(arena);
}

TEST(each_life_of_a_slot_is_a_generation_of_its_own_at_the_same_address)
{
    rr_arena *arena = open_arena(1);
    rr_object *first = rr_arena_renew(arena, 0, a_mode(), start_of(1));
    int64_t generation = first->generation;
    rr_object_end(first);

    rr_object *second = rr_arena_renew(arena, 0, a_mode(), start_of(1));

    CHECK(second == first);
    CHECK_EQUAL(second->generation, generation + 1);
    CHECK(!rr_object_is_freed(second));
    close_arena(arena);
}

TEST(objects_of_neighbouring_slots_share_no_cache_line)
{
    rr_arena *arena = open_arena(2);
    uintptr_t first = (uintptr_t)rr_arena_object(arena, 0);
    uintptr_t second = (uintptr_t)rr_arena_object(arena, 1);

    CHECK(first % RR_CACHE_BYTES == 0);
    CHECK(second % RR_CACHE_BYTES == 0);
    CHECK(second - first >= sizeof(rr_object));
    close_arena(arena);
}

static int
open_and_close_domain(void)
{
    rr_domain *opened;
    int status = rr_domain_open(&opened);
    if (status == RR_OK) {
        rr_domain_close(opened);
    }
    return status;
}

static int
open_and_close_arena(void)
{
    rr_arena *arena;
    int status = rr_arena_open(8, a_mode(), domain, &arena);
    if (status == RR_OK) {
        rr_arena_close(arena);
    }
    return status;
}

TEST(every_allocation_of_an_opening_may_fail)
{
    rr_test_allocation_faults(open_and_close_domain);
    CHECK_EQUAL(rr_domain_open(&domain), RR_OK);
    rr_test_allocation_faults(open_and_close_arena);
    rr_domain_close(domain);
}
