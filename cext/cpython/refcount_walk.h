/* refcount_walk.h -- what objects refer to, as the garbage collector sees it.
 *
 * The functions of the module gc do the same, with a list for each object.
 *
 * pre (all functions): the caller holds the GIL, or is attached in a build without one.
 */
#ifndef RR_CPYTHON_REFCOUNT_WALK_H
#define RR_CPYTHON_REFCOUNT_WALK_H

#include <Python.h>

/* A new list: the dictionaries and tuples that `roots` (a list) refer to, directly or
 * through each other, and that the collector does not track.  Each is in it once.  NULL
 * with MemoryError set if there is no memory. */
PyObject *rr_left_out(PyObject *roots);

/* How many references to `target` the objects in `holders` (a list) have. */
Py_ssize_t rr_references(PyObject *holders, PyObject *target);

/* Looks at what `root` (a list) refers to, directly or through lists, tuples,
 * dictionaries and sets, until it has seen `most` objects.  A new list with an entry for
 * each object whose count is smaller than the number of references seen: its address, the
 * name of its type ("object" but for these containers), count and number.  NULL with
 * MemoryError set if there is no memory.
 * pre: no other thread counts references of these objects meanwhile. */
PyObject *rr_short_of_references(PyObject *root, Py_ssize_t most);

#endif
