/* threads.c -- starts a thread with all signals blocked. */
#define _POSIX_C_SOURCE 200809L
#include "explore/threads.h"

#include <signal.h>

/* Some systems give a thread much less, and sanitizers need more. */
enum { STACK_BYTES = 1 << 21 };

bool
rr_thread_start(rr_thread_starter starter, void *(*body)(void *), void *of, pthread_t *out)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* a new thread has the same */
    int error = (starter == NULL ? pthread_create : starter)(out, &attributes, body, of);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return error == 0;
}

void
rr_thread_join(pthread_t thread)
{
    (void)pthread_join(thread, NULL);
}
