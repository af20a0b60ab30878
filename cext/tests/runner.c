/* runner.c -- runs the C tests: all, or those named; with --list prints their names. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rr_alloc.h"
#include "base/rr_status.h"
#include "tests/testing.h"

enum { MAX_TEST_THREADS = 128 };

static rr_test *tests;         /* sorted by file and name; written before main only */
static const char *about;      /* set by the running test, from its own thread */
static _Atomic int n_failures; /* of the running test */

static int
compare(const rr_test *a, const rr_test *b)
{
    int order = strcmp(a->file, b->file);
    return order != 0 ? order : strcmp(a->name, b->name);
}

void
rr_test_register(rr_test *test)
{
    rr_test **place = &tests;
    while (*place != NULL && compare(*place, test) < 0) {
        place = &(*place)->next;
    }
    test->next = *place;
    *place = test;
}

void
rr_test_failed(const char *file, int line, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    (void)fprintf(stderr, "%s:%d: %s%s%s\n", file, line, about != NULL ? about : "",
                  about != NULL ? ": " : "", message);
    atomic_fetch_add(&n_failures, 1);
}

void
rr_test_about(const char *what)
{
    about = what;
}

/* ---- threads -------------------------------------------------------------------- */

typedef struct job {
    void (*body)(void *arg, int thread);
    void *arg;
    int thread;
} job;

static void *
run_job(void *arg)
{
    job *mine = arg;
    mine->body(mine->arg, mine->thread);
    return NULL;
}

void
rr_test_threads(int n, void (*body)(void *arg, int thread), void *arg)
{
    pthread_t ids[MAX_TEST_THREADS];
    job jobs[MAX_TEST_THREADS];
    CHECK(n <= MAX_TEST_THREADS);
    for (int t = 0; t < n; t++) {
        jobs[t] = (job){body, arg, t};
        if (pthread_create(&ids[t], NULL, run_job, &jobs[t]) != 0) {
            /* Threads already started may wait for this one forever. */
            (void)fprintf(stderr, "the operating system refused thread %d\n", t);
            exit(2);
        }
    }
    for (int t = 0; t < n; t++) {
        (void)pthread_join(ids[t], NULL);
    }
}

/* ---- allocation faults ----------------------------------------------------------- */

void
rr_test_allocation_faults(int (*call)(void))
{
    int64_t live = rr_alloc_live();
    for (int64_t n = 1;; n++) {
        (void)rr_alloc_fail_at(n);
        int status = call();
        bool fired = rr_alloc_fail_at(0) == 0;
        CHECK_EQUAL(rr_alloc_live(), live);
        if (!fired) {
            CHECK_EQUAL(status, RR_OK);
            CHECK(n > 1); /* else the call allocates nothing, and this tests nothing */
            return;
        }
        CHECK_EQUAL(status, RR_ENOMEM);
        CHECK_EQUAL(call(), RR_OK);
    }
}

/* ---- main ------------------------------------------------------------------------ */

/* "cext/tests/test_race.c", "it_ends" -> "race.it_ends" */
static void
full_name(const rr_test *test, char *out, size_t size)
{
    const char *slash = strrchr(test->file, '/');
    const char *base = slash != NULL ? slash + 1 : test->file;
    base += strncmp(base, "test_", 5) == 0 ? 5 : 0;
    int length = (int)strcspn(base, ".");
    (void)snprintf(out, size, "%.*s.%s", length, base, test->name);
}

static bool
run(const rr_test *test, const char *name)
{
    atomic_store(&n_failures, 0);
    test->run();
    about = NULL;
    (void)rr_alloc_fail_at(0);
    if (rr_alloc_live() != 0) {
        rr_test_failed(test->file, 0, "%s leaves %" PRId64 " blocks of memory", name,
                       rr_alloc_live());
    }
    bool passed = atomic_load(&n_failures) == 0;
    (void)printf("%s %s\n", passed ? "ok  " : "FAIL", name);
    (void)fflush(stdout);
    return passed;
}

static bool
is_wanted(const char *name, char **wanted, int n_wanted)
{
    for (int i = 0; i < n_wanted; i++) {
        if (strcmp(name, wanted[i]) == 0) {
            return true;
        }
    }
    return n_wanted == 0;
}

int
main(int argc, char **argv)
{
    bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
    int n_wanted = list ? 0 : argc - 1;
    int passed = 0, failed = 0;
    for (rr_test *test = tests; test != NULL; test = test->next) {
        char name[256];
        full_name(test, name, sizeof name);
        if (!is_wanted(name, argv + 1, n_wanted)) {
            continue;
        }
        if (list) {
            (void)puts(name);
        }
        else if (run(test, name)) {
            passed++;
        }
        else {
            failed++;
        }
    }
    if (list) {
        return 0;
    }
    (void)printf("%d passed, %d failed\n", passed, failed);
    /* A name that matches no test is a failure, not a silent success. */
    return failed > 0 || passed < (n_wanted > 0 ? n_wanted : 1);
}
