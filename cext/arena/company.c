/* company.c -- places for the threads that use a single object. */
#include "arena/company.h"

/* A thread waits in one of so many gaps, and while it is alone it waits at most this
 * long. */
enum { ODDS = 4, PATIENCE_NS = 200000000 };

void
rr_company_open(rr_company *company)
{
    rr_gaps_begin(&company->gaps, RR_MAX_GAP_THREADS);
    for (int i = 0; i < RR_MAX_GAP_THREADS; i++) {
        company->places[i].gap = (rr_gap_thread){
            .gaps = &company->gaps,
            .number = i,
            .odds = ODDS,
            .rng = rr_rng_stream(0, (uint64_t)i),
        };
        rr_gap_leave(&company->places[i].gap);
    }
}

static const void *
who_has(const rr_place *place)
{
    return atomic_load_explicit(&place->who, memory_order_relaxed);
}

/* The thread's own place, or else the first free one.  A place is never given back.  A
 * later thread may have the same address as one that has ended, and then gets its
 * place. */
static rr_place *
place_of(rr_company *company, const void *who)
{
    for (int i = 0; i < RR_MAX_GAP_THREADS; i++) {
        rr_place *place = &company->places[i];
        const void *nobody = NULL;
        if (who_has(place) == who) {
            return place;
        }
        if (who_has(place) == NULL &&
            atomic_compare_exchange_strong_explicit(&place->who, &nobody, who,
                                                    memory_order_relaxed,
                                                    memory_order_relaxed)) {
            place->gap.patience_ns = PATIENCE_NS;
            return place;
        }
    }
    return NULL;
}

bool
rr_company_enter(rr_company *company, const void *who)
{
    rr_place *place = place_of(company, who);
    if (place == NULL) {
        return false;
    }
    rr_gap_enter(&place->gap);
    rr_gap_self = &place->gap;
    return true;
}

void
rr_company_leave(rr_company *company)
{
    rr_gap_thread *me = rr_gap_self;
    rr_gap_self = NULL;
    atomic_fetch_add_explicit(&company->gap_waits, me->waits, memory_order_relaxed);
    atomic_fetch_add_explicit(&company->gaps_met, me->met, memory_order_relaxed);
    me->waits = me->met = 0;
    atomic_store_explicit(&company->gaps.waits_for[me->number], RR_GAP_EXPECTED,
                          memory_order_relaxed);
}
