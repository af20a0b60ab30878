/* rr_clock.h -- monotonic time, and how a thread waits without sleeping. */
#ifndef RR_CLOCK_H
#define RR_CLOCK_H

#include <stdint.h>

/* Nanoseconds of a monotonic clock; its zero is arbitrary. */
int64_t rr_now_ns(void);

/* Lets other threads run if there are more threads than cores. */
void rr_yield(void);

/* Sleeps for about so many nanoseconds, less than a second. */
void rr_doze(int32_t ns);

/* Hints to the core that this is a spin loop: saves power, frees the sibling's slots. */
static inline void
rr_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ __volatile__("yield");
#endif
}

#endif
