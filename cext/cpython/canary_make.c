/* canary_make.c -- how a canary begins, and the references that the harness keeps. */
#include <Python.h>

#include "cpython/canary_child.h"
#include "cpython/canary_contents.h"
#include "cpython/canary_count.h"
#include "cpython/canary_record.h"
#include "cpython/canary_trap.h"
#include "cpython/canary_type.h"

static void
fill(rr_canary *c, const rr_canary_plan *plan)
{
    c->supports = (uint16_t)plan->supports;
    c->is_tracked = plan->is_tracked;
    c->is_merged = plan->is_merged;
    c->is_trapped = plan->is_trapped;
    c->has_value = plan->has_value;
    c->value = plan->value;
    c->made_by = -1;
    memcpy(c->bytes, &plan->value, sizeof c->bytes);
    c->n_hooks = plan->n_hooks;
    for (int n = 0; n < plan->n_hooks; n++) {
        c->hooks[n].slot = (uint8_t)plan->hooks[n].slot;
        c->hooks[n].action = (uint8_t)plan->hooks[n].action;
        c->hooks[n].nth = plan->hooks[n].nth;
    }
}

/* The object of a record; NULL: an exception is set, or `why` is. */
static PyObject *
begin(rr_canary *c, PyObject *memory, PyTypeObject *type, rr_limit *why)
{
    if (!rr_canary_is_outside(c)) {
        return PyObject_Init(memory, type);
    }
    PyObject *const object = PyObject_GC_New(PyObject, type);
    if (object != NULL && type->tp_weaklistoffset > 0) {
        ((PyObject **)(void *)(object + 1))[0] = NULL;
    }
    if (object != NULL && !rr_record_enter_address(c, object)) {
        PyObject_GC_Del(object);
        *why = RR_LIMIT_OUTSIDE;
        return NULL;
    }
    return object;
}

PyObject *
rr_canary_make(const rr_canary_plan *plan, rr_limit *why)
{
    *why = RR_LIMIT_NONE;
    PyTypeObject *const type = rr_canary_type(plan->supports, plan->is_tracked);
    if (type == NULL) {
        return NULL;
    }
    PyObject *memory;
    rr_canary *const c = rr_record_take(plan->is_trapped || plan->has_page, &memory, why);
    if (c == NULL) {
        return NULL;
    }
    fill(c, plan);
    PyObject *const object = begin(c, memory, type, why);
    if (object == NULL) {
        rr_record_give_back(c);
        return NULL;
    }
    if (plan->is_merged) {
        rr_count_write(object, 1);
    }
    atomic_store(&c->state, RR_CANARY_LIVE);
    if (plan->is_tracked) {
        PyObject_GC_Track(object);
    }
    return object;
}

/* An item is no container itself: code that walks what it is given would never end. */
static unsigned
supports_of_child(unsigned supports, int slot)
{
    const unsigned containers = 1u << RR_PROTOCOL_sequence | 1u << RR_PROTOCOL_mapping |
                                1u << RR_PROTOCOL_iterator;
    const bool is_item = slot == RR_SLOT_item || slot == RR_SLOT_next;
    return is_item ? supports & ~containers : supports;
}

PyObject *
rr_canary_child(const rr_canary *parent, int slot, int64_t value)
{
    const rr_canary_plan plan = {.supports = supports_of_child(parent->supports, slot),
                                 .has_value = parent->has_value,
                                 .value = parent->has_value ? value : 0};
    rr_limit why;
    PyObject *const object = rr_canary_make(&plan, &why);
    if (object == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_MemoryError, "all records of canaries are in use");
        }
        return NULL;
    }
    rr_canary *const c = rr_canary_at(object);
    c->made_by = rr_canary_number(parent);
    c->born_in = (int16_t)slot;
    return object;
}

bool
rr_canary_hold(rr_canary *canary)
{
    if (!rr_canary_is_live(canary)) {
        return false;
    }
    Py_INCREF(canary->object);
    atomic_fetch_add(&canary->held, 1);
    return true;
}

bool
rr_canary_release(rr_canary *canary)
{
    if (atomic_load(&canary->held) <= 0) {
        return false;
    }
    atomic_fetch_sub(&canary->held, 1);
    /* If it died, the thread that killed it dropped its own count. */
    if (rr_canary_is_live(canary)) {
        Py_DECREF(canary->object);
    }
    return true;
}
