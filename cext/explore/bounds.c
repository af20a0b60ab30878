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
    if (to->e < more.e) {
        to->m = ldexp(to->m, to->e - more.e < -2000 ? -2000 : (int)(to->e - more.e));
        to->e = more.e;
    }
    to->m += ldexp(more.m, more.e - to->e < -2000 ? -2000 : (int)(more.e - to->e));
    if (to->m > 0x1p500) {
        to->m = ldexp(to->m, -400);
        to->e += 400;
    }
}

static int
bound_runs(const rr_path_counts *r, double *out)
{
    uint32_t n = r->order->n_states;
    magnitude *size = rr_alloc(n, sizeof *size), total = {0, 0};
    if (size == NULL) {
        return RR_ENOMEM;
    }
    size[0].m = 1;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t state = rr_order_at(r->order, i), from, to;
        if (rr_order_marks(r->order, state) & (RR_MARK_AFTER_CYCLE | RR_MARK_LOST)) {
            continue;
        }
        rr_graph_edges(r->g, state, &from, &to);
        for (; from < to; from++) {
            const rr_edge *edge = rr_graph_edge(r->g, from);
            uint32_t target = rr_order_target(r->order, edge);
            add_magnitude(target & RR_END ? &total : &size[target], size[state],
                          edge->many);
        }
    }
    rr_free(size);
    *out = total.m > 0 ? log2(total.m) + (double)total.e : 0;
    return RR_OK;
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

static uint32_t
bound_power(const rr_path_counts *r, unsigned factor, uint32_t *power)
{
    uint32_t n = r->order->n_states, most = 0;
    memset(power, 0, n * sizeof *power);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t state = rr_order_at(r->order, i), from, to;
        rr_graph_edges(r->g, state, &from, &to);
        if (from == to) {
            continue;
        }
        uint32_t here = power[state] + power_in(rr_graph_degree(r->g, from, to), factor);
        most = here > most ? here : most;
        for (; from < to; from++) {
            uint32_t target = rr_graph_edge(r->g, from)->target;
            if (!(target & RR_END) && power[target] < here) {
                power[target] = here;
            }
        }
    }
    return most;
}

int
rr_path_counts_bounds(const rr_path_counts *r, rr_bounds *out)
{
    *out = (rr_bounds){0};
    uint32_t n = r->order->n_states;
    if (n == 0 || r->g->is_over_at_once) {
        return RR_OK;
    }
    int status = bound_runs(r, &out->log2_runs);
    if (status != RR_OK || r->order->has_cycle) {
        return status;
    }
    bool is_factor[RR_MAX_DEGREE + 1] = {false};
    for (uint32_t state = 0; state < n; state++) {
        uint32_t from, to;
        rr_graph_edges(r->g, state, &from, &to);
        unsigned degree = rr_graph_degree(r->g, from, to);
        for (unsigned q = 2; q <= degree; q++) {
            while (degree % q == 0) {
                is_factor[q] = true;
                degree /= q;
            }
        }
    }
    uint32_t *power = rr_alloc(n, sizeof *power);
    if (power == NULL) {
        return RR_ENOMEM;
    }
    for (unsigned q = 2; q <= r->g->max_degree; q++) {
        out->power[q] = is_factor[q] ? bound_power(r, q, power) : 0;
    }
    rr_free(power);
    return RR_OK;
}
