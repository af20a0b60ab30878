/* canary_lists.c -- finds out from the stack whether a list calls a slot.
 *
 * If it does, the stack has a return address in the code of the list.  A probe finds this
 * address: an object whose slot is called once by a list, and once without a list.
 */
#include <Python.h>
#include <string.h>

#include "cpython/canary_lists.h"

#ifdef __GLIBC__
#include <execinfo.h>

enum { MOST_ADDRESSES = 24, MOST_ABOVE = 6 };

/* The return addresses above a slot, up to the one in the list: where it was called. */
typedef struct rr_way {
    void *above[MOST_ABOVE];
    int count; /* 0: not known */
} rr_way;

enum { WAY_REPR, WAY_ORDER, WAY_REFLECTED, N_WAYS };

/* Written by rr_learn_lists, before there is a canary; only read afterwards. */
static rr_way ways[N_WAYS];

static void *probed[MOST_ADDRESSES];
static int n_probed;

static PyObject *
probe_repr(PyObject *self)
{
    (void)self;
    n_probed = backtrace(probed, MOST_ADDRESSES);
    return PyUnicode_FromString("");
}

static PyObject *
probe_compare(PyObject *self, PyObject *other, int operation)
{
    (void)self;
    (void)other;
    if (operation == Py_EQ) {
        Py_RETURN_FALSE;
    }
    n_probed = backtrace(probed, MOST_ADDRESSES);
    Py_RETURN_TRUE;
}

static PyTypeObject probe_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "refrace.ProbeOfLists",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_repr = probe_repr,
    .tp_richcompare = probe_compare,
};

/* Calls the probe, or a list with it.  false: an exception is set. */
static bool
call_probe(int which, PyObject *left, PyObject *right)
{
    n_probed = 0;
    PyObject *const result = which == WAY_REPR ? PyObject_Repr(right)
                                               : PyObject_RichCompare(left, right, Py_LT);
    Py_XDECREF(result);
    return result != NULL;
}

static bool
find_way(int which, PyObject *left, PyObject *right)
{
    void *without[MOST_ADDRESSES];
    PyObject *const lists[] = {PyList_New(1), PyList_New(1)};
    bool is_done = lists[0] != NULL && lists[1] != NULL;
    if (is_done) {
        PyList_SET_ITEM(lists[0], 0, Py_NewRef(left));
        PyList_SET_ITEM(lists[1], 0, Py_NewRef(right));
        is_done = call_probe(which, left, right);
    }
    const int n_without = n_probed;
    memcpy(without, probed, sizeof without);
    if (is_done && (is_done = call_probe(which, lists[0], lists[1]))) {
        /* The first address is the probe's own. */
        int same = 1;
        while (same < n_probed && same < n_without && probed[same] == without[same]) {
            same++;
        }
        if (same < n_probed && same <= MOST_ABOVE) {
            memcpy(ways[which].above, &probed[1], (size_t)same * sizeof(void *));
            ways[which].count = same;
        }
    }
    Py_XDECREF(lists[0]);
    Py_XDECREF(lists[1]);
    return is_done;
}

void
rr_learn_lists(void)
{
    PyObject *const probe = PyType_Ready(&probe_type) < 0
                                ? NULL
                                : _PyObject_New(&probe_type);
    if (probe == NULL || !find_way(WAY_REPR, probe, probe) ||
        !find_way(WAY_ORDER, probe, Py_None) ||
        !find_way(WAY_REFLECTED, Py_None, probe)) {
        PyErr_Clear();
    }
    Py_XDECREF(probe);
}

static bool
is_way(const rr_way *way, void *const *addresses, int count)
{
    if (way->count == 0) {
        return false;
    }
    for (int at = 0; at + way->count <= count; at++) {
        if (addresses[at] == way->above[0]) {
            const size_t size = (size_t)way->count * sizeof(void *);
            return memcmp(&addresses[at], way->above, size) == 0;
        }
    }
    return false;
}

bool
rr_list_calls(const rr_canary *canary, int slot)
{
    const bool is_order = slot == RR_SLOT_lt || slot == RR_SLOT_le ||
                          slot == RR_SLOT_gt || slot == RR_SLOT_ge;
    if (canary == NULL || canary->n_hooks == 0 || (slot != RR_SLOT_repr && !is_order)) {
        return false;
    }
    void *addresses[MOST_ADDRESSES];
    const int count = backtrace(addresses, MOST_ADDRESSES);
    if (!is_order) {
        return is_way(&ways[WAY_REPR], addresses, count);
    }
    return is_way(&ways[WAY_ORDER], addresses, count) ||
           is_way(&ways[WAY_REFLECTED], addresses, count);
}

#else

void
rr_learn_lists(void)
{
}

bool
rr_list_calls(const rr_canary *canary, int slot)
{
    (void)canary;
    (void)slot;
    return false;
}

#endif
