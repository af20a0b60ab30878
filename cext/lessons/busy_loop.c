/* busy_loop.c -- the loop behind busy_loop.h. */
#include "lessons/busy_loop.h"

int64_t
rr_busy_loop(int64_t n)
{
    /* Volatile: otherwise the compiler would replace the loop by its result. */
    volatile int64_t counted = 0;
    for (int64_t i = 0; i < n; i++) {
        counted = counted + 1;
    }
    return counted;
}
