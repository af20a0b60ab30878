/* runners.c -- the threads that run the callables, and the thread that watches them. */
#include "cpython/schedule/internal.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    POLL_US = 500,
    SAME_POLLS = 2,      /* no progress and asleep: it blocks in code without hooks */
    IDLE_POLLS = 10000,  /* 5 s in which nobody could go on */
};

static int n_started;
static size_t processor = CPU_SETSIZE; /* none chosen yet */
static _Atomic uint32_t all_done; /* a futex */
static bool is_draining;

static bool is_fork; /* of a runner: it has no other threads, and no schedule */

static void
leave_schedule(void)
{
    is_fork = rr_me != NULL;
    rr_me = NULL;
    rr_is_running = false;
}

int
rr_schedule_open(rr_flight *flight)
{
    rr_flight_recorder = flight;
    (void)pthread_atfork(NULL, NULL, leave_schedule);
    return rr_allocators_open() < 0 ? -1 : rr_python_locks_open();
}

/* ---- a runner ---------------------------------------------------------------------------- */

static void
note_stack(rr_runner *me)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;
    me->tid = (pid_t)syscall(SYS_gettid);
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        (void)pthread_attr_getstack(&attributes, &low, &size);
        me->stack_low = (uintptr_t)low;
        me->stack_high = me->stack_low + size;
        (void)pthread_attr_destroy(&attributes);
    }
}

static PyObject *
take_exception(void)
{
#if PY_VERSION_HEX >= 0x030c0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

/* What a runner does at its begin and its end, where it cannot be preempted: no call of
 * another one may depend on it unless the GIL decides. */
#ifdef Py_GIL_DISABLED
static const rr_point begins = RR_POINT_QUIET_CALL, ends = RR_POINT_QUIET_CALL;
#else
static const rr_point begins = RR_POINT_GIL_TAKE, ends = RR_POINT_GIL_RELEASE;
#endif

static void
run_callable(rr_runner *me)
{
    me->wants = RR_WANTS_NOTHING;
#ifndef Py_GIL_DISABLED
    rr_gil_taken(me);
#endif
    PyEval_RestoreThread(me->state);
    rr_me = is_draining ? NULL : me;
    me->depth = me->called_back = me->called_by_wrapper = 0;
    if (!is_draining) {
        rr_order_step(me, begins, 0, 0, 0);
    }
    me->result = PyObject_CallNoArgs(me->callable);
    if (is_fork) {
        rr_end_fork();
    }
    rr_me = NULL;
    if (!is_draining) {
#ifndef Py_GIL_DISABLED
        rr_choose_before_unlock(me->number); /* with no point before it, as a lock */
#endif
        rr_order_step(me, ends, 0, 0, 0);
        rr_log_complete();
    }
    me->exception = me->result == NULL ? take_exception() : NULL;
    (void)PyEval_SaveThread();
#ifndef Py_GIL_DISABLED
    rr_gil_left(me);
#endif
}

static bool
have_all_ended(void)
{
    for (int i = 0; i < rr_n_runners; i++) {
        if (atomic_load(&rr_runners[i].status) != RR_RUNNER_DONE) {
            return false;
        }
    }
    return true;
}

static void *
run_jobs(void *data)
{
    rr_runner *me = data;
    note_stack(me);
    PyGILState_STATE before = PyGILState_Ensure();
    (void)before; /* the thread lives as long as the process */
    me->state = PyEval_SaveThread();
    rr_futex_wake(&all_done);
    for (;;) {
        rr_futex_wait(&me->job);
        rr_futex_wait(&me->turn);
        run_callable(me);
        rr_turns_end(me);
        if (have_all_ended()) {
            rr_futex_wake(&all_done);
        }
    }
    return NULL;
}

/* All on one processor: only one executes at a time, and a switch is cheaper there. */
static void
pin(pthread_t thread)
{
    cpu_set_t set;
    if (processor == CPU_SETSIZE && sched_getaffinity(0, sizeof set, &set) == 0) {
        for (processor = 0; processor < CPU_SETSIZE; processor++) {
            if (CPU_ISSET(processor, &set)) {
                break;
            }
        }
    }
    if (processor < CPU_SETSIZE) {
        CPU_ZERO(&set);
        CPU_SET(processor, &set);
        (void)pthread_setaffinity_np(thread, sizeof set, &set);
    }
}

int
rr_schedule_start(int n)
{
    if (n < 1 || n > RR_MOST_RUNNERS) {
        PyErr_Format(PyExc_ValueError, "%d runners; from 1 to %d are possible", n,
                     RR_MOST_RUNNERS);
        return -1;
    }
    pin(pthread_self());
    for (; n_started < n; n_started++) {
        rr_runner *runner = &rr_runners[n_started];
        runner->number = n_started;
        if (pthread_create(&runner->thread, NULL, run_jobs, runner) != 0) {
            PyErr_SetString(PyExc_RuntimeError, "cannot start a thread");
            return -1;
        }
        pin(runner->thread);
        Py_BEGIN_ALLOW_THREADS
        rr_futex_wait(&all_done);
        Py_END_ALLOW_THREADS
    }
    return 0;
}

bool
rr_has_other_threads(void)
{
    DIR *threads = opendir("/proc/self/task");
    int n = 0;
    while (threads != NULL && readdir(threads) != NULL) {
        n++;
    }
    if (threads != NULL) {
        (void)closedir(threads);
    }
    return n > n_started + 3; /* "." and ".." are among them */
}

static bool
is_a_runner(pid_t tid)
{
    for (int i = 0; i < n_started; i++) {
        if (rr_runners[i].tid == tid) {
            return true;
        }
    }
    return false;
}

bool
rr_thread_sleeps(const rr_runner *runner)
{
    char path[64], text[256];
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)runner->tid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return true;
    }
    size_t n = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[n] = 0;
    const char *name_end = strrchr(text, ')');
    return name_end == NULL || name_end[1] == 0 || name_end[2] == 'S' ||
           name_end[2] == 'X';
}

