/* memory_wrappers.c -- memory from libc and the C++ runtime, and copies of memory. */
#include "cpython/schedule/memory_wrappers.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "cpython/schedule/internal.h"
#include "cpython/schedule/tsan.h"

/* The real functions, through pointers: only this file may call them. */
static const struct {
    void *(*allocate)(size_t);
    void *(*allocate_cleared)(size_t, size_t);
    void *(*resize)(void *, size_t);
    void (*release)(void *);
} libc = {malloc, calloc, realloc, free};

static void
release_block(void *context, void *p)
{
    (void)context;
    libc.release(p);
}

static void
call_at(void *pc, const char *name)
{
    if (rr_me != NULL && rr_schedule_settings.calls_are_points) {
        rr_point_at(rr_me, RR_POINT_QUIET_CALL, 0, 0, pc, name);
    }
}

void *
rr_wrap_malloc(size_t n)
{
    call_at(RR_CALLER, "malloc");
    void *p = libc.allocate(n);
    rr_block_begin(p, n, release_block, NULL);
    return p;
}

/* The operator that the module of the caller is linked to: it throws std::bad_alloc, or has
 * a handler that frees memory.  NULL: there is none. */
static void *
real_new(size_t n, void *pc)
{
    uintptr_t offset;
    const char *path = rr_schedule_image(pc, &offset);
    void *module = path == NULL ? NULL : dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    void *symbol = module == NULL ? NULL : dlsym(module, "_Znwm");
    void *(*operator_new)(size_t);
    memcpy(&operator_new, &symbol, sizeof symbol); /* POSIX: data and code are alike */
    return symbol == NULL ? NULL : operator_new(n);
}

void *
rr_wrap_new(size_t n)
{
    call_at(RR_CALLER, "operator new");
    void *p = libc.allocate(n);
    p = p == NULL ? real_new(n, RR_CALLER) : p;
    rr_block_begin(p, n, release_block, NULL);
    return p;
}

void *
rr_wrap_calloc(size_t n, size_t size)
{
    call_at(RR_CALLER, "calloc");
    void *p = libc.allocate_cleared(n, size);
    rr_block_begin(p, n * size, release_block, NULL);
    return p;
}

static void
release_at(void *p, void *pc)
{
    if (rr_me != NULL && p != NULL) {
        rr_point_at(rr_me, RR_POINT_FREE, (uintptr_t)p, 0, pc, "free");
    }
    if (!rr_block_end(p, pc)) {
        libc.release(p);
    }
}

void
rr_wrap_free(void *p)
{
    release_at(p, RR_CALLER);
}

void *
rr_wrap_realloc(void *p, size_t n)
{
    if (rr_me != NULL && p != NULL) {
        rr_point_at(rr_me, RR_POINT_FREE, (uintptr_t)p, 0, RR_CALLER, "realloc");
    }
    size_t kept = rr_block_kept_size(p);
    if (kept == 0) {
        rr_block_forget(p);
        void *moved = libc.resize(p, n);
        rr_block_begin(moved, n, release_block, NULL);
        return moved;
    }
    void *moved = libc.allocate(n);
    if (moved != NULL) {
        rr_block_begin(moved, n, release_block, NULL);
        memcpy(moved, p, n < kept ? n : kept);
        if (!rr_block_end(p, RR_CALLER)) {
            libc.release(p);
        }
    }
    return moved;
}

void *
rr_wrap_memcpy(void *to, const void *from, size_t n)
{
    rr_memory_hook(to, from, n, RR_CALLER);
    return memcpy(to, from, n);
}

void *
rr_wrap_memmove(void *to, const void *from, size_t n)
{
    rr_memory_hook(to, from, n, RR_CALLER);
    return memmove(to, from, n);
}

void *
rr_wrap_memset(void *to, int c, size_t n)
{
    rr_memory_hook(to, NULL, n, RR_CALLER);
    return memset(to, c, n);
}
