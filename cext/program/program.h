/* program.h -- a race program as flat arrays, checked once so that running it needs no
 * checks.
 *
 * A program arrives as one array of int32_t (an image), written by the lowering in
 * Python.  Nothing in it is trusted: an index out of range returns RR_EINVAL.
 *
 * A word is a value of the language: null is 0, the integer n is 2 n + 1, and a pointer
 * to object number i is 2 i + 2.
 */
#ifndef RR_PROGRAM_H
#define RR_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem/rc_order.h"

enum { RR_IMAGE_VERSION = 1 };

enum {
#define RR_LIMIT(id, value, name) RR_MAX_##id = (value),
#include "program/limits.def"
#undef RR_LIMIT
};

enum rr_op {
#define RR_OP(id, name, operands, is_step) RR_OP_##id,
#include "program/ops.def"
#undef RR_OP
    RR_N_OPS
};

enum rr_finding_kind {
#define RR_FINDING(id, name) RR_##id,
#include "program/findings.def"
#undef RR_FINDING
    RR_N_FINDINGS
};

enum rr_misuse {
#define RR_MISUSE(id, is_limit, message) RR_MISUSE_##id,
#include "program/misuses.def"
#undef RR_MISUSE
    RR_N_MISUSES
};

/* Critical sections around one statement of a body: as deep as blocks can nest. */
enum { RR_MAX_SECTIONS = 64 };

enum rr_relation {
    RR_TRUTH, /* of the left value alone */
    RR_EQUAL,
    RR_UNEQUAL,
    RR_LESS,
    RR_LESS_EQUAL,
    RR_GREATER,
    RR_GREATER_EQUAL,
    RR_N_RELATIONS,
    RR_NEGATED = 8, /* added to one of the above */
};

enum rr_value_kind { RR_VALUE_LOCAL, RR_VALUE_CONSTANT, RR_VALUE_SUM, RR_VALUE_DIFFERENCE };

/* x is a local or the constant's word, or x and y are the numbers of two earlier
 * values. */
typedef struct rr_value {
    int32_t kind, x, y;
} rr_value;

/* In an image, an operation and its orders are one number. */
enum { RR_OP_BITS = 8, RR_ORDER_BITS = 4 };

typedef struct rr_instr {
    int32_t op;
    int32_t order, failure; /* rc_order: of the access; of a failed `cas` */
    int32_t result;    /* a local, or -1 */
    int32_t p[4];      /* as ops.def says; a jump's target is a distance once opened */
    int32_t statement; /* for explanations; not used here */
    uint64_t live;     /* locals (the first 64) whose value is read here or later */
    bool is_nosafe;    /* in a `nosafe` block, or its end; once opened */
} rr_instr;

/* arg: the local of the first argument, which the locals of others follow. */
enum { RR_MAX_ARGUMENTS = 3 };

typedef struct rr_body {
    int32_t base, n_instrs, n_locals;
    int32_t arg, self; /* locals, or -1 */
} rr_body;

/* visits: how often `tp_traverse` visits it; the owning ones once, unless said. */
enum { RR_MAX_VISITS = 8 };

typedef struct rr_field {
    int32_t name, owning, initial, visits;
} rr_field;

/* What memory of a template is. */
typedef enum rr_memory_kind {
    RR_COUNTED_MEMORY,
    RR_UNCOUNTED_MEMORY, /* no count: only `free` releases it */
    RR_ITEMS_MEMORY,     /* the block of a container's items: the container does */
    RR_N_MEMORY_KINDS
} rr_memory_kind;

typedef struct rr_template {
    int32_t kind;
    int32_t finaliser; /* a body, or -1 */
    int32_t max_count; /* 0: does not wrap */
    int32_t stable;
    int32_t count; /* of an object that `new` makes */
    int32_t collected;     /* its objects are tracked by the collector ... */
    int32_t untracks_late; /* ... also while they are destroyed */
    int32_t n_fields, first_field;
} rr_template;

