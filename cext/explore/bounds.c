/* bounds.c -- upper bounds for the numbers of path_counts.c, before they are computed. */
#include <math.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/path_counts.h"

static void
add_magnitude(rr_magnitude *to, rr_magnitude more, double many)
{
    more.m *= many;
    if (to->e == more.e) {
        to->m += more.m;
    }
    else {
        if (to->e < more.e) {
            to->m = ldexp(to->m, to->e - more.e < -2000 ? -2000 : (int)(to->e - more.e));
            to->e = more.e;
        }
        to->m += ldexp(more.m, more.e - to->e < -2000 ? -2000 : (int)(more.e - to->e));
    }
    if (to->m > 0x1p500) {
        to->m = ldexp(to->m, -400);
        to->e += 400;
    }
}

/* A number for each state is kept where the passes keep theirs. */
static void
clear_all(rr_path_counts *r)
{
    memset(r->paths, 0, r->order->n_states * sizeof *r->paths);
    memset(r->shares, 0, r->order->n_states * sizeof *r->shares);
}

static rr_magnitude
magnitude_at(const rr_path_counts *r, uint32_t state)
{
    rr_magnitude size;
    memcpy(&size.m, &r->paths[state], sizeof size.m);
    memcpy(&size.e, &r->shares[state], sizeof size.e);
    return size;
}

static void
set_magnitude(rr_path_counts *r, uint32_t state, rr_magnitude size)
{
    memcpy(&r->paths[state], &size.m, sizeof size.m);
    memcpy(&r->shares[state], &size.e, sizeof size.e);
}

static void
bound_runs(rr_path_counts *r, rr_bounding *b, uint32_t until)
{
    for (; b->cursor < until; b->cursor++) {
        uint32_t state = rr_order_at(r->order, b->cursor);
        if (rr_order_marks(r->order, state) & (RR_MARK_AFTER_CYCLE | RR_MARK_LOST)) {
            continue;
        }
        rr_magnitude size = magnitude_at(r, state);
        rr_edges edges = rr_graph_read_edges(r->g, &b->reader, state);
        rr_edge edge;
        while (rr_next_edge(&edges, &edge)) {
            uint32_t target = rr_order_target(r->order, &edge);
            if (target & RR_END) {
                add_magnitude(&b->total, size, edge.many);
            }
            else {
                rr_magnitude more = magnitude_at(r, target);
                add_magnitude(&more, size, edge.many);
                set_magnitude(r, target, more);
            }
        }
    }
}

static uint32_t
power_in(unsigned number, unsigned factor)
{
    uint32_t power = 0;
    for (; number % factor == 0; number /= factor) {
        power++;
    }
    return power;
}

static rr_powers
powers_at(const rr_path_counts *r, uint32_t state)
{
    rr_powers at;
    memcpy(&at.of[0], &r->paths[state], sizeof *r->paths);
    memcpy(&at.of[RR_FACTORS_AT_ONCE / 2], &r->shares[state], sizeof *r->shares);
    return at;
}

static void
raise_powers(rr_powers *most, const rr_powers *here)
{
    for (int i = 0; i < RR_FACTORS_AT_ONCE; i++) {
        most->of[i] = here->of[i] > most->of[i] ? here->of[i] : most->of[i];
    }
}

static void
raise_at(rr_path_counts *r, uint32_t state, const rr_powers *here)
{
    rr_powers at = powers_at(r, state);
    raise_powers(&at, here);
    memcpy(&r->paths[state], &at.of[0], sizeof *r->paths);
    memcpy(&r->shares[state], &at.of[RR_FACTORS_AT_ONCE / 2], sizeof *r->shares);
}

static void
bound_powers(rr_path_counts *r, rr_bounding *b, uint32_t until)
{
    for (; b->cursor < until; b->cursor++) {
        uint32_t state = rr_order_at(r->order, b->cursor);
        rr_edges edges = rr_graph_read_edges(r->g, &b->reader, state);
        rr_edge edge;
        rr_powers here = powers_at(r, state);
        unsigned degree = rr_graph_degree(edges);
        for (int k = 0; k < RR_FACTORS_AT_ONCE; k++) {
            here.of[k] += b->in[degree].of[k];
        }
        raise_powers(&b->most, &here);
        while (rr_next_edge(&edges, &edge)) {
            if (!(edge.target & RR_END)) {
                raise_at(r, edge.target, &here);
            }
        }
    }
}

static bool
is_prime(unsigned number)
{
    for (unsigned q = 2; q * q <= number; q++) {
        if (number % q == 0) {
            return false;
        }
    }
    return true;
}

/* Is it a prime that divides the number of branches of some state? */
static bool
is_factor(const rr_graph *g, unsigned q)
{
    bool divides = false;
    for (unsigned degree = q; degree <= g->max_degree; degree += q) {
        divides |= g->has_degree[degree];
    }
    return divides && is_prime(q);
}

static void
begin_pass(rr_path_counts *r, rr_bounding *b)
{
    clear_all(r);
    b->cursor = 0;
    b->reader = (rr_edge_reader)RR_EDGE_READER;
}

/* Keeps what the pass has found. */
static void
end_pass(rr_bounding *b)
{
    if (b->n_factors == 0) {
        b->found.log2_runs =
            b->total.m > 0 ? log2(b->total.m) + (double)b->total.e : 0;
    }
    for (int i = 0; i < b->n_factors; i++) {
        b->found.power[b->factors[i]] = b->most.of[i];
    }
}

/* Begins to bound the powers of the next factors, if there are any. */
static int
next_factors(rr_path_counts *r, rr_bounding *b)
{
    unsigned max_degree = r->g->max_degree;
    b->n_factors = 0;
    for (; b->next <= max_degree && b->n_factors < RR_FACTORS_AT_ONCE; b->next++) {
        if (is_factor(r->g, b->next)) {
            b->factors[b->n_factors++] = b->next;
        }
    }
    b->is_done = r->order->has_cycle || b->n_factors == 0;
    if (b->is_done) {
        return RR_OK;
    }
    if (b->in == NULL) {
        b->in = rr_alloc((size_t)max_degree + 1, sizeof *b->in);
        if (b->in == NULL) {
            return RR_ENOMEM;
        }
    }
    for (unsigned degree = 0; degree <= max_degree; degree++) {
        b->in[degree] = (rr_powers){{0}};
        for (int i = 0; degree > 0 && i < b->n_factors; i++) {
            b->in[degree].of[i] = power_in(degree, b->factors[i]);
        }
    }
    b->most = (rr_powers){{0}};
    begin_pass(r, b);
    return RR_OK;
}

int
rr_path_counts_bound(rr_path_counts *r, uint32_t n)
{
    rr_bounding *b = &r->bounding;
    uint32_t n_states = r->order->n_states;
    if (!b->has_begun) {
        b->has_begun = true;
        b->next = 2;
        b->is_done = n_states == 0 || r->g->is_over_at_once;
        if (!b->is_done) {
            begin_pass(r, b);
            set_magnitude(r, 0, (rr_magnitude){1, 0});
        }
    }
    if (b->is_done) {
        return RR_OK;
    }
    uint32_t until = n < n_states - b->cursor ? b->cursor + n : n_states;
    if (b->n_factors == 0) {
        bound_runs(r, b, until);
    }
    else {
        bound_powers(r, b, until);
    }
    if (until < n_states) {
        return RR_OK;
    }
    end_pass(b);
    return next_factors(r, b);
}
