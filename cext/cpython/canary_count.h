/* canary_count.h -- the reference count of an object as one number, in every version.
 *
 * Reading is exact at a quiet moment: no other thread counts.
 */
#ifndef RR_CPYTHON_CANARY_COUNT_H
#define RR_CPYTHON_CANARY_COUNT_H

#include <Python.h>
#include <stdint.h>

/* The count of a dead object.  With a GIL it is far from 0, so that nothing deallocates
 * the object again, and far from the counts that mean "immortal", so that every later
 * change of it is counted: 3.12 and 3.13 take counts from 1 << 31 for immortal.  Without a
 * GIL, threads look at an object that has just died, in the former memory of a list, and
 * take a reference unless its count is 0; what counts it up and down again deallocates it
 * once more, which is noted. */
#ifdef Py_GIL_DISABLED
#define RR_POISON ((int64_t)0)
#else
#define RR_POISON ((int64_t)1 << 28)
#endif

static inline int64_t
rr_count_read(PyObject *object)
{
#ifdef Py_GIL_DISABLED
    const int64_t local = __atomic_load_n(&object->ob_ref_local, __ATOMIC_ACQUIRE);
    const int64_t shared = __atomic_load_n(&object->ob_ref_shared, __ATOMIC_ACQUIRE);
    /* The queue of its owner has a reference to a queued object. */
    const int64_t queued = (shared & 3) == 2;
    return local + (shared >> 2) - queued;
#else
    return (int64_t)__atomic_load_n(&object->ob_refcnt, __ATOMIC_ACQUIRE);
#endif
}

/* On a free-threaded build the object belongs to no thread afterwards. */
static inline void
rr_count_write(PyObject *object, int64_t count)
{
#ifdef Py_GIL_DISABLED
    __atomic_store_n(&object->ob_tid, (uintptr_t)0, __ATOMIC_RELEASE);
    __atomic_store_n(&object->ob_ref_local, (uint32_t)0, __ATOMIC_RELEASE);
    __atomic_store_n(&object->ob_ref_shared, (Py_ssize_t)(count * 4 + 3),
                     __ATOMIC_RELEASE);
#elif PY_VERSION_HEX >= 0x030E0000
    __atomic_store_n(&object->ob_refcnt, (uint32_t)count, __ATOMIC_RELEASE);
#else
    __atomic_store_n(&object->ob_refcnt, (Py_ssize_t)count, __ATOMIC_RELEASE);
#endif
}

#endif