bool
rr_other_threads_run(void)
{
    DIR *threads = opendir("/proc/self/task");
    const struct dirent *one;
    bool found = false;
    while (threads != NULL && !found && (one = readdir(threads)) != NULL) {
        rr_runner other = {.tid = (pid_t)strtol(one->d_name, NULL, 10)};
        bool waits_for_runs = other.tid == getpid();
        found = other.tid > 0 && !waits_for_runs && !is_a_runner(other.tid) &&
                !rr_thread_sleeps(&other);
    }
    if (threads != NULL) {
        (void)closedir(threads);
    }
    return found;
}

/* ---- a run ------------------------------------------------------------------------------- */

/* The runner that has the turn may sleep in code without hooks, and nothing else says so:
 * it makes no progress, and the kernel says that it sleeps. */
static void
watch(void)
{
    uint64_t last_progress = UINT64_MAX;
    int last_turn = -2, n_same = 0, n_idle = 0;
    while (!rr_futex_wait_us(&all_done, POLL_US)) {
        rr_turns_lock();
        int turn = atomic_load(&rr_turn);
        if (turn < 0) {
            n_idle = rr_turns_pick(RR_POINT_LOCK) ? 0 : n_idle + 1;
        }
        else {
            rr_runner *runner = &rr_runners[turn];
            uint64_t progress = atomic_load(&runner->n_points);
            bool is_same = turn == last_turn && progress == last_progress &&
                           atomic_load(&runner->turn) == 0 &&
                           !atomic_load(&rr_is_settling) && rr_thread_sleeps(runner);
            n_idle = 0;
            n_same = is_same ? n_same + 1 : 0;
            if (n_same >= SAME_POLLS) {
                rr_turns_block(runner);
                n_same = 0;
            }
            last_progress = progress;
            last_turn = turn;
        }
        rr_turns_unlock();
        if (n_idle > IDLE_POLLS) {
            rr_give_up(RR_BY_DEADLOCK);
        }
    }
}

static void
run_all(PyObject *const *callables, int n)
{
    rr_turns_begin(n);
    for (int i = 0; i < n; i++) {
        rr_runner *runner = &rr_runners[i];
        runner->callable = callables[i];
        runner->wants = RR_WANTS_GIL;
        runner->wanted = NULL;
        runner->wants_at = NULL;
        runner->wants_in = NULL;
        runner->is_preempted = false;
        runner->depth = runner->called_back = runner->called_by_wrapper = 0;
        runner->last_read = runner->n_last_read = runner->second_lock = 0;
        runner->n_calls = 0;
        atomic_store(&runner->n_points, 0);
        atomic_store(&runner->turn, 0);
        atomic_store(&runner->status, RR_RUNNER_READY);
    }
    for (int i = n; i < n_started; i++) {
        atomic_store(&rr_runners[i].status, RR_RUNNER_IDLE);
    }
    rr_signals_forget();
    atomic_store(&all_done, 0);
    rr_is_running = !is_draining;
    Py_BEGIN_ALLOW_THREADS
    for (int i = 0; i < n; i++) {
        rr_futex_wake(&rr_runners[i].job);
    }
    rr_turns_lock();
    (void)rr_turns_pick(RR_POINT_END);
    rr_turns_unlock();
    watch();
    Py_END_ALLOW_THREADS
    rr_is_running = false;
}

static int
check_number(int n)
{
    if (n < 1 || n > n_started) {
        PyErr_Format(PyExc_ValueError, "%d callables for %d runners", n, n_started);
        return -1;
    }
    return 0;
}

int
rr_schedule_run(const rr_run *how, PyObject *const *callables, int n,
                PyObject **results, PyObject **exceptions, rr_result *out)
{
    if (check_number(n) < 0) {
        return -1;
    }
    rr_n_runners = n;
    rr_choose_begin(how);
    rr_clocks_forget();
    rr_shadow_forget();
    rr_order_begin();
    rr_sightings_forget();
    rr_log_begin(how->is_logged);
    rr_events_begin();
    rr_blocks_note();
    run_all(callables, n);
    rr_blocks_look_for_writes();
    rr_turns_result(out);
    for (int i = 0; i < n; i++) {
        results[i] = rr_runners[i].result;
        exceptions[i] = rr_runners[i].exception;
        rr_runners[i].result = rr_runners[i].exception = NULL;
    }
    return 0;
}

int
rr_schedule_drain(PyObject *const *callables, int n)
{
    if (check_number(n) < 0) {
        return -1;
    }
    is_draining = true;
    run_all(callables, n);
    is_draining = false;
    for (int i = 0; i < n; i++) {
        Py_CLEAR(rr_runners[i].result);
        Py_CLEAR(rr_runners[i].exception);
    }
    return 0;
}

void
rr_schedule_begin_round(void)
{
    rr_free_lists_hold();
    rr_blocks_begin_round();
}

void
rr_schedule_end_round(void)
{
    rr_blocks_end_round();
    rr_free_lists_fill();
}
