/* rr_clock.c -- the POSIX calls behind rr_clock.h. */
#define _POSIX_C_SOURCE 200809L

#include "base/rr_clock.h"

#include <sched.h>
#include <time.h>

int64_t
rr_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
rr_yield(void)
{
    sched_yield();
}

void
rr_doze(int32_t ns)
{
    struct timespec time = {.tv_nsec = ns};
    (void)nanosleep(&time, NULL);
}
