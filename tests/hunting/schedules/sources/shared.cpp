// shared.cpp -- a shared_ptr that one thread replaces while another copies it; a stack
// whose emptiness is an exception that leaves two functions and gives up a lock.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <atomic>
#include <condition_variable>
#include <cxxabi.h>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

static std::shared_ptr<long> value;
static std::mutex lock;

static PyObject *
replace(PyObject *, PyObject *)
{
    Py_BEGIN_ALLOW_THREADS
#ifndef BUG
    std::lock_guard<std::mutex> guard(lock);
#endif
    value = std::make_shared<long>(1);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
read(PyObject *, PyObject *)
{
    long seen = 0;
    Py_BEGIN_ALLOW_THREADS
    try {
#ifndef BUG
        std::lock_guard<std::mutex> guard(lock);
#endif
        std::shared_ptr<long> copy = value;
        if (!copy) {
            throw std::runtime_error("none yet");
        }
        seen = *copy;
    }
    catch (const std::runtime_error &) {
        seen = -1;
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

static long stack[4];
static int height;

static PyObject *
push(PyObject *, PyObject *)
{
    std::lock_guard<std::mutex> guard(lock);
    stack[0] = 7;
    height = 1;
    Py_RETURN_NONE;
}

__attribute__((noinline)) static void
check_height()
{
    if (height == 0) {
        throw std::out_of_range("empty");
    }
}

__attribute__((noinline)) static long
popped()
{
#ifndef BUG
    std::lock_guard<std::mutex> guard(lock);
#endif
    check_height();
    long value = stack[0];
    height = 0;
    return value;
}

static PyObject *
pop(PyObject *, PyObject *)
{
    long value = 0;
    bool is_empty = false;
    Py_BEGIN_ALLOW_THREADS
    try {
        value = popped();
    }
    catch (const std::out_of_range &) {
        is_empty = true;
    }
    Py_END_ALLOW_THREADS
    if (is_empty) {
        PyErr_SetString(PyExc_IndexError, "empty");
        return nullptr;
    }
    return PyLong_FromLong(value);
}

static std::once_flag made;
static long tries, parts;

static PyObject *
unmake(PyObject *, PyObject *)
{
    new (&made) std::once_flag;
    tries = parts = 0;
    Py_RETURN_NONE;
}

// The first try throws, so that another one makes it.
static void
make_it()
{
    if (tries++ == 0) {
        throw std::runtime_error("not yet");
    }
    parts++;
    parts++;
}

static PyObject *
make(PyObject *, PyObject *)
{
    long seen = -1;
    Py_BEGIN_ALLOW_THREADS
    try {
#ifdef BUG
        if (parts == 0) {
            make_it();
        }
#else
        std::call_once(made, make_it);
#endif
        seen = parts;
    }
    catch (const std::runtime_error &) {
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

// What a compiler makes of a static variable of a function: this one can be made again.
static abi::__guard guard;

static PyObject *
unmake_static(PyObject *, PyObject *)
{
    guard = parts = 0;
    Py_RETURN_NONE;
}

static PyObject *
make_static(PyObject *, PyObject *)
{
    long seen;
    Py_BEGIN_ALLOW_THREADS
#ifdef BUG
    if (guard == 0) {
        guard = 1;
        parts++;
        parts++;
    }
#else
    if (!(__atomic_load_n(&guard, __ATOMIC_ACQUIRE) & 1) &&
        abi::__cxa_guard_acquire(&guard)) {
        parts++;
        parts++;
        abi::__cxa_guard_release(&guard);
    }
#endif
    seen = parts;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

static std::atomic<int> is_set;
static long what;

static PyObject *
unset(PyObject *, PyObject *)
{
    is_set = what = 0;
    Py_RETURN_NONE;
}

// Waits for a call of set(), and answers what that wrote; the wrong form writes it too late.
static PyObject *
wait_until_set(PyObject *, PyObject *)
{
    long seen;
    Py_BEGIN_ALLOW_THREADS
    is_set.wait(0);
    seen = what;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

static PyObject *
set(PyObject *, PyObject *)
{
    Py_BEGIN_ALLOW_THREADS
#ifndef BUG
    what = 1;
#endif
    is_set = 1;
    is_set.notify_all();
#ifdef BUG
    what = 1;
#endif
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

// Adds by a thread of its own, of what was there before it began.
static PyObject *
add_by_thread(PyObject *, PyObject *)
{
    Py_BEGIN_ALLOW_THREADS
#ifndef BUG
    std::lock_guard<std::mutex> guard(lock);
#endif
    long before = what;
    std::thread adds([before] { what = before + 1; });
    adds.join();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
sum(PyObject *, PyObject *)
{
    return PyLong_FromLong(what);
}

static std::condition_variable left_it;
static bool is_busy;

// One thread at a time is inside; the wrong form does not tell when it leaves.
static PyObject *
enter(PyObject *, PyObject *)
{
    Py_BEGIN_ALLOW_THREADS
    {
        std::unique_lock<std::mutex> guard(lock);
        left_it.wait(guard, [] { return !is_busy; });
        is_busy = true;
    }
    parts++;
    std::lock_guard<std::mutex> guard(lock);
    is_busy = false;
#ifndef BUG
    left_it.notify_one();
#endif
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"unmake", unmake, METH_NOARGS, nullptr},
    {"make", make, METH_NOARGS, nullptr},
    {"enter", enter, METH_NOARGS, nullptr},
    {"unmake_static", unmake_static, METH_NOARGS, nullptr},
    {"make_static", make_static, METH_NOARGS, nullptr},
    {"unset", unset, METH_NOARGS, nullptr},
    {"wait_until_set", wait_until_set, METH_NOARGS, nullptr},
    {"set", set, METH_NOARGS, nullptr},
    {"add_by_thread", add_by_thread, METH_NOARGS, nullptr},
    {"sum", sum, METH_NOARGS, nullptr},
    {"push", push, METH_NOARGS, nullptr},
    {"pop", pop, METH_NOARGS, nullptr},
    {"replace", replace, METH_NOARGS, nullptr},
    {"read", read, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr},
};
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "shared", nullptr, 0, methods, slots, nullptr, nullptr, nullptr};

PyMODINIT_FUNC
PyInit_shared(void)
{
    return PyModuleDef_Init(&definition);
}
