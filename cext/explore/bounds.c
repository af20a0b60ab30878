/* bounds.c -- upper bounds for the numbers of path_counts.c, before they are computed. */
#include <math.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "explore/path_counts.h"

/* m times 2 to the power of e; m stays small enough to be added. */
typedef struct magnitude {
    double m;
    int64_t e;
} magnitude;

static void
add_magnitude(magnitude *to, magnitude more, double many)
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

static magnitude
magnitude_at(const rr_path_counts *r, uint32_t state)
{
    magnitude size;
    memcpy(&size.m, &r->paths[state], sizeof size.m);
    memcpy(&size.e, &r->shares[state], sizeof size.e);
    return size;
}

static void
set_magnitude(rr_path_counts *r, uint32_t state, magnitude size)
{
    memcpy(&r->paths[state], &size.m, sizeof size.m);
    memcpy(&r->shares[state], &size.e, sizeof size.e);
}

static double
bound_runs(rr_path_counts *r)
{
    magnitude total = {0, 0};
    clear_all(r);
    set_magnitude(r, 0, (magnitude){1, 0});
    rr_edge_reader reader = RR_EDGE_READER;
    for (uint32_t i = 0; i < r->order->n_states; i++) {
        uint32_t state = rr_order_at(r->order, i);
        if (rr_order_marks(r->order, state) & (RR_MARK_AFTER_CYCLE | RR_MARK_LOST)) {
            continue;
        }
        magnitude size = magnitude_at(r, state);
        rr_edges edges = rr_graph_read_edges(r->g, &reader, state);
        rr_edge edge;
        while (rr_next_edge(&edges, &edge)) {
            uint32_t target = rr_order_target(r->order, &edge);
            if (target & RR_END) {
                add_magnitude(&total, size, edge.many);
            }
            else {
                magnitude more = magnitude_at(r, target);
                add_magnitude(&more, size, edge.many);
                set_magnitude(r, target, more);
            }
        }
    }
    return total.m > 0 ? log2(total.m) + (double)total.e : 0;
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

/* The powers of some factors at once: as many as there is room for at a state. */
enum { AT_ONCE = 2 * sizeof(uint64_t) / sizeof(uint32_t) };

typedef struct powers {
    uint32_t of[AT_ONCE];
} powers;

static powers
powers_at(const rr_path_counts *r, uint32_t state)
{
    powers at;
    memcpy(&at.of[0], &r->paths[state], sizeof *r->paths);
    memcpy(&at.of[AT_ONCE / 2], &r->shares[state], sizeof *r->shares);
    return at;
}

static void
raise_powers(powers *most, const powers *here)
{
    for (int i = 0; i < AT_ONCE; i++) {
        most->of[i] = here->of[i] > most->of[i] ? here->of[i] : most->of[i];
    }
}

static void
raise_at(rr_path_counts *r, uint32_t state, const powers *here)
{
    powers at = powers_at(r, state);
    raise_powers(&at, here);
    memcpy(&r->paths[state], &at.of[0], sizeof *r->paths);
    memcpy(&r->shares[state], &at.of[AT_ONCE / 2], sizeof *r->shares);
}

/* `in`: the powers in each number of branches. */
static powers
bound_powers(rr_path_counts *r, const powers *in)
{
    powers most = {{0}};
    clear_all(r);
    rr_edge_reader reader = RR_EDGE_READER;
    for (uint32_t i = 0; i < r->order->n_states; i++) {
        uint32_t state = rr_order_at(r->order, i);
        rr_edges edges = rr_graph_read_edges(r->g, &reader, state);
        rr_edge edge;
        powers here = powers_at(r, state);
        unsigned degree = rr_graph_degree(edges);
        for (int k = 0; k < AT_ONCE; k++) {
            here.of[k] += in[degree].of[k];
        }
        raise_powers(&most, &here);
        while (rr_next_edge(&edges, &edge)) {
            if (!(edge.target & RR_END)) {
                raise_at(r, edge.target, &here);
            }
        }
    }
    return most;
}

/* Bounds the powers of n factors, at most AT_ONCE. */
static void
bound_some(rr_path_counts *r, const unsigned *factors, int n, powers *in, rr_bounds *out)
{
    for (unsigned degree = 0; degree <= r->g->max_degree; degree++) {
        in[degree] = (powers){{0}};
        for (int i = 0; degree > 0 && i < n; i++) {
            in[degree].of[i] = power_in(degree, factors[i]);
        }
    }
    powers most = bound_powers(r, in);
    for (int i = 0; i < n; i++) {
        out->power[factors[i]] = most.of[i];
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

int
rr_path_counts_bounds(rr_path_counts *r, rr_bounds *out)
{
    *out = (rr_bounds){0};
    if (r->order->n_states == 0 || r->g->is_over_at_once) {
        return RR_OK;
    }
    out->log2_runs = bound_runs(r);
    if (r->order->has_cycle) {
        return RR_OK;
    }
    powers *in = rr_alloc((size_t)r->g->max_degree + 1, sizeof *in);
    if (in == NULL) {
        return RR_ENOMEM;
    }
    unsigned factors[AT_ONCE];
    int n = 0;
    for (unsigned q = 2; q <= r->g->max_degree; q++) {
        if (is_factor(r->g, q)) {
            factors[n++] = q;
        }
        if (n == AT_ONCE || (n > 0 && q == r->g->max_degree)) {
            bound_some(r, factors, n, in, out);
            n = 0;
        }
    }
    rr_free(in);
    return RR_OK;
}
