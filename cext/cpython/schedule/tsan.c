/* tsan.c -- the functions that code compiled with -fsanitize=thread calls.
 *
 * The names and arguments are those of gcc 12's libtsan and of LLVM's tsan_interface.h and
 * tsan_interface_atomic.h.  Atomic operations happen here, all of them seq_cst: what is
 * explored are sequentially consistent interleavings.
 *
 * A build of refrace that is itself instrumented has these symbols already.
 */
#include "cpython/schedule/tsan.h"

#include <string.h>

#include "cpython/schedule/internal.h"

static void
access_at(uintptr_t address, size_t n, bool is_write, void *pc)
{
    rr_runner *me = rr_me;
    if (me == NULL || rr_is_on_stack(me, address)) {
        return;
    }
    rr_point_at(me, is_write ? RR_POINT_WRITE : RR_POINT_READ, address, n, pc, NULL);
    rr_shadow_access(me, address, n, is_write, false, pc);
}

void
rr_memory_hook(void *to, const void *from, size_t n, void *pc)
{
    if (rr_me != NULL && n > 0) {
        if (from != NULL) {
            access_at((uintptr_t)from, n, false, pc);
        }
        access_at((uintptr_t)to, n, true, pc);
    }
}

#if !defined __SANITIZE_THREAD__

/* ---- plain accesses ------------------------------------------------------------------ */

#define RR_ACCESS(name, n, is_write)                                                    \
    RR_EXPORT void __tsan_##name##n(void *a)                                            \
    {                                                                                   \
        access_at((uintptr_t)a, n, is_write, RR_CALLER);                                \
    }
#define RR_READ_WRITE(name, n)                                                          \
    RR_EXPORT void __tsan_##name##n(void *a)                                            \
    {                                                                                   \
        access_at((uintptr_t)a, n, false, RR_CALLER);                                   \
        access_at((uintptr_t)a, n, true, RR_CALLER);                                    \
    }
#define RR_ACCESS_PC(name, n, is_write)                                                 \
    RR_EXPORT void __tsan_##name##n##_pc(void *a, void *pc)                             \
    {                                                                                   \
        access_at((uintptr_t)a, n, is_write, pc);                                       \
    }
#define RR_ACCESSES(n)                                                                  \
    RR_ACCESS(read, n, false)                                                           \
    RR_ACCESS(write, n, true)                                                           \
    RR_ACCESS(unaligned_read, n, false)                                                 \
    RR_ACCESS(unaligned_write, n, true)                                                 \
    RR_ACCESS(volatile_read, n, false)                                                  \
    RR_ACCESS(volatile_write, n, true)                                                  \
    RR_ACCESS(unaligned_volatile_read, n, false)                                        \
    RR_ACCESS(unaligned_volatile_write, n, true)                                        \
    RR_READ_WRITE(read_write, n)                                                        \
    RR_READ_WRITE(unaligned_read_write, n)                                              \
    RR_ACCESS_PC(read, n, false)                                                        \
    RR_ACCESS_PC(write, n, true)
RR_ACCESSES(1)
RR_ACCESSES(2)
RR_ACCESSES(4)
RR_ACCESSES(8)
RR_ACCESSES(16)

RR_EXPORT void
__tsan_read_range(void *a, size_t n)
{
    access_at((uintptr_t)a, n, false, RR_CALLER);
}

RR_EXPORT void
__tsan_write_range(void *a, size_t n)
{
    access_at((uintptr_t)a, n, true, RR_CALLER);
}

RR_EXPORT void
__tsan_vptr_update(void **a, void *value)
{
    if (rr_me != NULL && *a != value) {
        access_at((uintptr_t)a, sizeof *a, true, RR_CALLER);
    }
}

RR_EXPORT void
__tsan_vptr_read(void **a)
{
    access_at((uintptr_t)a, sizeof *a, false, RR_CALLER);
}

RR_EXPORT void *
__tsan_memcpy(void *to, const void *from, size_t n)
{
    rr_memory_hook(to, from, n, RR_CALLER);
    return memcpy(to, from, n);
}

RR_EXPORT void *
__tsan_memmove(void *to, const void *from, size_t n)
{
    rr_memory_hook(to, from, n, RR_CALLER);
    return memmove(to, from, n);
}

RR_EXPORT void *
__tsan_memset(void *to, int c, size_t n)
{
    rr_memory_hook(to, NULL, n, RR_CALLER);
    return memset(to, c, n);
}

/* ---- calls of instrumented functions --------------------------------------------------- */

RR_EXPORT void
__tsan_func_entry(void *pc)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        if (me->depth < RR_DEEPEST_STACK) {
            me->frames[me->depth] = pc;
        }
        me->depth++;
        bool is_called_back = me->depth > 1 && me->depth != me->called_by_wrapper &&
                              rr_image_place(pc) == 0;
        if (is_called_back && me->called_back == 0) {
            me->called_back = me->depth;
        }
    }
}

RR_EXPORT void
__tsan_func_exit(void)
{
    rr_runner *me = rr_me;
    if (me != NULL && me->depth > 0) { /* longjmp leaves without it */
        me->depth--;
        me->called_back = me->depth < me->called_back ? 0 : me->called_back;
    }
}

