/* tsan.h -- what a copy of memory does at its two places; for tsan.c and wrappers.c. */
#ifndef RR_SCHEDULE_TSAN_H
#define RR_SCHEDULE_TSAN_H

#include <stddef.h>

/* from NULL: memory is only written. */
void rr_memory_hook(void *to, const void *from, size_t n, void *pc);

#endif
