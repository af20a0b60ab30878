/* pair_table.c -- pages that are added when a pair in them is reached. */
#include "explore/pair_table.h"

#include "base/rr_alloc.h"
#include "base/rr_status.h"

int
rr_pair_table_open(rr_pair_table *table, uint64_t n_pairs, bool has_far,
                   rr_spill *spill)
{
    *table = (rr_pair_table){
        .n_pages = (n_pairs + RR_IN_PAGE - 1) / RR_IN_PAGE,
        .spill = spill,
    };
    rr_pool_open(&table->pages,
                 has_far ? sizeof(rr_pair_page) : offsetof(rr_pair_page, is_far), spill);
    table->page_of = rr_spill_alloc(spill, (size_t)table->n_pages, sizeof *table->page_of,
                                    RR_SPILL_ALL_OVER);
    return table->page_of == NULL ? RR_ENOMEM : RR_OK;
}

void
rr_pair_table_close(rr_pair_table *table)
{
    rr_spill_free(table->spill, table->page_of, (size_t)table->n_pages,
                  sizeof *table->page_of);
    table->page_of = NULL;
    rr_pool_close(&table->pages);
}

rr_pair_page *
rr_pair_table_page(rr_pair_table *table, uint32_t pair)
{
    uint32_t *page = &table->page_of[pair / RR_IN_PAGE];
    if (*page == 0) {
        void *place;
        if (rr_pool_add(&table->pages, &place) != RR_OK) {
            return NULL;
        }
        *page = (uint32_t)table->pages.n_items;
    }
    return rr_pool_at(&table->pages, *page - 1);
}

uint64_t
rr_pair_table_bytes(const rr_pair_table *table)
{
    return table->page_of == NULL
               ? 0
               : rr_alloc_held((size_t)table->n_pages, sizeof *table->page_of) +
                     rr_pool_bytes(&table->pages);
}
