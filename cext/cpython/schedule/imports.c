/* imports.c -- redirects what a loaded module imports, in its table of addresses.
 *
 * Functions that have a wrapper go there.  Every other function of the C API goes through
 * a trampoline, which is a point and then jumps to the function with all registers that
 * can hold arguments as they were.  In a module with hooks so do functions of libraries
 * without hooks that may touch what threads share (calls.c).  ELF, x86-64.
 */
#include "cpython/schedule/internal.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rr_alloc.h"

#if !defined __x86_64__

int
rr_schedule_patch(const char *path, bool only_python)
{
    (void)only_python;
    PyErr_Format(PyExc_OSError,
                 "%s: native schedules need x86-64; there are no trampolines for this "
                 "processor",
                 path);
    return -1;
}

#else

typedef struct trampoline {
    void *target; /* the assembly below reads it at offset 0 */
    const char *name;
    rr_point point;
    bool is_api;
} trampoline;

enum { MOST_CODE = 1 << 16, STUB = 32 };

extern char rr_through[] __attribute__((visibility("hidden")));
extern char rr_returns[] __attribute__((visibility("hidden")));

/* `slot` has the return address.  Whether the call is to end in rr_returns.  A function
 * that returns late may have jumped here as its last call: then the slot has rr_returns
 * already, and the address that it had is kept. */
__attribute__((used, visibility("hidden"))) int
rr_called(const trampoline *called, void **slot)
{
    rr_runner *me = rr_me;
    if (me == NULL) {
        return rr_pause_at_call() && *slot != (void *)rr_returns && rr_return_keep(slot);
    }
    if (rr_schedule_settings.calls_are_points) {
        me->n_calls += called->is_api && called->point == RR_POINT_CALL;
        rr_point_at(me, called->point, 0, 0, *slot, called->name);
    }
    return false;
}

/* On entry r11 is the trampoline, and the return address is on top of the stack. */
__asm__(".text\n"
        ".p2align 4\n"
        ".hidden rr_through\n"
        "rr_through:\n"
        "  push %rbp\n"
        "  mov %rsp, %rbp\n"
        "  sub $0xe0, %rsp\n"
        "  and $-16, %rsp\n"
        "  mov %rax, 0(%rsp)\n"
        "  mov %rdi, 8(%rsp)\n"
        "  mov %rsi, 16(%rsp)\n"
        "  mov %rdx, 24(%rsp)\n"
        "  mov %rcx, 32(%rsp)\n"
        "  mov %r8, 40(%rsp)\n"
        "  mov %r9, 48(%rsp)\n"
        "  mov %r11, 56(%rsp)\n"
        "  movups %xmm0, 64(%rsp)\n"
        "  movups %xmm1, 80(%rsp)\n"
        "  movups %xmm2, 96(%rsp)\n"
        "  movups %xmm3, 112(%rsp)\n"
        "  movups %xmm4, 128(%rsp)\n"
        "  movups %xmm5, 144(%rsp)\n"
        "  movups %xmm6, 160(%rsp)\n"
        "  movups %xmm7, 176(%rsp)\n"
        "  mov %r11, %rdi\n"
        "  lea 8(%rbp), %rsi\n"
        "  call rr_called\n"
        "  test %eax, %eax\n"
        "  jz 1f\n"
        "  lea rr_returns(%rip), %rax\n"
        "  mov %rax, 8(%rbp)\n"
        "1:\n"
        "  movups 64(%rsp), %xmm0\n"
        "  movups 80(%rsp), %xmm1\n"
        "  movups 96(%rsp), %xmm2\n"
        "  movups 112(%rsp), %xmm3\n"
        "  movups 128(%rsp), %xmm4\n"
        "  movups 144(%rsp), %xmm5\n"
        "  movups 160(%rsp), %xmm6\n"
        "  movups 176(%rsp), %xmm7\n"
        "  mov 0(%rsp), %rax\n"
        "  mov 8(%rsp), %rdi\n"
        "  mov 16(%rsp), %rsi\n"
        "  mov 24(%rsp), %rdx\n"
        "  mov 32(%rsp), %rcx\n"
        "  mov 40(%rsp), %r8\n"
        "  mov 48(%rsp), %r9\n"
        "  mov 56(%rsp), %r11\n"
        "  leave\n"
        "  jmp *(%r11)\n"
        /* Its return address was in the place below the top of the stack. */
        ".hidden rr_returns\n"
        "rr_returns:\n"
        "  sub $8, %rsp\n"
        "  push %rbp\n"
        "  mov %rsp, %rbp\n"
        "  sub $0x30, %rsp\n"
        "  and $-16, %rsp\n"
        "  mov %rax, 0(%rsp)\n"
        "  mov %rdx, 8(%rsp)\n"
        "  movups %xmm0, 16(%rsp)\n"
        "  movups %xmm1, 32(%rsp)\n"
        "  lea 8(%rbp), %rdi\n"
        "  call rr_return_late\n"
        "  mov %rax, 8(%rbp)\n"
        "  mov 0(%rsp), %rax\n"
        "  mov 8(%rsp), %rdx\n"
        "  movups 16(%rsp), %xmm0\n"
        "  movups 32(%rsp), %xmm1\n"
        "  leave\n"
        "  ret\n");

