/* free_lists.c -- reveals the death of objects whose memory the interpreter would keep.
 *
 * The memory of a dead dict, list or float goes to a free list of the interpreter, unless
 * that is full, and the next such object gets it.  No allocator sees either, so a use after
 * the death goes unnoticed.  The damage ends another run, which does not replay.
 *
 * So these lists are empty in a round: their blocks are held here, and new objects get
 * memory that is known.  Just before instrumented code drops the last reference to such an
 * object, the lists are filled with the held blocks.
 *
 * Without a GIL, each thread has its own lists, and objects die in other functions.
 */
#include "cpython/schedule/internal.h"

#include "cpython/canary_error.h"

#include <string.h>

#ifdef Py_GIL_DISABLED

void
rr_free_lists_hold(void)
{
}

void
rr_free_lists_fill(void)
{
}

void *
rr_really_called(const char *name, void *target)
{
    (void)name;
    return target;
}

#else

/* How long these lists are at most, in CPython 3.11 to 3.14. */
enum { DICTS = 80, LISTS = 80, FLOATS = 100, MOST_HELD = DICTS + LISTS + FLOATS };

static PyObject *held[MOST_HELD];
static int n_held;
static bool is_dying; /* such an object, on any runner */

static PyObject *
make_dict(void)
{
    /* The entries of a dict have a list of their own, if all keys are strings. */
    PyObject *key = PyUnicode_New(0, 0), *made = PyDict_New();
    if (key != NULL && made != NULL && PyDict_SetItem(made, key, Py_None) < 0) {
        Py_CLEAR(made);
    }
    Py_XDECREF(key);
    return made;
}

static PyObject *
make_one(int number)
{
    return number < DICTS           ? make_dict()
           : number < DICTS + LISTS ? PyList_New(0)
                                    : PyFloat_FromDouble(0.0);
}

void
rr_free_lists_hold(void)
{
    /* Code drops references while an exception is set, which must not be lost; one from
     * here is. */
    rr_saved_error saved = rr_error_save();
    PyObject *made = NULL;
    while (n_held < MOST_HELD && (made = make_one(n_held)) != NULL) {
        held[n_held++] = made;
    }
    rr_error_restore(saved);
}

void
rr_free_lists_fill(void)
{
    while (n_held > 0) {
        Py_DECREF(held[--n_held]);
    }
}

static bool
has_free_list(PyObject *object)
{
    return PyDict_CheckExact(object) || PyList_CheckExact(object) ||
           PyFloat_CheckExact(object);
}

static void
die_seen(PyObject *object)
{
    if (rr_me == NULL || !rr_is_running || is_dying || !has_free_list(object)) {
        _Py_Dealloc(object);
        return;
    }
    is_dying = true;
    rr_free_lists_fill();
    _Py_Dealloc(object);
    rr_free_lists_hold();
    is_dying = false;
}

void *
rr_really_called(const char *name, void *target)
{
    return strcmp(name, "_Py_Dealloc") == 0 ? (void *)(uintptr_t)die_seen : target;
}
#endif
