/* refcount_walk.c -- implements refcount_walk.h.
 *
 * In a build without a GIL other threads must not change what is visited, so the world
 * stops, as in gc.get_referents.  Nothing here may run Python code, or let go of an object.
 */
#include "cpython/refcount_walk.h"

#include "base/rr_alloc.h"

#include <stdbool.h>
#include <stdint.h>

/* What was found, in that order, and a hash table of it with open addressing. */
typedef struct left_out {
    PyObject **found;
    size_t n;
    size_t room;
    PyObject **table; /* 2 * room places */
} left_out;

typedef struct walk {
    PyObject *roots;
    visitproc visit;
    void *arg;
    left_out *more; /* or NULL: visited behind the roots, while it grows */
    int status;
    bool is_over;
} walk;

typedef struct tally {
    PyObject *target;
    Py_ssize_t n;
} tally;

enum { FIRST_ROOM = 1024 };

static PyObject **
place_of(const left_out *set, PyObject *object)
{
    const size_t mask = 2 * set->room - 1; /* a power of two */
    /* Objects are at multiples of 16 bytes. */
    size_t at = (size_t)(((uint64_t)(uintptr_t)object >> 4) * 0x9E3779B97F4A7C15U >> 20);
    while (set->table[at & mask] != NULL && set->table[at & mask] != object) {
        at++;
    }
    return &set->table[at & mask];
}

static int
grow(left_out *set)
{
    const size_t room = set->room == 0 ? FIRST_ROOM : 2 * set->room;
    PyObject **table = rr_alloc(2 * room, sizeof(PyObject *));
    PyObject **found = rr_realloc(set->found, set->room, room, sizeof(PyObject *));
    if (found != NULL) {
        set->found = found;
    }
    if (table == NULL || found == NULL) {
        rr_free(table);
        return -1;
    }
    rr_free(set->table);
    set->table = table;
    set->room = room;
    for (size_t i = 0; i < set->n; i++) {
        *place_of(set, set->found[i]) = set->found[i];
    }
    return 0;
}

static int
add_if_left_out(PyObject *object, void *arg)
{
    left_out *set = arg;
    if (!(PyDict_CheckExact(object) || PyTuple_CheckExact(object)) ||
        PyObject_GC_IsTracked(object)) {
        return 0;
    }
    if (set->n == set->room && grow(set) < 0) {
        return -1;
    }
    PyObject **place = place_of(set, object);
    if (*place == NULL) {
        *place = object;
        set->found[set->n++] = object;
    }
    return 0;
}

static int
count_if_target(PyObject *object, void *arg)
{
    tally *references = arg;
    references->n += object == references->target;
    return 0;
}

static int
visit_all_of(PyObject *object, const walk *way)
{
    /* A static class has a traversal, which is not for it. */
    if (!PyObject_IS_GC(object) || Py_TYPE(object)->tp_traverse == NULL) {
        return 0;
    }
    return Py_TYPE(object)->tp_traverse(object, way->visit, way->arg);
}

static void
go(walk *way)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(way->roots) && way->status == 0; i++) {
        way->status = visit_all_of(PyList_GET_ITEM(way->roots, i), way);
    }
    if (way->more == NULL) {
        return;
    }
    for (size_t i = 0; i < way->more->n && way->status == 0; i++) {
        way->status = visit_all_of(way->more->found[i], way);
    }
    for (size_t i = 0; i < way->more->n; i++) {
        Py_INCREF(way->more->found[i]); /* before anyone can let go of it */
    }
}

#ifdef Py_GIL_DISABLED
static int
go_once(PyObject *object, void *arg)
{
    walk *way = arg;
    (void)object;
    if (!way->is_over) { /* it may be called once more for each heap */
        go(way);
    }
    way->is_over = true;
    return 0; /* no more objects */
}
#endif

static void
go_in_stopped_world(walk *way)
{
#ifdef Py_GIL_DISABLED
    PyUnstable_GC_VisitObjects(go_once, way);
#else
    go(way);
#endif
}

PyObject *
rr_left_out(PyObject *roots)
{
    left_out set = {.found = NULL};
    walk way = {.roots = roots, .visit = add_if_left_out, .arg = &set, .more = &set};
    go_in_stopped_world(&way);
    PyObject *list = way.status == 0 ? PyList_New((Py_ssize_t)set.n) : PyErr_NoMemory();
    for (size_t i = 0; i < set.n; i++) {
        if (list != NULL) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, set.found[i]);
        } else {
            Py_DECREF(set.found[i]);
        }
    }
    rr_free(set.table);
    rr_free(set.found);
    return list;
}

Py_ssize_t
rr_references(PyObject *holders, PyObject *target)
{
    tally references = {.target = target};
    walk way = {.roots = holders, .visit = count_if_target, .arg = &references};
    go_in_stopped_world(&way);
    return references.n;
}
