/* canary.h -- canaries: Python objects whose death is watched and whose memory is kept.
 *
 * This is what the binding uses.  A function that is documented as quiet needs a moment
 * in which no other thread uses canaries.
 *
 * pre (all functions): the caller holds the GIL, or is attached in a build without one.
 */
#ifndef RR_CPYTHON_CANARY_H
#define RR_CPYTHON_CANARY_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RR_MOST_CANARIES = 1 << 18, /* between two resets */
    RR_MOST_TRAPPED = 1 << 14,  /* each takes up to two of vm.max_map_count mappings */
    RR_MOST_OUTSIDE = 1 << 16,  /* tracked ones of a free-threaded build */
    RR_MOST_HOOKS = 8           /* of one canary */
};

typedef enum rr_limit {
    RR_LIMIT_NONE,
    RR_LIMIT_CANARIES,
    RR_LIMIT_TRAPPED,
    RR_LIMIT_OUTSIDE,
    RR_LIMIT_MEMORY
} rr_limit;

typedef enum rr_slot {
    RR_SLOT_none,
#define RR_SLOT(name) RR_SLOT_##name,
#include "cpython/canary_slots.def"
    RR_SLOT_argument, /* passed to a slot of another canary */
    RR_SLOT_any,
    RR_SLOT_death,
    RR_N_SLOTS
} rr_slot;

typedef enum rr_protocol {
#define RR_PROTOCOL(name) RR_PROTOCOL_##name,
#include "cpython/canary_slots.def"
    RR_N_PROTOCOLS
} rr_protocol;

#define RR_HAS(supports, protocol) (((supports) >> RR_PROTOCOL_##protocol & 1) != 0)

typedef enum rr_action {
    RR_ACTION_YIELD,
    RR_ACTION_REENTER,
    RR_ACTION_MUTATE,
    RR_ACTION_RAISE,
    RR_ACTION_DROP,
    RR_N_ACTIONS
} rr_action;

extern const char *const rr_slot_names[RR_N_SLOTS];
extern const char *const rr_protocol_names[RR_N_PROTOCOLS];
extern const char *const rr_action_names[RR_N_ACTIONS];

typedef struct rr_hook_plan {
    int slot, action;
    uint32_t nth;
} rr_hook_plan;

/* What to make. */
typedef struct rr_canary_plan {
    unsigned supports; /* bits of rr_protocol */
    bool is_tracked, is_merged, is_trapped, has_value;
    bool has_page; /* of its own, for guards; a trapped one has one too */
    int64_t value;
    int n_hooks;
    rr_hook_plan hooks[RR_MOST_HOOKS];
} rr_canary_plan;

typedef struct rr_canary rr_canary;

/* A record as plain values; texts belong to the record, NULL is none. */
typedef struct rr_canary_reading {
    rr_canary_plan plan;
    int state; /* 1: live, 2: dying, 3: dead */
    int64_t expected, count, drift, deaths, touches, dead_touches;
    const char *first_dead_slot;
    bool died_in_slot, died_detached, died_while_held;
    int n_traps;
    uintptr_t traps[4];
    uint64_t toucher, killer;
    const char *touch_stack;
    const char *death_stack;
    int64_t made_by; /* -1: no canary */
    const char *born_in;
} rr_canary_reading;

/* The base type, made on the first call with this documentation, which must live for
 * ever, and with these functions: `make` is the constructor in Python, `describe` gives
 * the text of the canary of a number. */
PyTypeObject *rr_canary_base(const char *doc);
void rr_canary_set_python(PyObject *make, PyObject *describe);

/* A new canary; the caller has the only reference.  NULL: `why` is the limit that was
 * reached, or an exception is set. */
PyObject *rr_canary_make(const rr_canary_plan *plan, rr_limit *why);

/* The number of the canary at an address, or -1.  The object is not touched. */
int64_t rr_canary_find(const void *address);
/* The canary of a number; NULL: no canary has it. */
rr_canary *rr_canary_numbered(int64_t number);
/* Whether it was made after the last reset. */
bool rr_canary_is_recent(const rr_canary *canary);
/* All numbers of canaries are smaller. */
int64_t rr_canaries_top(void);
/* The address of its object, which is not touched. */
uintptr_t rr_canary_address(const rr_canary *canary);
void rr_canary_read(const rr_canary *canary, rr_canary_reading *out);

/* The harness's own reference.  false: it is dead, or there is none to release. */
bool rr_canary_hold(rr_canary *canary);
bool rr_canary_release(rr_canary *canary);

/* Takes the owner from data in the list that the calling thread owns, at any depth.  The
 * thread that drops the last reference frees it at once then.  The list itself, canaries
 * and instances of other classes stay as they are.  Does nothing on a build with the GIL. */
void rr_unown_items(PyObject *list);

/* Called by hooks with number, slot and action; NULL: nothing.  Quiet. */
void rr_hooks_set_handler(PyObject *handler);
/* While off, no hook acts or counts. */
void rr_hooks_arm(bool is_on);

/* Ends the time of all canaries: those that are dead and have no finding are free, the
 * others remain.  Quiet.  -1: done; otherwise the number of a held one, nothing done. */
int64_t rr_canaries_reset(void);

/* Makes the page of a live canary inaccessible: the next thread that touches it,
 * to count a reference for example, pauses there for up to so many nanoseconds, and other
 * threads do not.  Nothing for canaries without a page. */
void rr_canary_guard(rr_canary *canary, int64_t longest_ns);
/* Ends that; nobody pauses any more.  Quiet. */
void rr_canary_unguard(rr_canary *canary);

/* How threads run a module one instruction at a time. */
typedef struct rr_step_plan {
    uint64_t seed;
    uint32_t one_in; /* of so many instructions there is a pause after one; 1 or more */
    int64_t longest_ns;
    int64_t most; /* instructions of all threads; then they run as usual */
} rr_step_plan;

/* Adds a loaded module file to those that are stepped.  false: there is none of the path,
 * no room, or no steps on this machine.  Quiet. */
bool rr_steps_add(const char *path);
/* false: there is no such module, or errno says why.  Quiet, and so is the end: no thread
 * is in one of the modules. */
bool rr_steps_begin(const rr_step_plan *plan);
void rr_steps_end(void);

/* Whether instructions can be named on this machine. */
bool rr_trap_is_supported(void);
/* Makes the signal handler the first one.  false: errno says why not. */
bool rr_trap_install(void);

#endif
