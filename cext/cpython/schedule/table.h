/* table.h -- open addressing for tables that are emptied all at once, by generation. */
#ifndef RR_SCHEDULE_TABLE_H
#define RR_SCHEDULE_TABLE_H

#include <stdint.h>

static inline uint32_t
rr_table_start(uintptr_t key, unsigned bits)
{
    return (uint32_t)((uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

static inline uint32_t
rr_table_next(uint32_t slot, unsigned bits)
{
    return (slot + 1) & ((1u << bits) - 1);
}

#endif
