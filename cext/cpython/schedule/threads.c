/* threads.c -- threads that a runner starts and joins, and what C++ initialises once.
 *
 * Such threads are no runners: they are not scheduled, and what they do is not seen.  Where
 * a runner starts or joins one, that one runs until it ends or sleeps, so that a replay
 * decides among the same.
 */
#include "cpython/schedule/pthread_wrappers.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CPP_START                                                                        \
    "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE"

enum { MOST_LOOKS = 2000, FEWEST_LOOKS = 4, LOOK_US = 50 };

/* A function of the C++ library, which may be loaded for the extension alone. */
static void
find_in_cpp(const char *name, void *function, size_t size)
{
    void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
    void *found = library == NULL ? NULL : dlsym(library, name);
    memcpy(function, &found, size); /* POSIX: data and code pointers are alike */
    if (library != NULL) {
        (void)dlclose(library);
    }
}

bool
rr_has_in_cpp(const char *name)
{
    void *found;
    find_in_cpp(name, &found, sizeof found);
    return found != NULL;
}

/* ---- threads ------------------------------------------------------------------------- */

typedef struct joining {
    pthread_t thread;
    void *value;
    int result;
} joining;

/* All of this is used by the runner with the turn, or under the lock of turns.c where no
 * runner has it. */
static joining joinings[RR_MOST_RUNNERS];
int rr_n_joining;

bool
rr_thread_has_ended(const rr_runner *runner)
{
    joining *one = &joinings[runner->number];
    if (one->result == EBUSY) {
        one->result = pthread_tryjoin_np(one->thread, &one->value);
    }
    return one->result != EBUSY;
}

void
rr_threads_settle(void)
{
    atomic_store(&rr_is_settling, true);
    for (int k = 0; k < MOST_LOOKS && (k < FEWEST_LOOKS || rr_other_threads_run()); k++) {
        (void)usleep(LOOK_US);
    }
    atomic_store(&rr_is_settling, false);
}

static int
join_it(rr_runner *me, pthread_t thread, void **value, void *pc, const char *name)
{
    joining *one = &joinings[me->number];
    rr_events_give_up(); /* it may have touched anything */
    rr_point_at(me, RR_POINT_CALL, 0, 0, pc, name);
    *one = (joining){thread, NULL, EBUSY};
    if (!rr_thread_has_ended(me)) {
        rr_threads_settle();
    }
    if (!rr_thread_has_ended(me)) {
        rr_n_joining++;
        rr_point_wait(me, RR_WANTS_THREAD, one, RR_POINT_LOCK, pc, name);
        rr_n_joining--;
    }
    if (one->result == 0 && value != NULL) {
        *value = one->value;
    }
    return one->result;
}

static int
join_thread(pthread_t thread, void **value)
{
    rr_runner *me = rr_me;
    return me == NULL || !rr_is_running || pthread_equal(thread, pthread_self())
               ? pthread_join(thread, value)
               : join_it(me, thread, value, RR_CALLER, "pthread_join");
}

/* A std::thread is its pthread_t, or 0 if there is none to join. */
static void
cpp_join(pthread_t *self)
{
    rr_runner *me = rr_me;
    bool can_join = *self != 0 && !pthread_equal(*self, pthread_self());
    if (me != NULL && rr_is_running && can_join &&
        join_it(me, *self, NULL, RR_CALLER, "std::thread::join") == 0) {
        *self = 0;
        return;
    }
    void (*really)(pthread_t *);
    find_in_cpp("_ZNSt6thread4joinEv", &really, sizeof really);
    really(self); /* which throws if it cannot be joined */
}

static rr_runner *
begin_thread(void *pc, const char *name)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        me->n_calls++; /* so that reads of what nobody seems to write count as conflicts */
        rr_events_give_up();
        rr_point_at(me, RR_POINT_CALL, 0, 0, pc, name);
    }
    return me;
}

static int
create_thread(pthread_t *thread, const pthread_attr_t *attributes,
              void *(*routine)(void *), void *argument)
{
    rr_runner *me = begin_thread(RR_CALLER, "pthread_create");
    int result = pthread_create(thread, attributes, routine, argument);
    if (me != NULL) {
        rr_threads_settle();
    }
    return result;
}

/* `state` is a unique_ptr, which is passed by its address. */
static void
cpp_start(pthread_t *self, void *state, void (*depends)(void))
{
    rr_runner *me = begin_thread(RR_CALLER, "std::thread");
    void (*really)(pthread_t *, void *, void (*)(void));
    find_in_cpp(CPP_START, &really, sizeof really);
    really(self, state, depends);
    if (me != NULL) {
        rr_threads_settle();
    }
}

/* ---- static variables of a function ------------------------------------------------------ */

/* In libstdc++ the first byte says that it is done; other bits, that it is being done. */
enum { STATIC_DONE = 1 };

bool
rr_static_is_free(const void *guard)
{
    return (*(const volatile uint32_t *)guard & ~(uint32_t)STATIC_DONE) == 0;
}

static int
static_begins(uint64_t *guard)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_events_give_up();
        rr_point_wait(me, RR_WANTS_STATIC, guard, RR_POINT_LOCK, RR_CALLER,
                      "__cxa_guard_acquire");
        rr_clock_acquire(me, guard);
    }
    int (*really)(uint64_t *);
    find_in_cpp("__cxa_guard_acquire", &really, sizeof really);
    return really(guard);
}

static void
static_ends(uint64_t *guard, const char *name, void *pc)
{
    rr_runner *me = rr_me;
    if (me != NULL) {
        rr_clock_release(me, guard);
    }
    void (*really)(uint64_t *);
    find_in_cpp(name, &really, sizeof really);
    really(guard);
    if (me != NULL) {
        rr_point_at(me, RR_POINT_UNLOCK, (uintptr_t)guard, 0, pc, name);
    }
}

static void
static_is_made(uint64_t *guard)
{
    static_ends(guard, "__cxa_guard_release", RR_CALLER);
}

static void
static_has_failed(uint64_t *guard)
{
    static_ends(guard, "__cxa_guard_abort", RR_CALLER);
}

const rr_wrapper rr_thread_wrappers[] = {
    {"pthread_create", (rr_function)create_thread},
    {"pthread_join", (rr_function)join_thread},
    {CPP_START, (rr_function)cpp_start},
    {"_ZNSt6thread4joinEv", (rr_function)cpp_join},
    {"__cxa_guard_acquire", (rr_function)static_begins},
    {"__cxa_guard_release", (rr_function)static_is_made},
    {"__cxa_guard_abort", (rr_function)static_has_failed},
    {NULL, NULL},
};
