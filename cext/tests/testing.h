/* testing.h -- tests that register themselves, and checks that report what was wrong.
 *
 *     TEST(a_sentence_that_holds)
 *     {
 *         CHECK(status_is_fine);
 *         CHECK_EQUAL(rr_alloc_live(), 0);
 *     }
 *
 * A check that fails prints its place and values, fails the test, and leaves its
 * function.  After each test the runner checks that the core holds no memory, so no test
 * needs to.
 */
#ifndef RR_TESTING_H
#define RR_TESTING_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct rr_test {
    const char *file; /* test_race.c gives the tests race.* */
    const char *name;
    void (*run)(void);
    struct rr_test *next;
} rr_test;

/* Called before main, once per test. */
void rr_test_register(rr_test *test);

/* Records a failure of the running test; any thread. */
__attribute__((format(printf, 3, 4))) void
rr_test_failed(const char *file, int line, const char *format, ...);

/* What the following checks are about, such as a mode's name.  A failure prints it.  It
 * lasts until the test ends.  NULL: nothing. */
void rr_test_about(const char *what);

/* Runs body(arg, 0) to body(arg, n - 1) in n threads and waits for all. */
void rr_test_threads(int n, void (*body)(void *arg, int thread), void *arg);

/* Makes the first, second, third ...  allocation of a call fail, until the call makes no
 * more.  Each time it must return RR_ENOMEM, hold nothing, and work the next time.
 * `call` opens and, if that worked, closes, and returns the status of the opening. */
void rr_test_allocation_faults(int (*call)(void));

#define TEST(title)                                                                    \
    static void title(void);                                                           \
    static rr_test title##_test = {__FILE__, #title, title, NULL};                     \
    __attribute__((constructor)) static void title##_register(void)                    \
    {                                                                                  \
        rr_test_register(&title##_test);                                               \
    }                                                                                  \
    static void title(void)

#define CHECK(condition)                                                               \
    do {                                                                               \
        if (!(condition)) {                                                            \
            rr_test_failed(__FILE__, __LINE__, "%s does not hold", #condition);        \
            return;                                                                    \
        }                                                                              \
    } while (0)

#define CHECK_EQUAL(actual, expected)                                                  \
    do {                                                                               \
        int64_t actual_ = (actual);                                                    \
        int64_t expected_ = (expected);                                                \
        if (actual_ != expected_) {                                                    \
            rr_test_failed(__FILE__, __LINE__,                                         \
                           "%s is %" PRId64 ", expected %s = %" PRId64, #actual,       \
                           actual_, #expected, expected_);                             \
            return;                                                                    \
        }                                                                              \
    } while (0)

#endif
