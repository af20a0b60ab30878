/* canary_variant.h -- the type of canaries that support a set of protocols.
 *
 * The types are static, as far as the interpreter knows: an instance of a heap type would
 * own a reference to its type, and that count would change with the canary's.
 */
#ifndef RR_CPYTHON_CANARY_VARIANT_H
#define RR_CPYTHON_CANARY_VARIANT_H

#include <Python.h>

#include "cpython/canary.h"

enum { RR_LENGTH = 3 }; /* items of every canary */

typedef struct rr_variant {
    PyTypeObject type;
    PyNumberMethods number;
    PySequenceMethods sequence;
    PyMappingMethods mapping;
    PyAsyncMethods async;
    PyBufferProcs buffer;
    unsigned supports;
} rr_variant;

static inline unsigned
rr_supports(PyObject *canary)
{
    /* The type is the first member of its variant. */
    return ((const rr_variant *)(const void *)Py_TYPE(canary))->supports;
}

/* Each sets the slots of some protocols, as far as `variant->supports` has them. */
void rr_variant_add_comparisons(rr_variant *variant);
void rr_variant_add_number(rr_variant *variant);
void rr_variant_add_containers(rr_variant *variant);
void rr_variant_add_iteration(rr_variant *variant); /* and context, and async */
void rr_variant_add_others(rr_variant *variant);    /* buffer, call, attributes */

#endif