RR_EXPORT void
__tsan_init(void)
{
}

RR_EXPORT void
__tsan_ignore_thread_begin(void)
{
}

RR_EXPORT void
__tsan_ignore_thread_end(void)
{
}

/* ---- atomics --------------------------------------------------------------------------- */

static rr_runner *
atomic_at(const volatile void *a, size_t n, bool is_write, void *pc)
{
    rr_runner *me = rr_me;
    if (me == NULL || rr_is_on_stack(me, (uintptr_t)a)) {
        return NULL;
    }
    rr_point_at(me, RR_POINT_ATOMIC, (uintptr_t)a, n, pc, NULL);
    rr_shadow_access(me, (uintptr_t)a, n, is_write, true, pc);
    return me;
}

/* Orders as in <stdatomic.h>; consume counts as acquire. */
static void
synchronise(rr_runner *me, const volatile void *a, bool loads, bool stores, int order)
{
    const void *lock = (const void *)(uintptr_t)a;
    bool acquires = order == __ATOMIC_CONSUME || order == __ATOMIC_ACQUIRE ||
                    order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
    if (me != NULL && loads && acquires) {
        rr_clock_acquire(me, lock);
    }
    if (me != NULL && stores && order >= __ATOMIC_RELEASE) {
        rr_clock_release(me, lock);
    }
}

#define RR_RMW(bits, type, name, operation)                                             \
    RR_EXPORT type __tsan_atomic##bits##_##name(volatile type *a, type v, int order)    \
    {                                                                                   \
        rr_runner *me = atomic_at(a, sizeof *a, true, RR_CALLER);                       \
        synchronise(me, a, true, true, order);                                          \
        return operation(a, v, __ATOMIC_SEQ_CST);                                       \
    }
#define RR_CAS(bits, type, name)                                                        \
    RR_EXPORT int __tsan_atomic##bits##_##name(volatile type *a, type *expected,        \
                                               type v, int order, int failure)          \
    {                                                                                   \
        rr_runner *me = atomic_at(a, sizeof *a, true, RR_CALLER);                       \
        int done = __atomic_compare_exchange_n(a, expected, v, 0, __ATOMIC_SEQ_CST,     \
                                               __ATOMIC_SEQ_CST);                       \
        synchronise(me, a, true, done != 0, done ? order : failure);                    \
        return done;                                                                    \
    }
#define RR_ATOMICS(bits, type)                                                          \
    RR_EXPORT type __tsan_atomic##bits##_load(const volatile type *a, int order)        \
    {                                                                                   \
        rr_runner *me = atomic_at(a, sizeof *a, false, RR_CALLER);                      \
        synchronise(me, a, true, false, order);                                         \
        return __atomic_load_n(a, __ATOMIC_SEQ_CST);                                    \
    }                                                                                   \
    RR_EXPORT void __tsan_atomic##bits##_store(volatile type *a, type v, int order)     \
    {                                                                                   \
        rr_runner *me = atomic_at(a, sizeof *a, true, RR_CALLER);                       \
        synchronise(me, a, false, true, order);                                         \
        __atomic_store_n(a, v, __ATOMIC_SEQ_CST);                                       \
    }                                                                                   \
    RR_RMW(bits, type, exchange, __atomic_exchange_n)                                   \
    RR_RMW(bits, type, fetch_add, __atomic_fetch_add)                                   \
    RR_RMW(bits, type, fetch_sub, __atomic_fetch_sub)                                   \
    RR_RMW(bits, type, fetch_and, __atomic_fetch_and)                                   \
    RR_RMW(bits, type, fetch_or, __atomic_fetch_or)                                     \
    RR_RMW(bits, type, fetch_xor, __atomic_fetch_xor)                                   \
    RR_RMW(bits, type, fetch_nand, __atomic_fetch_nand)                                 \
    RR_CAS(bits, type, compare_exchange_strong)                                         \
    RR_CAS(bits, type, compare_exchange_weak)                                           \
    RR_EXPORT type __tsan_atomic##bits##_compare_exchange_val(                          \
        volatile type *a, type expected, type v, int order, int failure)                \
    {                                                                                   \
        rr_runner *me = atomic_at(a, sizeof *a, true, RR_CALLER);                       \
        int done = __atomic_compare_exchange_n(a, &expected, v, 0, __ATOMIC_SEQ_CST,    \
                                               __ATOMIC_SEQ_CST);                       \
        synchronise(me, a, true, done != 0, done ? order : failure);                    \
        return expected;                                                                \
    }
RR_ATOMICS(8, uint8_t)
RR_ATOMICS(16, uint16_t)
RR_ATOMICS(32, uint32_t)
RR_ATOMICS(64, uint64_t)

RR_EXPORT void
__tsan_atomic_thread_fence(int order)
{
    rr_runner *me = rr_me;
    (void)order;
    if (me != NULL) {
        rr_point_at(me, RR_POINT_ATOMIC, 0, 0, RR_CALLER, NULL);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

RR_EXPORT void
__tsan_atomic_signal_fence(int order)
{
    (void)order;
}

#endif
