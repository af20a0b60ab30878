/* futex.c -- a word on which one thread waits; it is 1 while a wake-up is pending. */
#include "cpython/schedule/internal.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

void
rr_futex_wait(_Atomic uint32_t *word)
{
    while (atomic_exchange(word, 0) == 0) {
        (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
}

bool
rr_futex_wait_us(_Atomic uint32_t *word, long microseconds)
{
    struct timespec timeout = {microseconds / 1000000, microseconds % 1000000 * 1000};
    if (atomic_exchange(word, 0) != 0) {
        return true;
    }
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, &timeout, NULL, 0);
    return atomic_exchange(word, 0) != 0;
}

void
rr_futex_wake(_Atomic uint32_t *word)
{
    atomic_store(word, 1);
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
