/* count.c -- the loop behind count.h. */
#include "work/count.h"

int64_t
rr_work_count(int64_t n)
{
    /* Volatile, or the compiler would replace the loop by its result. */
    volatile int64_t counted = 0;
    for (int64_t i = 0; i < n; i++) {
        counted = counted + 1;
    }
    return counted;
}
