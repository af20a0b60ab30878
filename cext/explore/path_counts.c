/* path_counts.c -- one pass over the states in their order. */
#include "explore/path_counts.h"

#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"

__extension__ typedef unsigned __int128 wide;

/* ---- modulo a prime -------------------------------------------------------------- */

/* P. Montgomery: Modular multiplication without trial division, Math. Comp. 1985. */
static uint64_t
multiply(const rr_path_counts *r, uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    uint64_t q = (uint64_t)product * r->negated_inverse;
    uint64_t high = (uint64_t)((product + (wide)q * r->prime) >> 64);
    return high >= r->prime ? high - r->prime : high;
}

static uint64_t
add(const rr_path_counts *r, uint64_t a, uint64_t b)
{
    uint64_t sum = a + b;
    return sum >= r->prime ? sum - r->prime : sum;
}

static uint64_t
subtract(const rr_path_counts *r, uint64_t a, uint64_t b)
{
    return a >= b ? a - b : a + r->prime - b;
}

static uint64_t
times(const rr_path_counts *r, uint64_t a, unsigned many)
{
    return many == 1 ? a : (uint64_t)((wide)a * many % r->prime);
}

/* Inverse, by Fermat: a to the power of prime - 2, both in Montgomery's form. */
static uint64_t
invert(const rr_path_counts *r, uint64_t a)
{
    uint64_t result = multiply(r, 1, r->r_squared);
    for (uint64_t power = r->prime - 2; power > 0; power >>= 1) {
        if (power & 1) {
            result = multiply(r, result, a);
        }
        a = multiply(r, a, a);
    }
    return result;
}

/* ---- opening -------------------------------------------------------------------- */

int
rr_path_counts_open(rr_graph *g, const rr_order *order, rr_path_counts *out)
{
    rr_path_counts *r = out;
    *r = (rr_path_counts){.g = g, .order = order};
    /* Before the first pass, all outcomes that livelocks cause are known. */
    for (uint32_t i = 0; !order->is_plain && i < order->n_states; i++) {
        if (order->marks[i] & RR_MARK_LOST) {
            if (rr_graph_outcome(g, rr_order_lost(order, i)) < 0) {
                return RR_ENOMEM;
            }
        }
    }
    size_t n = rr_graph_n_states(g), n_outcomes = (size_t)g->n_outcomes;
    r->n_outcomes = g->n_outcomes;
    r->paths = rr_spill_alloc(g->spill, n, sizeof *r->paths, RR_SPILL_IN_ORDER);
    r->shares = rr_spill_alloc(g->spill, n, sizeof *r->shares, RR_SPILL_IN_ORDER);
    r->n_paths = rr_alloc(n_outcomes, sizeof *r->n_paths);
    r->probability = rr_alloc(n_outcomes, sizeof *r->probability);
    r->is_infinite = rr_alloc(n_outcomes, sizeof *r->is_infinite);
    if (order->has_cycle) {
        r->matrix = rr_alloc((size_t)RR_MAX_SOLVED * (RR_MAX_SOLVED + 1),
                             sizeof *r->matrix);
    }
    if (r->paths == NULL || r->shares == NULL || r->n_paths == NULL ||
        r->probability == NULL || r->is_infinite == NULL ||
        (order->has_cycle && r->matrix == NULL)) {
        rr_path_counts_close(r);
        return RR_ENOMEM;
    }
    return RR_OK;
}

void
rr_path_counts_close(rr_path_counts *r)
{
    size_t n = rr_graph_n_states(r->g);
    rr_spill_free(r->g->spill, r->paths, n, sizeof *r->paths);
    rr_spill_free(r->g->spill, r->shares, n, sizeof *r->shares);
    rr_free(r->matrix);
    rr_free(r->n_paths);
    rr_free(r->probability);
    rr_free(r->is_infinite);
    rr_free(r->bounding.in);
    *r = (rr_path_counts){.is_done = true};
}

uint64_t
rr_path_counts_bytes(const rr_path_counts *r)
{
    size_t n = rr_graph_n_states(r->g), n_entries = (size_t)RR_MAX_SOLVED * (RR_MAX_SOLVED + 1);
    return 2 * rr_alloc_held(n, sizeof *r->paths) +
           (r->matrix == NULL ? 0 : rr_alloc_held(n_entries, sizeof *r->matrix));
}

void
rr_path_counts_begin(rr_path_counts *r, uint64_t prime)
{
    r->prime = prime;
    uint64_t inverse = prime; /* Newton: each step doubles the number of correct bits */
    for (int i = 0; i < 5; i++) {
        inverse *= 2 - prime * inverse;
    }
    r->negated_inverse = 0 - inverse;
    uint64_t one = (uint64_t)((((wide)1) << 64) % prime);
    r->r_squared = (uint64_t)((wide)one * one % prime);
    for (unsigned n = 1; n <= r->g->max_degree + 1; n++) {
        r->inverse[n] = invert(r, multiply(r, n, r->r_squared));
    }
    size_t n_states = rr_graph_n_states(r->g);
    memset(r->paths, 0, n_states * sizeof *r->paths);
    memset(r->shares, 0, n_states * sizeof *r->shares);
    memset(r->n_paths, 0, (size_t)r->n_outcomes * sizeof *r->n_paths);
    memset(r->probability, 0, (size_t)r->n_outcomes * sizeof *r->probability);
    memset(r->is_infinite, 0, (size_t)r->n_outcomes * sizeof *r->is_infinite);
    r->cursor = 0;
    r->reader = (rr_edge_reader)RR_EDGE_READER;
    r->is_done = r->is_unsolved = r->is_singular = false;
    bool is_lost = n_states > 0 && (rr_order_marks(r->order, 0) & RR_MARK_LOST);
    if (r->g->is_over_at_once || is_lost) {
        uint32_t kinds =
            r->g->is_over_at_once ? r->g->at_once : rr_order_lost(r->order, 0);
        int outcome = rr_graph_outcome(r->g, kinds);
        r->n_paths[outcome] = r->probability[outcome] = 1;
        r->is_done = true;
    }
    else {
        r->paths[0] = r->shares[0] = 1;
    }
}