static unsigned char *code;
static size_t n_code;

/* A stub that loads r11 and jumps to rr_through; NULL: no memory for it. */
static void *
stub_for(void *target, const char *name)
{
    if (code == NULL) {
        code = mmap(NULL, MOST_CODE, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (code == MAP_FAILED || n_code + STUB > MOST_CODE) {
        return NULL;
    }
    trampoline *made = rr_alloc(1, sizeof *made); /* lives as long as the module */
    if (made == NULL) {
        return NULL;
    }
    *made = (trampoline){rr_really_called(name, target), name, rr_point_of_call(name),
                         rr_is_of_python(name)};
    void *through = rr_through;
    unsigned char *stub = code + n_code;
    n_code += STUB;
    stub[0] = 0x49; /* mov made, %r11 */
    stub[1] = 0xbb;
    memcpy(stub + 2, &made, sizeof made);
    stub[10] = 0x49; /* mov through, %r10 */
    stub[11] = 0xba;
    memcpy(stub + 12, &through, sizeof through);
    stub[20] = 0x41; /* jmp *%r10 */
    stub[21] = 0xff;
    stub[22] = 0xe2;
    return stub;
}

typedef struct patch {
    const char *path;
    void *module; /* where its imports are looked up */
    bool only_python, has_hooks, is_found, has_failed;
    int n_hooks;
} patch;

/* A slot is aligned, so it is in one page.  The next one may be of another module, or have
 * stubs, and must stay executable. */
static bool
redirect(void **slot, void *to)
{
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t page = (uintptr_t)slot & ~(size - 1);
    if (mprotect((void *)page, size, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    *slot = to;
    return true;
}

/* Not a point: it is called in the middle of a wrapper, or has no effect of its own. */
static bool
is_exempt(const char *name)
{
    return strcmp(name, "PyModuleDef_Init") == 0 ||
           strstr(name, "PyThreadState_Get") != NULL ||
           strstr(name, "UncheckedGet") != NULL;
}

/* NULL: there is none, or the name is that of a variable.  A slot of a variable looks like
 * one of a function that is called through it: with -fno-plt, or where its address is
 * taken too. */
static void *
function_of(const char *name)
{
    void *target = dlsym(RTLD_DEFAULT, name), *symbol = NULL;
    Dl_info info;
    if (target == NULL || dladdr1(target, &info, &symbol, RTLD_DL_SYMENT) == 0 ||
        symbol == NULL) {
        return NULL;
    }
    return ELF64_ST_TYPE(((const ElfW(Sym) *)symbol)->st_info) == STT_FUNC ? target : NULL;
}

/* Types have these in slots, and code compares a slot with such a function. */
static bool
is_compared(const char *name)
{
    static const char *const names[] = {
        "PyObject_Free", "PyObject_GC_Del", "PyObject_GenericGetAttr",
        "PyObject_GenericSetAttr", "PyObject_HashNotImplemented", "PyObject_SelfIter",
        "PyType_GenericAlloc", "PyType_GenericNew", "PyVectorcall_Call",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_hook(const char *name)
{
    return strncmp(name, "__tsan_", 7) == 0;
}

/* A function of a library without hooks, which may touch what threads share; NULL: it is
 * something else.  The symbol tells a function, since that of strlen, for example, is
 * chosen for the processor, and has no symbol of its own. */
static void *
unseen_function(const patch *p, const ElfW(Sym) *symbol, const char *name,
                bool may_be_address)
{
    bool is_function = !may_be_address || ELF64_ST_TYPE(symbol->st_info) == STT_FUNC;
    bool is_seen = !p->has_hooks || symbol->st_shndx != SHN_UNDEF || !rr_is_unseen(name);
    return is_seen || !is_function || p->module == NULL ? NULL : dlsym(p->module, name);
}

static void
patch_one(patch *p, void **slot, const ElfW(Sym) *symbol, const char *name,
          bool may_be_address)
{
    p->n_hooks += is_hook(name);
    bool is_api = rr_is_of_python(name);
    /* A module's own operators new and delete, for example. */
    bool is_its_own = symbol->st_shndx != SHN_UNDEF && dlsym(RTLD_DEFAULT, name) == NULL;
    if ((p->only_python && !is_api) || (may_be_address && is_compared(name)) ||
        is_its_own) {
        return;
    }
    rr_function wrapper = rr_wrapper_of(name);
    void *to = NULL;
    memcpy(&to, &wrapper, sizeof to); /* POSIX: data and code pointers are alike */
    void *target = NULL;
    if (to == NULL && is_api) {
        target = is_exempt(name) ? NULL : function_of(name);
    }
    else if (to == NULL) {
        target = unseen_function(p, symbol, name, may_be_address);
    }
    if (target != NULL) {
        to = stub_for(target, name);
        p->has_failed |= to == NULL;
    }
    if (to != NULL) {
        p->has_failed |= !redirect(slot, to);
    }
}

typedef struct tables {
    const ElfW(Rela) *relocations[2];
    size_t n[2];
    const ElfW(Sym) *symbols;
    const char *names;
} tables;

static tables
tables_of(const ElfW(Dyn) *d)
{
    tables t = {{NULL, NULL}, {0, 0}, NULL, NULL};
    for (; d->d_tag != DT_NULL; d++) {
        switch (d->d_tag) {
        case DT_JMPREL:
            t.relocations[0] = (const void *)d->d_un.d_ptr;
            break;
        case DT_PLTRELSZ:
            t.n[0] = d->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_RELA:
            t.relocations[1] = (const void *)d->d_un.d_ptr;
            break;
        case DT_RELASZ:
            t.n[1] = d->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_SYMTAB:
            t.symbols = (const void *)d->d_un.d_ptr;
            break;
        case DT_STRTAB:
            t.names = (const void *)d->d_un.d_ptr;
            break;
        default:
            break;
        }
    }
    return t;
}

static bool
imports_hooks(const tables *t)
{
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < t->n[k]; i++) {
            uint32_t symbol = (uint32_t)ELF64_R_SYM(t->relocations[k][i].r_info);
            if (symbol != 0 && is_hook(t->names + t->symbols[symbol].st_name)) {
                return true;
            }
        }
    }
    return false;
}

static void
patch_all(patch *p, uintptr_t base, const tables *t)
{
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < t->n[k]; i++) {
            const ElfW(Rela) *r = &t->relocations[k][i];
            uint32_t symbol = (uint32_t)ELF64_R_SYM(r->r_info);
            uint32_t type = (uint32_t)ELF64_R_TYPE(r->r_info);
            if (symbol != 0 && (type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT)) {
                patch_one(p, (void **)(base + r->r_offset), &t->symbols[symbol],
                          t->names + t->symbols[symbol].st_name,
                          type == R_X86_64_GLOB_DAT);
            }
        }
    }
}

static int
patch_if_named(struct dl_phdr_info *info, size_t size, void *data)
{
    patch *p = data;
    (void)size;
    if (info->dlpi_name == NULL || strcmp(info->dlpi_name, p->path) != 0) {
        return 0;
    }
    uintptr_t base = info->dlpi_addr, high = base;
    const ElfW(Dyn) *dynamic = NULL;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_DYNAMIC) {
            dynamic = (const void *)(base + header->p_vaddr);
        }
        uintptr_t end = base + header->p_vaddr + header->p_memsz;
        high = header->p_type == PT_LOAD && end > high ? end : high;
    }
    p->is_found = true;
    p->has_failed |= dynamic == NULL || !rr_image_add(base, high, p->path);
    if (!p->has_failed) {
        tables t = tables_of(dynamic);
        p->has_hooks = imports_hooks(&t);
        patch_all(p, base, &t);
    }
    return 1;
}

int
rr_schedule_patch(const char *path, bool only_python)
{
    void *module = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    patch p = {.path = path, .module = module, .only_python = only_python};
    (void)dl_iterate_phdr(patch_if_named, &p);
    if (module != NULL) {
        (void)dlclose(module);
    }
    if (!p.is_found) {
        PyErr_Format(PyExc_ValueError, "%s is not loaded", path);
        return -1;
    }
    if (p.has_failed) {
        PyErr_Format(PyExc_OSError, "the imports of %s cannot be redirected", path);
        return -1;
    }
    return p.n_hooks;
}

#endif
