/* canary_stack.c -- the Python calls of this thread, as text. */
#include <Python.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "cpython/canary_error.h"
#include "cpython/canary_stack.h"

enum { MOST_BYTES = 4096, MOST_FRAMES = 16 };

static const char *
text_of(PyObject *string)
{
    const char *const text = PyUnicode_AsUTF8(string);
    if (text == NULL) { /* a surrogate */
        PyErr_Clear();
        return "?";
    }
    return text;
}

static size_t
describe(char *text, size_t size)
{
    size_t used = 0;
    PyFrameObject *frame = PyThreadState_GetFrame(PyThreadState_Get());
    for (int n = 0; frame != NULL; n++) {
        if (n < MOST_FRAMES) {
            PyCodeObject *const code = PyFrame_GetCode(frame);
            const int more = snprintf(
                text + used, size - used, "%s%s:%d in %s", used > 0 ? "\n" : "",
                text_of(code->co_filename), PyFrame_GetLineNumber(frame),
                text_of(code->co_qualname));
            Py_DECREF(code);
            if (more < 0 || (size_t)more >= size - used) {
                text[used] = '\0'; /* whole lines only */
                n = MOST_FRAMES;
            } else {
                used += (size_t)more;
            }
        }
        PyFrameObject *const caller = n < MOST_FRAMES ? PyFrame_GetBack(frame) : NULL;
        Py_DECREF(frame);
        frame = caller;
    }
    return used;
}

void
rr_stack_note(char *_Atomic *text)
{
    char buffer[MOST_BYTES];
    const rr_saved_error saved = rr_error_save();
    const size_t used = describe(buffer, sizeof buffer);
    rr_error_restore(saved);
    char *const copy = used > 0 ? PyMem_RawMalloc(used + 1) : NULL;
    if (copy == NULL) {
        return;
    }
    memcpy(copy, buffer, used + 1);
    char *none = NULL;
    if (!atomic_compare_exchange_strong(text, &none, copy)) {
        PyMem_RawFree(copy);
    }
}