/* weak: it becomes null when its object dies, and `callback` (a body, or -1) runs. */
enum { RR_MAX_CALLBACKS = 30 }; /* of a program: so many bits fit a word */

typedef struct rr_cell {
    int32_t owning, initial, weak, callback;
} rr_cell;

/* Threads of a program whose containers delay frees: so many bits fit an integer. */
enum { RR_MAX_DELAYING_THREADS = 30 };

/* room: items that its first block can hold; -1: the items are in the container.
 * delays: a replaced block is freed when every thread has passed a quiescent point. */
typedef struct rr_container {
    int32_t owning, n_items, room, delays, template; /* of its blocks */
    int32_t first_item;
} rr_container;

typedef struct rr_named_object {
    int32_t type, count; /* its template, its initial count */
} rr_named_object;

typedef struct rr_hold {
    int32_t thread, local, object, owning;
} rr_hold;

/* A sub-program that may run before a step of a thread, so many times.  Those of one thread
 * follow each other, and the threads are in order. */
enum { RR_MAX_INTERRUPTS = 8, RR_MAX_INTERRUPT_TIMES = 1000 }; /* of one thread */

typedef struct rr_interrupt {
    int32_t thread, body, times;
} rr_interrupt;

/* How a lock is acquired.  A thread that has to wait for a native lock keeps the GIL. */
typedef enum rr_lock_kind {
    RR_LOCK_PLAIN,
    RR_LOCK_REENTRANT,
    RR_LOCK_NATIVE,
    RR_LOCK_BARRIER, /* no lock: a barrier, which only its waits name */
    RR_N_LOCK_KINDS
} rr_lock_kind;

/* Bodies: one per thread, then the end block's if there is one, then sub-programs. */
typedef struct rr_program {
    int32_t n_threads, has_end, n_bodies, n_instrs, n_values, n_cells, n_containers,
        n_locks, n_objects, n_templates, n_names, n_holds, n_fields, n_items,
        n_interrupts;
    rr_body *bodies;
    rr_instr *instrs;
    rr_value *values;
    rr_cell *cells;
    rr_container *containers;
    int32_t *items;
    int32_t *lock_kinds; /* of each lock, an rr_lock_kind */
    rr_template *templates;
    rr_field *fields;
    int32_t *field_slots; /* [template][name]: number of the field, or -1 */
    rr_named_object *objects;
    rr_hold *holds;
    rr_interrupt *interrupts;
} rr_program;

static inline bool
rr_is_integer(int32_t word)
{
    return word & 1;
}

static inline bool
rr_is_pointer(int32_t word)
{
    return !(word & 1) && word > 0;
}

static inline int32_t
rr_word_of_integer(int64_t n)
{
    return (int32_t)(2 * n + 1);
}

static inline int64_t
rr_integer_of(int32_t word)
{
    return (word - 1) / 2;
}

static inline int32_t
rr_word_of_object(int object)
{
    return 2 * object + 2;
}

static inline int
rr_object_of(int32_t word)
{
    return word / 2 - 1;
}

/* Truth: any integer but 0, any pointer but null. */
static inline bool
rr_is_true(int32_t word)
{
    return word > 1 || word < 0;
}

int rr_program_open(const int32_t *image, size_t n, rr_program **out);
void rr_program_close(rr_program *program);

/* Names from the two lists; NULL past their end. */
const char *rr_op_name(int op);
const char *rr_finding_name(int kind);
const char *rr_misuse_message(int misuse);
/* Is it one of the bounds of limits.def, and not an error of the program? */
bool rr_misuse_is_limit(int misuse);
/* Is the instruction a step, or does it happen together with the one before it? */
static inline bool
rr_op_is_step(int op)
{
    static const bool is_step[] = {
#define RR_OP(id, name, operands, is_step) is_step,
#include "program/ops.def"
#undef RR_OP
    };
    return is_step[op];
}

/* Is it the mode's work for a thread or for all, without an object? */
bool rr_op_is_hook(int op);
const char *rr_op_operands(int op);

/* Are all numbers of a decoded program within their ranges? */
bool rr_program_fits(const rr_program *program);

#endif
