/* counts.c -- the cost of Py_INCREF and Py_DECREF of the running interpreter, in a loop.
 *
 * The same phases as hand_written.c, with threads that are attached while they count and
 * detached while they wait.  With a GIL only one thread runs.
 */
#define _POSIX_C_SOURCE 200809L

#include <Python.h>

#include <pthread.h>
#include <stdbool.h>

#include "../phases.h"

/* Large enough that no two objects share a cache line, and that CPython caches none. */
enum { SIZE = 256 };

typedef struct {
    int threads, number, rounds;
    bool makes; /* its own object; otherwise thread 0's or the caller's is used */
    int64_t hold;
} job;

static PyObject *objects[MAX_THREADS];
static PyObject *foreign_object;

static PyObject *
new_object(void)
{
    PyObject *o = PyBytes_FromStringAndSize(NULL, SIZE);
    if (o == NULL) {
        Py_FatalError("no memory for a benchmark");
    }
    return o;
}

/* Detached, since a waiting thread must not keep others from stopping the world. */
static void
meet_detached(int threads, int measured)
{
    Py_BEGIN_ALLOW_THREADS
    meet(threads, measured);
    Py_END_ALLOW_THREADS
}

/* If the count is a plain word, the compiler would turn the loop into one addition. */
#define KEEP_APART() __asm__ volatile("" ::: "memory")

static void
count(PyObject *o, int64_t n, bool take)
{
    if (take) {
        for (int64_t i = 0; i < n; i++) {
            Py_INCREF(o);
            KEEP_APART();
        }
    }
    else {
        for (int64_t i = 0; i < n; i++) {
            Py_DECREF(o);
            KEEP_APART();
        }
    }
}

static void *
run(void *argument)
{
    const job *j = argument;
    PyGILState_STATE state = PyGILState_Ensure();
    if (j->makes) {
        objects[j->number] = new_object();
    }
    meet_detached(j->threads, 0);
    PyObject *o = foreign_object      ? foreign_object
                  : objects[j->number] ? objects[j->number]
                                       : objects[0];
    for (int round = 0; round < j->rounds; round++) {
        for (int take = 1; take >= 0; take--) {
            meet_detached(j->threads, 0);
            begin_ns[j->number] = now_ns();
            count(o, j->hold, take);
            end_ns[j->number] = now_ns();
            meet_detached(j->threads, 1);
        }
    }
    Py_CLEAR(objects[j->number]);
    PyGILState_Release(state);
    return 0;
}

/* As hand_written_ns; called by an attached thread, which makes the object if it is
 * foreign. */
double
cpython_ns(int threads, int shared, int foreign, int64_t hold, int rounds,
           double *overlap)
{
    pthread_t ids[MAX_THREADS];
    job jobs[MAX_THREADS];
    total_busy_ns = total_together_ns = 0;
    foreign_object = foreign ? new_object() : NULL;

    Py_BEGIN_ALLOW_THREADS
    for (int t = 0; t < threads; t++) {
        jobs[t] = (job){threads, t, rounds, !foreign && (!shared || t == 0), hold};
        pthread_create(&ids[t], 0, run, &jobs[t]);
    }
    for (int t = 0; t < threads; t++) {
        pthread_join(ids[t], 0);
    }
    Py_END_ALLOW_THREADS

    Py_CLEAR(foreign_object);
    *overlap = (double)total_together_ns / (double)total_busy_ns;
    return (double)total_busy_ns / (2.0 * (double)hold * rounds);
}
