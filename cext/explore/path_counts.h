/* path_counts.h -- how many runs have which outcome, and with what probability: exactly.
 *
 * Both are sums over the graph.  They are computed modulo primes below 2^62, as many as
 * their size requires.  The caller, which has long integers, combines them.
 */
#ifndef RR_PATH_COUNTS_H
#define RR_PATH_COUNTS_H

#include "explore/order.h"

/* The probabilities of a cycle with more states than this are not computed. */
enum { RR_MAX_SOLVED = 300 };

/* Upper bounds: log2 of the number of runs of a finite outcome; and for each prime factor
 * of a possible number of branches, its highest power in the product of these numbers
 * along a run (0 everywhere if there are cycles). */
typedef struct rr_bounds {
    double log2_runs;
    uint32_t power[RR_MAX_DEGREE + 1];
} rr_bounds;

/* m times 2 to the power of e; m stays small enough to be added. */
typedef struct rr_magnitude {
    double m;
    int64_t e;
} rr_magnitude;

/* The powers of some factors at once: as many as there is room for at a state. */
enum { RR_FACTORS_AT_ONCE = 2 * sizeof(uint64_t) / sizeof(uint32_t) };

typedef struct rr_powers {
    uint32_t of[RR_FACTORS_AT_ONCE];
} rr_powers;

/* One pass bounds the runs, and each further one the powers of some factors. */
typedef struct rr_bounding {
    rr_bounds found;
    bool has_begun, is_done;
    uint32_t cursor;
    rr_edge_reader reader;
    rr_magnitude total;
    int n_factors; /* of this pass; 0: it bounds the runs */
    unsigned factors[RR_FACTORS_AT_ONCE], next; /* the next pass looks from there on */
    rr_powers *in; /* in each number of branches */
    rr_powers most;
} rr_bounding;

typedef struct rr_path_counts {
    rr_graph *g;
    const rr_order *order;
    uint64_t prime, negated_inverse, r_squared; /* Montgomery's form */
    uint64_t inverse[RR_MAX_DEGREE + 1];
    uint64_t *paths, *shares; /* of each state; rr_path_counts_bound uses them too */
    uint64_t *matrix;
    uint32_t cursor;
    rr_edge_reader reader;
    bool is_done;
    bool is_unsolved; /* a cycle was too large: no probabilities */
    bool is_singular; /* the system has no solution modulo this prime */

    int n_outcomes;
    uint64_t *n_paths, *probability; /* of each outcome, modulo the prime */
    bool *is_infinite;
    rr_bounding bounding;
} rr_path_counts;

int rr_path_counts_open(rr_graph *g, const rr_order *order, rr_path_counts *out);
void rr_path_counts_close(rr_path_counts *runs);

/* Starts again modulo `prime`: odd, below 2^62. */
void rr_path_counts_begin(rr_path_counts *runs, uint64_t prime);
int rr_path_counts_advance(rr_path_counts *runs, uint32_t n);

/* Do infinitely many runs have this outcome? */
bool rr_path_counts_is_infinite(const rr_path_counts *runs, int outcome);

/* Bounds the numbers, by n more states, until bounding.is_done.  Between two passes: it
 * uses the memory of their states. */
int rr_path_counts_bound(rr_path_counts *runs, uint32_t n);

/* Bytes held. */
uint64_t rr_path_counts_bytes(const rr_path_counts *runs);

#endif
