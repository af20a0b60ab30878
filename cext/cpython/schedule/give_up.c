/* give_up.c -- ends the process in the middle of a run, and says why.
 *
 * No thread can go on, perhaps also none that could take the GIL, so nothing but system
 * calls is left: one line of JSON, and SIGKILL.
 */
#include "cpython/schedule/internal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int rr_schedule_report_to = -1;

static const char *
name_of(const rr_runner *runner, rr_ended_by why)
{
    int status = atomic_load(&runner->status);
    if (status == RR_RUNNER_DONE) {
        return "has ended";
    }
    if (status == RR_RUNNER_BLOCKED) {
        return "waits in code that is not instrumented";
    }
    switch (runner->wants) {
    case RR_WANTS_GIL:
        return "waits for the GIL";
    case RR_WANTS_PY_MUTEX:
        return "waits for a PyMutex";
    case RR_WANTS_PTHREAD_MUTEX:
        return "waits for a pthread mutex";
    case RR_WANTS_PY_LOCK:
        return "waits for a lock of Python";
    case RR_WANTS_SPIN_LOCK:
        return "waits for a spin lock";
    case RR_WANTS_TO_READ:
        return "waits to read under a lock for readers and writers";
    case RR_WANTS_TO_WRITE:
        return "waits to write under a lock for readers and writers";
    case RR_WANTS_SEMAPHORE:
        return "waits for a semaphore";
    case RR_WANTS_ONCE:
        return "waits until another call of pthread_once has ended";
    case RR_WANTS_BARRIER:
        return "waits at a barrier for other threads";
    case RR_WANTS_FUTEX:
        return why == RR_BY_DEADLOCK ? "waits to be woken, which nobody can do"
                                     : "waits to be woken";
    case RR_WANTS_STATIC:
        return "waits until another call has initialised a static variable";
    case RR_WANTS_THREAD:
        return "waits for the end of a thread";
    case RR_WANTS_SIGNAL:
        return why == RR_BY_DEADLOCK
                   ? "waits for a condition variable that nobody can signal"
                   : "waits for a condition variable";
    default:
        return "could go on";
    }
}

/* Appends to a text of fixed size; what does not fit is left out. */
static void
append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);
    (void)snprintf(text + used, size - used, "%s", more);
}

static void
report(rr_ended_by why)
{
    char text[1024] = "", part[128];
    (void)snprintf(text, sizeof text, "{\"type\": \"stuck\", \"how\": \"%s\", "
                   "\"message\": \"", why == RR_BY_DEADLOCK ? "deadlock" : "hang");
    if (why == RR_BY_LIVELOCK) {
        (void)snprintf(part, sizeof part, "no end after %llu points: ",
                       (unsigned long long)rr_steps);
        append(text, sizeof text, part);
    }
    for (int i = 0; i < rr_n_runners; i++) {
        (void)snprintf(part, sizeof part, "%sthread %d %s%s", i > 0 ? ", " : "", i + 1,
                       rr_gil_holder == i ? "holds the GIL and " : "",
                       name_of(&rr_runners[i], why));
        append(text, sizeof text, part);
    }
    append(text, sizeof text, "\"}\n");
    if (rr_schedule_report_to >= 0) {
        ssize_t written = write(rr_schedule_report_to, text, strlen(text));
        (void)written; /* nothing can report a failed write */
    }
}

void
rr_give_up(rr_ended_by why)
{
    rr_log_waits();
    report(why);
    for (;;) {
        (void)kill(getpid(), SIGKILL);
    }
}

void
rr_end_fork(void)
{
    for (;;) {
        (void)syscall(SYS_exit_group, 0);
    }
}
