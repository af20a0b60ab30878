/* canary_steps.c -- threads that run an extension module one instruction at a time.
 *
 * A window of two instructions is met by luck only, and on a busy machine never: a thread
 * makes all of its calls before another one has a core.  While there are steps, the code of
 * the module cannot be executed.  A thread that enters it faults, sets the trap flag of its
 * processor and goes on, and after each instruction it may pause, as the kernel could stop
 * it there.  When it leaves the module, for the interpreter for example, the flag is
 * cleared and the code is closed again.  Linux on x86-64.
 */
#include <Python.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/rr_clock.h"
#include "base/rr_rng.h"
#include "cpython/canary.h"
#include "cpython/canary_trap.h"

#if defined(__linux__) && defined(__x86_64__)

/* IS_FETCH: of the error code of a page fault. */
enum { MOST_RANGES = 32, TRAP_FLAG = 0x100, IS_FETCH = 0x10 };

/* Ranges are added at a quiet moment, and stay. */
static struct {
    int n;
    struct {
        uintptr_t begin, end; /* whole pages */
    } range[MOST_RANGES];
    _Atomic bool is_on;
    _Atomic int64_t left; /* instructions, of all threads */
    _Atomic uint64_t seed, n_steps;
    _Atomic uint32_t one_in;
    _Atomic int64_t longest_ns;
    struct sigaction previous;
    bool is_installed;
} steps;

static bool
is_inside(uintptr_t address)
{
    for (int i = 0; i < steps.n; i++) {
        if (address >= steps.range[i].begin && address < steps.range[i].end) {
            return true;
        }
    }
    return false;
}

static void
set_code(int access)
{
    for (int i = 0; i < steps.n; i++) {
        void *begin = (void *)steps.range[i].begin;
        (void)mprotect(begin, steps.range[i].end - steps.range[i].begin, access);
    }
}

static void
set_flag(ucontext_t *context, bool is_set)
{
    greg_t *flags = &context->uc_mcontext.gregs[REG_EFL];
    *flags = is_set ? *flags | TRAP_FLAG : *flags & ~(greg_t)TRAP_FLAG;
}

bool
rr_steps_fault(const void *address, void *context)
{
    ucontext_t *at = context;
    /* Not the place of the instruction: it may begin on the page before. */
    if ((at->uc_mcontext.gregs[REG_ERR] & IS_FETCH) == 0 ||
        !is_inside((uintptr_t)address)) {
        return false;
    }
    set_code(PROT_READ | PROT_EXEC);
    set_flag(at, steps.is_on);
    return true;
}

/* The generator is a number of a sequence, which a handler may take. */
static void
pause_now_and_then(void)
{
    rr_rng rng = rr_rng_stream(steps.seed, atomic_fetch_add(&steps.n_steps, 1));
    if (rr_rng_next(&rng) % steps.one_in != 0) {
        return;
    }
    uint64_t length = rr_rng_next(&rng) % (uint64_t)(steps.longest_ns + 1);
    int64_t until = rr_now_ns() + (int64_t)length;
    do {
        rr_yield();
    } while (rr_now_ns() < until);
}

static void
on_step(int signal_number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;
    if (info->si_code <= 0 || (at->uc_mcontext.gregs[REG_EFL] & TRAP_FLAG) == 0) {
        sigaction(signal_number, &steps.previous, NULL); /* it is none of ours */
        raise(signal_number);
        return;
    }
    int saved_errno = errno;
    bool is_left = !is_inside((uintptr_t)at->uc_mcontext.gregs[REG_RIP]);
    if (atomic_fetch_sub(&steps.left, 1) <= 0) {
        steps.is_on = false;
        set_code(PROT_READ | PROT_EXEC);
    }
    if (is_left || !steps.is_on) {
        set_flag(at, false);
    }
    if (is_left && steps.is_on) {
        set_code(PROT_READ);
    }
    else if (steps.is_on) {
        pause_now_and_then();
    }
    errno = saved_errno;
}

static int
add_if_named(struct dl_phdr_info *info, size_t size, void *path)
{
    (void)size;
    if (info->dlpi_name == NULL || strcmp(info->dlpi_name, path) != 0) {
        return 0;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum && steps.n < MOST_RANGES; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD && header->p_flags == (PF_R | PF_X)) {
            uintptr_t begin = info->dlpi_addr + header->p_vaddr;
            steps.range[steps.n].begin = begin & ~(page - 1);
            steps.range[steps.n++].end =
                (begin + header->p_memsz + page - 1) & ~(page - 1);
        }
    }
    return 1;
}

bool
rr_steps_add(const char *path)
{
    int before = steps.n;
    char copy[4096];
    if (strlen(path) < sizeof copy) {
        memcpy(copy, path, strlen(path) + 1);
        (void)dl_iterate_phdr(add_if_named, copy);
    }
    return steps.n > before;
}

bool
rr_steps_begin(const rr_step_plan *plan)
{
    if (steps.n == 0 || !rr_trap_install()) {
        return false;
    }
    struct sigaction ours = {.sa_sigaction = on_step,
                             .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&ours.sa_mask);
    if (!steps.is_installed && sigaction(SIGTRAP, &ours, &steps.previous) != 0) {
        return false;
    }
    steps.is_installed = true;
    steps.seed = plan->seed;
    steps.one_in = plan->one_in;
    steps.longest_ns = plan->longest_ns;
    steps.left = plan->most;
    steps.is_on = true;
    set_code(PROT_READ);
    return true;
}

void
rr_steps_end(void)
{
    if (steps.is_on) {
        steps.is_on = false;
        set_code(PROT_READ | PROT_EXEC);
    }
}

#else

bool
rr_steps_fault(const void *address, void *context)
{
    (void)address;
    (void)context;
    return false;
}

bool
rr_steps_add(const char *path)
{
    (void)path;
    return false;
}

bool
rr_steps_begin(const rr_step_plan *plan)
{
    (void)plan;
    return false;
}

void
rr_steps_end(void)
{
}

#endif
