/* memory_wrappers.h -- what is called instead of malloc and its kin; for wrappers.c. */
#ifndef RR_SCHEDULE_MEMORY_WRAPPERS_H
#define RR_SCHEDULE_MEMORY_WRAPPERS_H

#include <stddef.h>

void *rr_wrap_malloc(size_t n);
/* operator new and new[]. */
void *rr_wrap_new(size_t n);
void *rr_wrap_calloc(size_t n, size_t size);
void *rr_wrap_realloc(void *p, size_t n);
void rr_wrap_free(void *p);
void *rr_wrap_memcpy(void *to, const void *from, size_t n);
void *rr_wrap_memmove(void *to, const void *from, size_t n);
void *rr_wrap_memset(void *to, int c, size_t n);

#endif
