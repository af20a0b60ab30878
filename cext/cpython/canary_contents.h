/* canary_contents.h -- what was stored in a canary, by setitem or setattr. */
#ifndef RR_CPYTHON_CANARY_CONTENTS_H
#define RR_CPYTHON_CANARY_CONTENTS_H

#include "cpython/canary_record.h"

/* The stored value of a key, or NULL: there is none, or an exception is set. */
PyObject *rr_contents_get(PyObject *_Atomic *contents, PyObject *key);

/* Stores a value, or deletes it if it is NULL.  -1: an exception is set. */
int rr_contents_set(PyObject *_Atomic *contents, PyObject *key, PyObject *value);

/* Drops all; this may run any code. */
void rr_canary_drop_contents(rr_canary *canary);

/* tp_traverse and tp_clear of tracked canaries. */
int rr_canary_traverse(PyObject *object, visitproc visit, void *arg);
int rr_canary_clear(PyObject *object);

#endif
