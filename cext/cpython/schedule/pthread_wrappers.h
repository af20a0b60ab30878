/* pthread_wrappers.h -- what is called instead of functions of libc that wait. */
#ifndef RR_SCHEDULE_PTHREAD_WRAPPERS_H
#define RR_SCHEDULE_PTHREAD_WRAPPERS_H

#include "cpython/schedule/internal.h"

#include <semaphore.h>
#include <time.h>

typedef struct rr_wrapper {
    const char *name;
    rr_function function;
} rr_wrapper;

/* Each ends with a name that is NULL. */
extern const rr_wrapper rr_mutex_wrappers[];     /* mutexes.c */
extern const rr_wrapper rr_rwlock_wrappers[];    /* rwlocks.c */
extern const rr_wrapper rr_once_wrappers[];      /* once.c */
extern const rr_wrapper rr_semaphore_wrappers[]; /* semaphores.c */
extern const rr_wrapper rr_condition_wrappers[]; /* conditions.c */
extern const rr_wrapper rr_barrier_wrappers[];   /* barriers.c */
extern const rr_wrapper rr_thread_wrappers[];    /* threads.c */

/* Since glibc 2.30: a module that imports one has a library that has it. */
int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                            const struct timespec *until) __attribute__((weak));
int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock,
                               const struct timespec *until) __attribute__((weak));
int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock,
                               const struct timespec *until) __attribute__((weak));
int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           clockid_t clock, const struct timespec *until)
    __attribute__((weak));
int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
    __attribute__((weak));

/* A time that libc refuses, with EINVAL, where it would wait: its functions return at once.
 * So it is with those that are called on a thread that is no runner. */
bool rr_is_for_libc(rr_runner *me, const void *lock, const struct timespec *until, void *pc,
                    const char *name);

/* Tries to take a lock: 0, EBUSY, or another error. */
typedef int (*rr_attempt)(void *lock);

/* Takes a lock when the runner has its turn.  With a limit of time the result may be
 * ETIMEDOUT: time passes only where no runner could go on otherwise. */
int rr_obtain(rr_runner *me, rr_want wants, void *lock, rr_attempt attempt,
              bool has_limit, void *pc, const char *name);
/* The same for a mutex, with all that follows from it. */
int rr_obtain_mutex(rr_runner *me, pthread_mutex_t *mutex, bool has_limit, void *pc,
                    const char *name);
/* A mutex is about to be given up. */
void rr_leaves_mutex(rr_runner *me, const pthread_mutex_t *mutex);
/* What the functions of C11 return instead of an error number. */
int rr_result_in_c11(int result);

#endif
