/* canary_death.h -- what the interpreter calls when a canary's count has become zero. */
#ifndef RR_CPYTHON_CANARY_DEATH_H
#define RR_CPYTHON_CANARY_DEATH_H

#include <Python.h>

void rr_canary_dealloc(PyObject *object);

#endif
