/* canary_type.h -- one static type for each set of protocols, made at first use. */
#ifndef RR_CPYTHON_CANARY_TYPE_H
#define RR_CPYTHON_CANARY_TYPE_H

#include <Python.h>
#include <stdbool.h>

/* The type, which lives for ever; NULL: an exception is set. */
PyTypeObject *rr_canary_type(unsigned supports, bool is_tracked);

#endif