/* ---- a pass --------------------------------------------------------------------- */

static bool
is_in(uint32_t target, const uint32_t *members, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (members[i] == target) {
            return true;
        }
    }
    return false;
}

/* Passes a state's share on along its edges, except to members of its own cycle, whose
 * shares the solution already includes. */
static void
pass_on(rr_path_counts *r, uint32_t state, const uint32_t *members, uint32_t n_members)
{
    const rr_graph *g = r->g;
    rr_edges edges = rr_graph_read_edges(g, &r->reader, state);
    rr_edge edge;
    uint64_t share = multiply(r, r->shares[state], r->inverse[rr_graph_degree(edges)]);
    uint64_t paths = r->paths[state];
    bool is_infinite = rr_order_marks(r->order, state) & RR_MARK_AFTER_CYCLE;
    while (rr_next_edge(&edges, &edge)) {
        uint32_t target = rr_order_target(r->order, &edge);
        uint64_t more_paths = times(r, paths, edge.many);
        uint64_t more = times(r, share, edge.many);
        if (target & RR_END) {
            int outcome = rr_graph_known_outcome(g, target & ~RR_END);
            r->is_infinite[outcome] |= is_infinite;
            r->n_paths[outcome] = add(r, r->n_paths[outcome], more_paths);
            r->probability[outcome] = add(r, r->probability[outcome], more);
        }
        else if (n_members == 0 || !is_in(target, members, n_members)) {
            r->paths[target] = add(r, r->paths[target], more_paths);
            r->shares[target] = add(r, r->shares[target], more);
        }
    }
}

/* Expected visits x of the states of a cycle: x = entries + (transposed steps) x. */
static void
fill_matrix(rr_path_counts *r, const uint32_t *members, uint32_t n)
{
    uint64_t one = multiply(r, 1, r->r_squared);
    memset(r->matrix, 0, (size_t)n * (n + 1) * sizeof *r->matrix);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *row = r->matrix + (size_t)i * (n + 1);
        row[i] = add(r, row[i], one);
        row[n] = multiply(r, r->shares[members[i]], r->r_squared);
        rr_edges edges = rr_graph_edges(r->g, members[i]);
        rr_edge edge;
        uint64_t inverse = r->inverse[rr_graph_degree(edges)];
        while (rr_next_edge(&edges, &edge)) {
            for (uint32_t k = 0; k < n; k++) {
                if (members[k] == edge.target) {
                    uint64_t *entry = r->matrix + (size_t)k * (n + 1) + i;
                    *entry = subtract(r, *entry, times(r, inverse, edge.many));
                }
            }
        }
    }
}

static void
solve(rr_path_counts *r, const uint32_t *members, uint32_t n)
{
    size_t stride = (size_t)n + 1;
    fill_matrix(r, members, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pivot = i;
        while (pivot < n && r->matrix[pivot * stride + i] == 0) {
            pivot++;
        }
        if (pivot == n) {
            r->is_singular = true;
            return;
        }
        uint64_t *row = r->matrix + i * stride;
        for (uint32_t k = 0; pivot != i && k <= n; k++) {
            uint64_t entry = row[k];
            row[k] = r->matrix[pivot * stride + k];
            r->matrix[pivot * stride + k] = entry;
        }
        uint64_t inverse = invert(r, row[i]);
        for (uint32_t k = i; k <= n; k++) {
            row[k] = multiply(r, row[k], inverse);
        }
        for (uint32_t j = 0; j < n; j++) {
            uint64_t *other = r->matrix + j * stride, factor = other[i];
            for (uint32_t k = i; factor != 0 && j != i && k <= n; k++) {
                other[k] = subtract(r, other[k], multiply(r, factor, row[k]));
            }
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        r->shares[members[i]] = multiply(r, r->matrix[i * stride + n], 1);
    }
}

static uint32_t
component_size(const rr_path_counts *r)
{
    uint32_t n = 1;
    while (r->cursor + n < r->order->n_states &&
           !(r->order->marks[r->order->sequence[r->cursor + n]] & RR_MARK_FIRST)) {
        n++;
    }
    return n;
}

int
rr_path_counts_advance(rr_path_counts *r, uint32_t n)
{
    for (uint32_t i = 0; i < n && !r->is_done; i++) {
        if (r->cursor == r->order->n_states || r->is_singular) {
            r->is_done = true;
            break;
        }
        uint32_t state = rr_order_at(r->order, r->cursor), size = 1;
        uint8_t marks = rr_order_marks(r->order, state);
        const uint32_t *members = NULL;
        if (marks & RR_MARK_CYCLIC) {
            size = component_size(r);
            members = r->order->sequence + r->cursor;
        }
        if (!(marks & RR_MARK_LOST)) {
            if (members != NULL && size > RR_MAX_SOLVED) {
                r->is_unsolved = true;
            }
            else if (members != NULL) {
                solve(r, members, size);
                i += size * size / 64; /* the work of that many states */
            }
            for (uint32_t k = 0; k < size; k++) {
                bool is_solved = members != NULL && size <= RR_MAX_SOLVED;
                pass_on(r, rr_order_at(r->order, r->cursor + k), members,
                        is_solved ? size : 0);
            }
        }
        r->cursor += size;
    }
    return RR_OK;
}

bool
rr_path_counts_is_infinite(const rr_path_counts *r, int outcome)
{
    return r->is_infinite[outcome];
}
