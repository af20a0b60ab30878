/* late.c -- counters with a window of some nanoseconds, for pauses to be met in. */
#include <Python.h>

static volatile long count;
static PyFloatObject sum = {PyObject_HEAD_INIT(NULL) 0.0};

/* The GIL is released between reading and writing, for nothing. */
static PyObject *
add_released(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count;
    Py_BEGIN_ALLOW_THREADS
    Py_END_ALLOW_THREADS
    count = seen + 1;
    Py_RETURN_NONE;
}

/* Between them is a call that neither releases the GIL nor takes a lock. */
static PyObject *
add_attached(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count;
    PyObject *unused = PyTuple_New(1);
    if (unused == NULL) {
        return NULL;
    }
    count = seen + 1;
    Py_DECREF(unused);
    Py_RETURN_NONE;
}

/* There is no other call between the return of this one and the increment. */
static PyObject *
add_returned(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    double seen = PyFloat_AsDouble((PyObject *)&sum);
    sum.ob_fval = seen + 1;
    Py_RETURN_NONE;
}

/* There is no call at all. */
static PyObject *
add_alone(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count;
    count = seen + 1;
    Py_RETURN_NONE;
}

#ifdef __x86_64__
/* Closes its second page, and goes on with an instruction that begins on the first one, as
 * if another thread had closed the pages one by one. */
long from_page_to_page(void);
__asm__(".text\n"
        ".balign 4096\n"
        ".hidden from_page_to_page\n"
        ".globl from_page_to_page\n"
        ".type from_page_to_page, @function\n"
        "from_page_to_page:\n"
        "    movl $10, %eax\n" /* mprotect */
        "    leaq from_page_to_page+4096(%rip), %rdi\n"
        "    movl $4096, %esi\n"
        "    movl $1, %edx\n" /* PROT_READ */
        "    syscall\n"
        "    jmp 1f\n"
        "    .org from_page_to_page+4094, 0x90\n"
        "1:  movl $42, %eax\n"
        "    ret\n"
        "    .balign 4096\n");
#endif

static PyObject *
cross_pages(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
#ifdef __x86_64__
    return PyLong_FromLong(from_page_to_page());
#else
    return PyLong_FromLong(42);
#endif
}

/* Between them is Python code. */
static PyObject *
add_calling(PyObject *Py_UNUSED(module), PyObject *callback)
{
    long seen = count;
    PyObject *unused = PyObject_CallNoArgs(callback);
    if (unused == NULL) {
        return NULL;
    }
    count = seen + 1;
    Py_DECREF(unused);
    Py_RETURN_NONE;
}

static PyObject *
taken(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    long seen = count + (long)sum.ob_fval;
    count = 0;
    sum.ob_fval = 0;
    return PyLong_FromLong(seen);
}

static PyMethodDef methods[] = {
    {"add_released", add_released, METH_NOARGS, NULL},
    {"add_attached", add_attached, METH_NOARGS, NULL},
    {"add_returned", add_returned, METH_NOARGS, NULL},
    {"add_alone", add_alone, METH_NOARGS, NULL},
    {"add_calling", add_calling, METH_O, NULL},
    {"cross_pages", cross_pages, METH_NOARGS, NULL},
    {"taken", taken, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "late",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit_late(void)
{
    Py_SET_TYPE(&sum, &PyFloat_Type);
    return PyModuleDef_Init(&definition);
}
