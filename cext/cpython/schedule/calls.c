/* calls.c -- what is known of imported functions that have no wrapper.
 *
 * The accesses of a library without hooks are not seen.  A reduced search must not ignore
 * its calls: strcmp reads memory, std::map changes its tree inside libstdc++, and
 * sem_getvalue depends on other threads.  This file lists the common ones;
 * docs/how-to/native-schedules.md says that others are not seen.
 */
#include "cpython/schedule/internal.h"

#include <string.h>

static bool
is_one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

rr_point
rr_point_of_call(const char *name)
{
    /* They make objects that nobody else has, or look at the calling thread. */
    static const char *const quiet[] = {
        "PyBool_FromLong",     "PyErr_Occurred",          "PyFloat_FromDouble",
        "PyLong_FromLong",     "PyLong_FromLongLong",     "PyLong_FromSize_t",
        "PyLong_FromSsize_t",  "PyLong_FromUnsignedLong", "PyLong_FromUnsignedLongLong",
    };
    return is_one_of(name, quiet, sizeof quiet / sizeof *quiet) ? RR_POINT_QUIET_CALL
                                                                : RR_POINT_CALL;
}

bool
rr_is_unseen(const char *name)
{
    static const char *const of_libc[] = {
        "bsearch",      "bcmp",       "memchr",       "memcmp",       "memrchr",
        "qsort",        "rawmemchr",  "stpcpy",       "stpncpy",      "strcasecmp",
        "strcat",       "strchr",     "strchrnul",    "strcmp",       "strcpy",
        "strcspn",      "strdup",     "strlen",       "strncasecmp",  "strncat",
        "strncmp",      "strncpy",    "strndup",      "strnlen",      "strpbrk",
        "strrchr",      "strspn",     "strstr",       "strtok_r",     "sem_getvalue",
        "__strdup",
    };
    /* The nodes of std::map, std::set and std::list. */
    bool is_of_nodes = strncmp(name, "_Z", 2) == 0 &&
                       (strstr(name, "_Rb_tree_") != NULL ||
                        strstr(name, "_List_node_base") != NULL);
    return is_of_nodes || is_one_of(name, of_libc, sizeof of_libc / sizeof *of_libc);
}

bool
rr_is_of_python(const char *name)
{
    return strncmp(name, "Py", 2) == 0 || strncmp(name, "_Py", 3) == 0;
}
