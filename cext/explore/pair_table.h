/* pair_table.h -- how each pair of the product graph was reached (product_graph.h).
 *
 * Most searches find their runs long before they have reached all pairs, so the table has
 * pages, and only those in which a pair was reached.
 */
#ifndef RR_PAIR_TABLE_H
#define RR_PAIR_TABLE_H

#include <stdbool.h>

#include "explore/pool.h"

enum { RR_IN_PAGE = 16 };

typedef struct rr_pair_page {
    uint32_t parent[RR_IN_PAGE]; /* 0: not reached */
    bool is_far[RR_IN_PAGE]; /* under C11: does the pair wait for one more level? */
} rr_pair_page;

typedef struct rr_pair_table {
    uint32_t *page_of; /* its number + 1; 0: none */
    uint64_t n_pages;  /* that there can be */
    rr_pool pages;
    rr_spill *spill; /* where they are; NULL: in memory */
} rr_pair_table;

/* RR_ENOMEM; then it is closed. */
int rr_pair_table_open(rr_pair_table *table, uint64_t n_pairs, bool has_far,
                       rr_spill *spill);
void rr_pair_table_close(rr_pair_table *table);

static inline uint32_t
rr_pair_table_parent(const rr_pair_table *table, uint32_t pair)
{
    uint32_t page = table->page_of[pair / RR_IN_PAGE];
    if (page == 0) {
        return 0;
    }
    const rr_pair_page *at = rr_pool_at(&table->pages, page - 1);
    return at->parent[pair % RR_IN_PAGE];
}

/* The page of a pair, new or not; NULL: no memory. */
rr_pair_page *rr_pair_table_page(rr_pair_table *table, uint32_t pair);

/* Bytes held. */
uint64_t rr_pair_table_bytes(const rr_pair_table *table);

#endif
