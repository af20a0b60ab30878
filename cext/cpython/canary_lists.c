/* canary_lists.c -- finds out from the stack whether a list calls a slot.
 *
 * If it does, the stack has a return address in the code of the list.  A probe finds this
 * address: an object whose slot is called once by a list, and once without a list.
 *
 * An order of two lists ends with a jump into the order of two items, so the list itself
 * has left the stack: the address is one in what called the list.  The order of an object
 * of another type that does the same looks alike, but no list holds its item.
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

/* The order of an item or its reflection; of two lists, of a list and one of a subclass,
 * which is asked first, and of lists that are sorted. */
enum {
    WAY_REPR,
    WAY_ORDER,
    WAY_REFLECTED,
    WAY_ORDER_SUBCLASS,
    WAY_REFLECTED_SUBCLASS,
    WAY_ORDER_SORT,
    WAY_REFLECTED_SORT,
    N_WAYS
};

/* Written by rr_learn_lists, before there is a canary; only read afterwards. */
static rr_way ways[N_WAYS];

static PyObject *get_referrers; /* NULL: no order is of a list */

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

/* Calls the probe, or lists with it.  false: an exception is set. */
static bool
call_probe(int which, PyObject *left, PyObject *right)
{
    n_probed = 0;
    PyObject *result;
    if (which == WAY_REPR) {
        result = PyObject_Repr(right);
    } else if (which == WAY_ORDER_SORT || which == WAY_REFLECTED_SORT) {
        /* A sort asks whether the second one is less. */
        result = Py_BuildValue("[OO]", right, left);
        if (result != NULL && PyList_Sort(result) < 0) {
            Py_CLEAR(result);
        }
    } else {
        result = PyObject_RichCompare(left, right, Py_LT);
    }
    Py_XDECREF(result);
    return result != NULL;
}

/* Returns an instance of a new subclass of list with an item. */
static PyObject *
new_of_subclass(PyObject *item)
{
    PyObject *const type =
        PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){}", "list", &PyList_Type);
    PyObject *const made = type == NULL ? NULL : PyObject_CallFunction(type, "((O))", item);
    Py_XDECREF(type);
    return made;
}

static bool
find_way(int which, PyObject *left, PyObject *right)
{
    const bool is_subclass =
        which == WAY_ORDER_SUBCLASS || which == WAY_REFLECTED_SUBCLASS;
    void *without[MOST_ADDRESSES];
    /* That of the subclass is asked whether it is greater, so it has the left item. */
    PyObject *const lists[] = {
        Py_BuildValue("[O]", is_subclass ? right : left),
        is_subclass ? new_of_subclass(left) : Py_BuildValue("[O]", right),
    };
    bool is_done = lists[0] != NULL && lists[1] != NULL &&
                   call_probe(which == WAY_REPR ? WAY_REPR : WAY_ORDER, left, right);
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

static bool
find_ways_of_order(PyObject *probe)
{
    PyObject *const gc = PyImport_ImportModule("gc");
    get_referrers = gc == NULL ? NULL : PyObject_GetAttrString(gc, "get_referrers");
    Py_XDECREF(gc);
    bool is_done = get_referrers != NULL;
    for (int which = WAY_ORDER; is_done && which < N_WAYS; which += 2) {
        is_done = find_way(which, probe, Py_None) && find_way(which + 1, Py_None, probe);
    }
    return is_done;
}

void
rr_learn_lists(void)
{
    PyObject *const probe = PyType_Ready(&probe_type) < 0
                                ? NULL
                                : _PyObject_New(&probe_type);
    const bool has_reference = Py_Version >= 0x030C0500; /* in an order of lists */
    if (probe == NULL || !find_way(WAY_REPR, probe, probe) ||
        (!has_reference && !find_ways_of_order(probe))) {
        PyErr_Clear();
    }
    Py_XDECREF(probe);
}

/* Whether an object is an item of a list.  No collection runs meanwhile. */
static bool
is_in_a_list(PyObject *object)
{
    if (get_referrers == NULL) {
        return false;
    }
    const int was_enabled = PyGC_Disable();
    PyObject *const found = PyObject_CallOneArg(get_referrers, object);
    bool is_in_one = false;
    for (Py_ssize_t i = 0; found != NULL && !is_in_one && i < PyList_GET_SIZE(found); i++) {
        is_in_one = PyList_Check(PyList_GET_ITEM(found, i));
    }
    if (found == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(found);
    if (was_enabled) {
        PyGC_Enable();
    }
    return is_in_one;
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
rr_list_calls(PyObject *object, int slot)
{
    const rr_canary *const canary = rr_canary_at(object);
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
    for (int which = WAY_ORDER; which < N_WAYS; which++) {
        if (is_way(&ways[which], addresses, count)) {
            return is_in_a_list(object);
        }
    }
    return false;
}

#else

void
rr_learn_lists(void)
{
}

bool
rr_list_calls(PyObject *object, int slot)
{
    (void)object;
    (void)slot;
    return false;
}

#endif
