/* refcount_walk.c -- implements refcount_walk.h.
 *
 * In a build without a GIL other threads must not change what is visited, so the world
 * stops, as in gc.get_referents.  Nothing here may run Python code, or let go of an object.
 */
#include "cpython/refcount_walk.h"

#include "base/rr_alloc.h"
#include "cpython/refcount.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct seen {
    PyObject *object;
    Py_ssize_t times;
} seen;

/* What was seen, in that order, and a hash table of it with open addressing. */
typedef struct seen_set {
    seen *each;
    size_t n;
    size_t room;
    size_t *table; /* 2 * room places: 0, or one more than the index in `each` */
    size_t most;   /* see_any stops at so many */
} seen_set;

/* An object with too few references, as it was then: by now it may be freed. */
typedef struct shortage {
    uintptr_t address;
    const char *name;
    Py_ssize_t count;
    Py_ssize_t times;
} shortage;

typedef struct walk {
    PyObject *roots;
    visitproc visit;
    void *arg;
    seen_set *more; /* or NULL: visited after the roots, while it grows */
    int status;
    bool is_over;
} walk;

typedef struct tally {
    PyObject *target;
    Py_ssize_t n;
} tally;

enum { FIRST_ROOM = 64 };

/* Where an object is in the table, or where it belongs. */
static size_t *
place_of(const seen_set *set, PyObject *object)
{
    const size_t mask = 2 * set->room - 1; /* a power of two */
    /* Objects are at multiples of 16 bytes. */
    size_t at = (size_t)(((uint64_t)(uintptr_t)object >> 4) * 0x9E3779B97F4A7C15U >> 20);
    size_t *place = &set->table[at & mask];
    while (*place != 0 && set->each[*place - 1].object != object) {
        place = &set->table[++at & mask];
    }
    return place;
}

static int
grow(seen_set *set)
{
    const size_t room = set->room == 0 ? FIRST_ROOM : 2 * set->room;
    size_t *table = rr_alloc(2 * room, sizeof *table);
    seen *each = rr_realloc(set->each, set->room, room, sizeof *each);
    if (each != NULL) {
        set->each = each;
    }
    if (table == NULL || each == NULL) {
        rr_free(table);
        return -1;
    }
    rr_free(set->table);
    set->table = table;
    set->room = room;
    for (size_t i = 0; i < set->n; i++) {
        *place_of(set, set->each[i].object) = i + 1;
    }
    return 0;
}

static int
see(seen_set *set, PyObject *object)
{
    if (set->n == set->room && grow(set) < 0) {
        return -1;
    }
    size_t *place = place_of(set, object);
    if (*place == 0) {
        set->each[set->n] = (seen){.object = object};
        *place = ++set->n;
    }
    set->each[*place - 1].times++;
    return 0;
}

static void
forget(seen_set *set)
{
    rr_free(set->table);
    rr_free(set->each);
}

static int
add_if_left_out(PyObject *object, void *arg)
{
    if (!(PyDict_CheckExact(object) || PyTuple_CheckExact(object)) ||
        PyObject_GC_IsTracked(object)) {
        return 0;
    }
    return see(arg, object);
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
        way->status = visit_all_of(way->more->each[i].object, way);
    }
    for (size_t i = 0; i < way->more->n; i++) {
        Py_INCREF(way->more->each[i].object); /* before anyone can let go of it */
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
    seen_set set = {.n = 0};
    walk way = {.roots = roots, .visit = add_if_left_out, .arg = &set, .more = &set};
    go_in_stopped_world(&way);
    PyObject *list = way.status == 0 ? PyList_New((Py_ssize_t)set.n) : PyErr_NoMemory();
    for (size_t i = 0; i < set.n; i++) {
        if (list != NULL) {
            PyList_SET_ITEM(list, (Py_ssize_t)i, set.each[i].object);
        } else {
            Py_DECREF(set.each[i].object);
        }
    }
    forget(&set);
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

/* 0: go on, 1: that is enough, -1: no memory */
static int
see_any(PyObject *object, void *arg)
{
    const seen_set *set = arg;
    return set->n >= set->most ? 1 : see(arg, object);
}

/* A container of the interpreter that owns all that it refers to, or NULL. */
static const char *
container_name(PyObject *object)
{
    return PyList_CheckExact(object)        ? "list"
           : PyTuple_CheckExact(object)     ? "tuple"
           : PyDict_CheckExact(object)      ? "dict"
           : PySet_CheckExact(object)       ? "set"
           : PyFrozenSet_CheckExact(object) ? "frozenset"
                                            : NULL;
}

static bool
is_short(const seen *one)
{
    return Py_REFCNT(one->object) < one->times && !rr_is_immortal(one->object);
}

/* All that is short in a set, in memory of rr_alloc; NULL if there is none left. */
static shortage *
shortages_in(const seen_set *set, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < set->n; i++) {
        *n += is_short(&set->each[i]);
    }
    shortage *found = rr_alloc(*n, sizeof *found);
    for (size_t i = 0, at = 0; i < set->n && found != NULL && at < *n; i++) {
        const seen *one = &set->each[i];
        if (is_short(one)) {
            const char *name = container_name(one->object);
            found[at++] = (shortage){
                .address = (uintptr_t)one->object,
                .name = name == NULL ? "object" : name,
                .count = Py_REFCNT(one->object),
                .times = one->times,
            };
        }
    }
    return found;
}

static int
add_shortage(PyObject *list, const shortage *one)
{
    PyObject *entry = Py_BuildValue("(Ksnn)", (unsigned long long)one->address, one->name,
                                    one->count, one->times);
    const int status = entry == NULL ? -1 : PyList_Append(list, entry);
    Py_XDECREF(entry);
    return status;
}

PyObject *
rr_short_of_references(PyObject *root, Py_ssize_t most)
{
    seen_set set = {.most = (size_t)most};
    int status = Py_TYPE(root)->tp_traverse(root, see_any, &set);
    for (size_t i = 0; i < set.n && status == 0; i++) {
        PyObject *object = set.each[i].object;
        /* What has no reference at all is freed: its contents mean nothing. */
        if (Py_REFCNT(object) > 0 && container_name(object) != NULL) {
            status = Py_TYPE(object)->tp_traverse(object, see_any, &set);
        }
    }
    /* Up to 3.11 a new list may start a collection, whose finalizers may let go of what
     * was seen, or of the GIL.  So all is read before. */
    size_t n = 0;
    shortage *found = status < 0 ? NULL : shortages_in(&set, &n);
    forget(&set);
    PyObject *list = found == NULL ? PyErr_NoMemory() : PyList_New(0);
    for (size_t i = 0; i < n && list != NULL; i++) {
        if (add_shortage(list, &found[i]) < 0) {
            Py_CLEAR(list);
        }
    }
    rr_free(found);
    return list;
}
