/* canary_trap.c -- pages that become inaccessible, and the handler of the faults. */
#include <Python.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "cpython/canary_record.h"
#include "base/rr_clock.h"
#include "base/rr_rng.h"
#include "cpython/canary_trap.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

/* The address of the instruction that a signal interrupted. */
#if defined(__linux__) && defined(__x86_64__)
#define RR_INSTRUCTION(context) ((uintptr_t)(context)->uc_mcontext.gregs[REG_RIP])
#elif defined(__linux__) && defined(__aarch64__)
#define RR_INSTRUCTION(context) ((uintptr_t)(context)->uc_mcontext.pc)
#endif

static struct {
    char *base;
    size_t page_bytes;
    int32_t cursor; /* all pages before it are in use */
    rr_canary *_Atomic owners[RR_MOST_TRAPPED];
    struct sigaction previous;
} traps;

bool
rr_trap_is_supported(void)
{
#ifdef RR_INSTRUCTION
    return true;
#else
    return false;
#endif
}

bool
rr_trap_open(void)
{
    if (traps.base != NULL) {
        return true;
    }
    traps.page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    char *const base = mmap(NULL, RR_MOST_TRAPPED * traps.page_bytes,
                            PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        return false;
    }
    traps.base = base;
    return true;
}

static int32_t
page_of(const void *address)
{
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)traps.base;
    const bool is_inside =
        traps.base != NULL && offset < RR_MOST_TRAPPED * traps.page_bytes;
    return is_inside ? (int32_t)(offset / traps.page_bytes) : -1;
}

char *
rr_trap_take_page(rr_canary *owner)
{
    while (traps.cursor < RR_MOST_TRAPPED && traps.owners[traps.cursor] != NULL) {
        traps.cursor++;
    }
    if (traps.cursor == RR_MOST_TRAPPED) {
        return NULL;
    }
    traps.owners[traps.cursor] = owner;
    return traps.base + (size_t)traps.cursor * traps.page_bytes;
}

static bool
set_access(const rr_canary *canary, int access)
{
    const int32_t page = page_of(canary->object);
    return mprotect(traps.base + (size_t)page * traps.page_bytes, traps.page_bytes,
                    access) == 0;
}

void
rr_trap_release_page(rr_canary *owner)
{
    const bool is_protected = atomic_exchange(&owner->is_protected, false);
    if (atomic_exchange(&owner->is_guarded, false) || is_protected) {
        set_access(owner, PROT_READ | PROT_WRITE);
    }
    const int32_t page = page_of(owner->object);
    traps.owners[page] = NULL;
    traps.cursor = page < traps.cursor ? page : traps.cursor;
}

rr_canary *
rr_trap_owner(const void *address)
{
    const int32_t page = page_of(address);
    return page < 0 ? NULL : traps.owners[page];
}

void
rr_trap_protect(rr_canary *canary)
{
    atomic_store(&canary->is_protected, true); /* before the first fault can occur */
    if (!set_access(canary, PROT_NONE)) {
        atomic_store(&canary->is_protected, false);
    }
}

/* ---- guards: pauses at the touch of a live canary ---- */

static _Atomic int64_t longest_pause_ns;
static _Atomic uint64_t n_pauses;

void
rr_canary_guard(rr_canary *canary, int64_t longest_ns)
{
    if (!canary->has_page || !rr_canary_is_live(canary)) {
        return;
    }
    atomic_store(&longest_pause_ns, longest_ns);
    atomic_store(&canary->was_guarded, true); /* before the first fault can occur */
    atomic_store(&canary->is_guarded, true);
    if (!set_access(canary, PROT_NONE)) {
        atomic_store(&canary->is_guarded, false);
    }
}

void
rr_canary_unguard(rr_canary *canary)
{
    if (atomic_exchange(&canary->is_guarded, false) && !canary->is_protected) {
        set_access(canary, PROT_READ | PROT_WRITE);
    }
}

#ifdef RR_INSTRUCTION

/* Between reading a pointer and counting a reference to its object are nanoseconds.  The
 * thread that touches a guarded canary is there; it pauses after it has opened the page,
 * so that others can come in.  Async-signal-safe, as is the generator: one number of it. */
static bool
pause_at_guard(rr_canary *c)
{
    if (!c->was_guarded || c->is_protected) {
        return false;
    }
    const bool is_first = atomic_exchange(&c->is_guarded, false);
    if (!set_access(c, PROT_READ | PROT_WRITE)) {
        return false;
    }
    if (is_first) { /* others that come with it go on */
        rr_rng rng = rr_rng_stream(0, atomic_fetch_add(&n_pauses, 1));
        const uint64_t longest = (uint64_t)atomic_load(&longest_pause_ns);
        const int64_t until = rr_now_ns() + (int64_t)(rr_rng_next(&rng) % (longest + 1));
        while (rr_now_ns() < until) {
            rr_yield();
        }
    }
    return true;
}

/* Async-signal-safe: atomics and one system call. */
static bool
note_trap(const void *address, const ucontext_t *context)
{
    rr_canary *const c = rr_trap_owner(address);
    if (c == NULL) {
        return false;
    }
    if (pause_at_guard(c)) {
        return true;
    }
    if (!c->is_protected && c->n_traps == 0) {
        return false;
    }
    /* Threads that fault together are all noted, while there is room. */
    const int index = atomic_fetch_add(&c->n_traps, 1);
    if (index < RR_MOST_TRAP_IPS) {
        c->trap_ips[index] = RR_INSTRUCTION(context);
    }
    uint64_t nobody = 0;
    atomic_compare_exchange_strong(&c->toucher, &nobody, (uint64_t)pthread_self());
    const bool is_open = set_access(c, PROT_READ | PROT_WRITE);
    atomic_store(&c->is_protected, false);
    return is_open;
}

/* The thread that is in the previous handler; if that raises the signal again, as
 * faulthandler does, the fault is its last. */
static _Atomic uint64_t passing;

static void
pass_on(int signal_number, siginfo_t *info, void *context)
{
    const uint64_t self = (uint64_t)pthread_self();
    const bool is_again = atomic_exchange(&passing, self) == self;
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    const struct sigaction *const previous = is_again ? &by_default : &traps.previous;
    if ((previous->sa_flags & SA_SIGINFO) != 0) {
        previous->sa_sigaction(signal_number, info, context);
    } else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
        previous->sa_handler(signal_number);
    } else {
        /* The instruction runs again, and the fault ends the process.  A fault cannot be
         * ignored. */
        sigaction(signal_number, &by_default, NULL);
        if (info->si_code <= 0) { /* another process or thread sent the signal */
            raise(signal_number);
        }
    }
    atomic_store(&passing, 0);
}

static void
on_fault(int signal_number, siginfo_t *info, void *context)
{
    const int saved_errno = errno;
    const bool is_fault = info->si_code > 0;
    if (!is_fault || !(rr_steps_fault(info->si_addr, context) ||
                       note_trap(info->si_addr, context))) {
        pass_on(signal_number, info, context);
    }
    errno = saved_errno;
}

bool
rr_trap_install(void)
{
    struct sigaction now;
    if (sigaction(SIGSEGV, NULL, &now) != 0) {
        return false;
    }
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == on_fault) {
        return true;
    }
    traps.previous = now;
    struct sigaction ours = {.sa_sigaction = on_fault,
                             .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&ours.sa_mask);
    return sigaction(SIGSEGV, &ours, NULL) == 0;
}

#else

bool
rr_trap_install(void)
{
    errno = ENOSYS;
    return false;
}

#endif
