/* meets.h -- methods of races.c in which threads meet: at barriers, at words, and at the end
 * of threads that they start.
 */
#ifndef MEETS_H
#define MEETS_H

#include <linux/futex.h>
#include <sys/syscall.h>

/* Each thread answers what the other one wrote before the barrier; the wrong form goes there
 * with a lock that the other one needs. */
static PyObject *
meet(Races *self, PyObject *Py_UNUSED(ignored))
{
    long other;
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    long mine = self->count++;
    self->words[mine & 1] = 1;
#ifndef BUG
    pthread_mutex_unlock(&self->first);
#endif
    pthread_barrier_wait(&self->both);
    other = self->words[~mine & 1];
#ifdef BUG
    pthread_mutex_unlock(&self->first);
#endif
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(other);
}

/* Waits for a call of set_word(), and answers what that wrote; the wrong form writes it too
 * late. */
static PyObject *
wait_for_word(Races *self, PyObject *Py_UNUSED(ignored))
{
    long seen;
    Py_BEGIN_ALLOW_THREADS
    while (__atomic_load_n(&self->futex, __ATOMIC_SEQ_CST) == 0) {
        (void)syscall(SYS_futex, &self->futex, FUTEX_WAIT_PRIVATE, 0, NULL);
    }
    seen = self->low;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

static PyObject *
set_word(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
#ifndef BUG
    self->low = 1;
#endif
    __atomic_store_n(&self->futex, 1, __ATOMIC_SEQ_CST);
    (void)syscall(SYS_futex, &self->futex, FUTEX_WAKE_PRIVATE, INT_MAX);
#ifdef BUG
    self->low = 1;
#endif
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* Adds by a thread of its own. */
static void *
add_one(void *data)
{
    Races *self = data;
    pthread_mutex_lock(&self->second);
    self->count = self->low + 1;
    pthread_mutex_unlock(&self->second);
    return self;
}

static PyObject *
add_by_thread(Races *self, PyObject *Py_UNUSED(ignored))
{
    pthread_t adds;
    void *result = NULL;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->low = self->count;
    pthread_create(&adds, NULL, add_one, self);
    pthread_join(adds, &result);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(result == self);
}

/* The errors of waits until a time that is none. */
static PyObject *
wait_for_no_time(Races *self, PyObject *Py_UNUSED(ignored))
{
    const struct timespec never = {0, -1};
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, of_condition = mutex;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_rwlock_t readers = PTHREAD_RWLOCK_INITIALIZER;
    sem_t semaphore;
    int errors[6];
    sem_init(&semaphore, 0, 0);
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&of_condition);
    pthread_rwlock_wrlock(&readers);
    errors[0] = pthread_mutex_timedlock(&mutex, &never);
    errors[1] = pthread_rwlock_timedrdlock(&readers, &never);
    errors[2] = pthread_rwlock_timedwrlock(&readers, &never);
    errors[3] = sem_timedwait(&semaphore, &never) < 0 ? errno : 0;
    errors[4] = pthread_cond_timedwait(&condition, &of_condition, &never);
    errors[5] = pthread_mutex_unlock(&of_condition);
    add_slowly(self);
    Py_END_ALLOW_THREADS
    return Py_BuildValue("iiiiii", errors[0], errors[1], errors[2], errors[3], errors[4],
                         errors[5]);
}

#define METHODS_OF_MEETS                                                                \
    METHOD(meet, METH_NOARGS),                                                          \
    METHOD(wait_for_word, METH_NOARGS), METHOD(set_word, METH_NOARGS),                  \
    METHOD(add_by_thread, METH_NOARGS), METHOD(wait_for_no_time, METH_NOARGS),

#endif
