/* waits.h -- methods of races.c that wait by what libc has, other than plain mutexes. */
#ifndef WAITS_H
#define WAITS_H

#include <threads.h>
#include <time.h>
#include <unistd.h>

static void
add_slowly(Races *self)
{
    long n = self->count;
    self->count = n + 1;
}

/* The wrong form does not look at whether it has the lock. */
static PyObject *
add_spinning(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
#ifdef BUG
    pthread_spin_trylock(&self->spin);
#else
    pthread_spin_lock(&self->spin);
#endif
    add_slowly(self);
    pthread_spin_unlock(&self->spin);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* The wrong form goes on, and lets another one in, if it was not let in. */
static PyObject *
add_by_semaphore(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
#ifdef BUG
    (void)sem_trywait(&self->semaphore);
#else
    sem_wait(&self->semaphore);
#endif
    add_slowly(self);
    sem_post(&self->semaphore);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* The wrong form writes as a reader. */
static PyObject *
add_reading(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
#ifdef BUG
    pthread_rwlock_rdlock(&self->readers);
#else
    pthread_rwlock_wrlock(&self->readers);
#endif
    add_slowly(self);
    pthread_rwlock_unlock(&self->readers);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* ---- once -------------------------------------------------------------------------- */

static _Thread_local Races *of_this_thread;

static void
count_once(void)
{
    pthread_mutex_lock(&of_this_thread->first);
    of_this_thread->count++;
    pthread_mutex_unlock(&of_this_thread->first);
}

static PyObject *
make_once(Races *self, PyObject *Py_UNUSED(ignored))
{
    long seen;
    Py_BEGIN_ALLOW_THREADS
    of_this_thread = self;
    pthread_once(&self->once, count_once);
    seen = self->count;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

/* The wrong form has the lock that is taken once. */
static PyObject *
make_once_locked(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    of_this_thread = self;
#ifdef BUG
    pthread_mutex_lock(&self->first);
    call_once((once_flag *)&self->once, count_once);
    pthread_mutex_unlock(&self->first);
#else
    call_once((once_flag *)&self->once, count_once);
    pthread_mutex_lock(&self->first);
    pthread_mutex_unlock(&self->first);
#endif
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* ---- condition variables -------------------------------------------------------------- */

/* One thread at a time is inside; the wrong forms do not tell when it leaves. */
static PyObject *
enter(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    while (self->is_busy) {
        pthread_cond_wait(&self->left_it, &self->first);
    }
    self->is_busy = true;
    pthread_mutex_unlock(&self->first);
    add_slowly(self);
    pthread_mutex_lock(&self->first);
    self->is_busy = false;
#ifndef BUG
    pthread_cond_signal(&self->left_it);
#endif
    pthread_mutex_unlock(&self->first);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
enter_in_c11(Races *self, PyObject *Py_UNUSED(ignored))
{
    mtx_t *mutex = (mtx_t *)&self->first;
    cnd_t *condition = (cnd_t *)&self->left_it;
    Py_BEGIN_ALLOW_THREADS
    mtx_lock(mutex);
    while (self->is_busy) {
        cnd_wait(condition, mutex);
    }
    self->is_busy = true;
    mtx_unlock(mutex);
    add_slowly(self);
    mtx_lock(mutex);
    self->is_busy = false;
#ifndef BUG
    cnd_broadcast(condition);
#endif
    mtx_unlock(mutex);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* Answers whether it was told before its time was over. */
static PyObject *
enter_in_time(Races *self, PyObject *Py_UNUSED(ignored))
{
    struct timespec end;
    int result = 0;
    Py_BEGIN_ALLOW_THREADS
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 3600;
    pthread_mutex_lock(&self->first);
    while (self->is_busy && result == 0) {
        result = pthread_cond_timedwait(&self->left_it, &self->first, &end);
    }
    self->is_busy = true;
    pthread_mutex_unlock(&self->first);
    add_slowly(self);
    pthread_mutex_lock(&self->first);
    self->is_busy = false;
#ifndef BUG
    pthread_cond_signal(&self->left_it);
#endif
    pthread_mutex_unlock(&self->first);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(result == 0);
}

/* Waits for a call of give(), and answers what that gave; the wrong form gives too late. */
static PyObject *
wait_for_gift(Races *self, PyObject *Py_UNUSED(ignored))
{
    long seen;
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    while (self->count == 0) {
        pthread_cond_wait(&self->left_it, &self->first);
    }
    seen = self->low;
    pthread_mutex_unlock(&self->first);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

static PyObject *
give(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    self->count = 1;
#ifndef BUG
    self->low = 1;
#endif
    pthread_cond_broadcast(&self->left_it);
    pthread_mutex_unlock(&self->first);
#ifdef BUG
    self->low = 1;
#endif
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* The same by a function that refrace does not schedule. */
static int ends_of_pipe[2];

static PyObject *
wait_for_byte(Races *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    char byte = 0;
    ssize_t n;
    Py_BEGIN_ALLOW_THREADS
    n = read(ends_of_pipe[0], &byte, 1);
    Py_END_ALLOW_THREADS
    return PyLong_FromSsize_t(n);
}

static PyObject *
give_byte(Races *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    ssize_t n;
    Py_BEGIN_ALLOW_THREADS
    n = write(ends_of_pipe[1], "", 1);
    Py_END_ALLOW_THREADS
    return PyLong_FromSsize_t(n);
}

/* ---- kinds of mutexes ------------------------------------------------------------------- */

/* The errors of a mutex that looks for them, as its own thread gets them. */
static PyObject *
lock_again(Races *self, PyObject *Py_UNUSED(ignored))
{
    pthread_mutexattr_t kind;
    pthread_mutex_t mutex;
    struct timespec never = {0, 0};
    int errors[4];
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&mutex, &kind);
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&mutex);
    errors[0] = pthread_mutex_lock(&mutex);
    errors[1] = pthread_mutex_timedlock(&mutex, &never);
    errors[2] = pthread_mutex_trylock(&mutex);
    pthread_mutex_unlock(&mutex);
    errors[3] = pthread_mutex_unlock(&mutex);
    add_slowly(self);
    Py_END_ALLOW_THREADS
    pthread_mutex_destroy(&mutex);
    return Py_BuildValue("iiii", errors[0], errors[1], errors[2], errors[3]);
}

static void *
lock_and_end(void *mutex)
{
    pthread_mutex_lock(mutex);
    return NULL;
}

/* A robust mutex whose owner has ended: the next thread gets it, with EOWNERDEAD. */
static PyObject *
inherit(Races *self, PyObject *Py_UNUSED(ignored))
{
    pthread_mutexattr_t kind;
    pthread_mutex_t mutex;
    pthread_t owner;
    int results[3];
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex, &kind);
    pthread_create(&owner, NULL, lock_and_end, &mutex);
    pthread_join(owner, NULL);
    Py_BEGIN_ALLOW_THREADS
    results[0] = pthread_mutex_lock(&mutex);
    results[1] = pthread_mutex_consistent(&mutex);
    results[2] = pthread_mutex_unlock(&mutex);
    add_slowly(self);
    Py_END_ALLOW_THREADS
    pthread_mutex_destroy(&mutex);
    return Py_BuildValue("iii", results[0], results[1], results[2]);
}

/* ---- two locks in two orders ------------------------------------------------------------ */

static PyObject *
mutex_before(Races *self, int (*take)(Races *), int (*leave)(Races *))
{
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    take(self);
    leave(self);
    pthread_mutex_unlock(&self->first);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
mutex_after(Races *self, int (*take)(Races *), int (*leave)(Races *))
{
#ifndef BUG
    return mutex_before(self, take, leave);
#else
    Py_BEGIN_ALLOW_THREADS
    take(self);
    pthread_mutex_lock(&self->first);
    pthread_mutex_unlock(&self->first);
    leave(self);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
#endif
}

#define IN_TWO_ORDERS(name, lock, take, leave)                                          \
    static int name##_take(Races *self) { return take(&self->lock); }                   \
    static int name##_leave(Races *self) { return leave(&self->lock); }                 \
    static PyObject *name##_second(Races *self, PyObject *Py_UNUSED(ignored))           \
    {                                                                                   \
        return mutex_before(self, name##_take, name##_leave);                           \
    }                                                                                   \
    static PyObject *name##_first(Races *self, PyObject *Py_UNUSED(ignored))            \
    {                                                                                   \
        return mutex_after(self, name##_take, name##_leave);                            \
    }
IN_TWO_ORDERS(spin, spin, pthread_spin_lock, pthread_spin_unlock)
IN_TWO_ORDERS(semaphore, semaphore, sem_wait, sem_post)
IN_TWO_ORDERS(writer, readers, pthread_rwlock_wrlock, pthread_rwlock_unlock)
IN_TWO_ORDERS(reader, readers, pthread_rwlock_rdlock, pthread_rwlock_unlock)

#endif
