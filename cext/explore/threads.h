/* threads.h -- starts a thread that lives no longer than a slice of a search. */
#ifndef RR_THREADS_H
#define RR_THREADS_H

#include <pthread.h>
#include <stdbool.h>

/* As pthread_create; tests pass another. */
typedef int (*rr_thread_starter)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                                 void *);

/* Runs body(of) in a thread that receives no signals: those are for the threads of the
 * host.  False: it could not be started.  starter: NULL for pthread_create. */
bool rr_thread_start(rr_thread_starter starter, void *(*body)(void *), void *of,
                     pthread_t *out);
void rr_thread_join(pthread_t thread);

#endif
