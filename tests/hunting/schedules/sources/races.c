/* races.c -- small types with one race each; BUG is defined for the wrong form.
 *
 * Every operation releases the GIL in its middle, as code does that computes or waits.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
    PyObject_HEAD
    long count;
    long low, high; /* always equal */
    long words[4];  /* the last one is `low` */
    char text[2];   /* always the same twice */
    char word[4];   /* "aaa", or "bb" */
    Py_ssize_t n_word;
    int is_frozen;
    struct words {
        long at[4];
    } one, other;
    long *lazy;
    PyObject *item;
    PyObject *left, *right; /* for sections.h */
    pthread_mutex_t lock, first, second;
    pthread_rwlock_t readers; /* for unseen.h */
    pthread_spinlock_t spin; /* from here on for waits.h */
    sem_t semaphore;
    pthread_once_t once;
    pthread_cond_t left_it;
    bool is_busy;
    pthread_barrier_t both; /* for meets.h */
    unsigned futex;
} Races;

static void
lock(pthread_mutex_t *mutex)
{
#ifndef BUG
    pthread_mutex_lock(mutex);
#else
    (void)mutex;
#endif
}

static void
unlock(pthread_mutex_t *mutex)
{
#ifndef BUG
    pthread_mutex_unlock(mutex);
#else
    (void)mutex;
#endif
}

/* The error number of a call is read after others have run: each thread has its own. */
static PyObject *
fail(Races *self, PyObject *Py_UNUSED(ignored))
{
    int seen;
    Py_BEGIN_ALLOW_THREADS
    errno = EDOM;
    pthread_mutex_lock(&self->lock);
    self->count++;
    pthread_mutex_unlock(&self->lock);
    seen = errno;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(seen);
}

/* A lost update. */
static PyObject *
add(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    long n = self->count;
    self->count = n + 1;
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* The same in one statement, of which clang gives no hook to the read on its own. */
static PyObject *
add_at_once(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->count = self->count + 1;
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
count(Races *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(self->count);
}

/* Initialised twice: the second block replaces the first, which is used on. */
static PyObject *
lazy(Races *self, PyObject *Py_UNUSED(ignored))
{
    long value = 0;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    if (self->lazy == NULL) {
        long *made = malloc(sizeof *made);
        *made = 0;
        self->lazy = made;
    }
    value = ++*self->lazy;
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(value);
}

/* Stands for work: without it, clang writes two fields at once. */
static void
work(void)
{
    __asm__ volatile("" ::: "memory");
}

/* A reader that sees half of a change. */
static PyObject *
change(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    self->low++;
    work();
    self->high++;
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
look(Races *self, PyObject *Py_UNUSED(ignored))
{
    long low, high;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    low = self->low;
    high = self->high;
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(low == high);
}

/* Without work between two reads, a compiler reads each field once. */
static long
value_of(const long *field)
{
    work();
    return *field;
}

/* Goes wrong only if the other thread changes `low` between the reads, but not `high`,
 * which takes two preemptions. */
static PyObject *
look_twice(Races *self, PyObject *Py_UNUSED(ignored))
{
    long low, high, low_again, high_again;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    low = value_of(&self->low);
    high = value_of(&self->high);
    low_again = value_of(&self->low);
    high_again = value_of(&self->high);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(low == low_again || high != high_again || high != low);
}

/* The other party reads with atomics, or, in copies.h, by a call into the interpreter, or
 * copies of many bytes are written: only a preemption between the two writes shows the
 * race. */
static PyObject *
look_atomically(Races *self, PyObject *Py_UNUSED(ignored))
{
    long low, high;
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    low = __atomic_load_n(&self->low, __ATOMIC_RELAXED);
    high = __atomic_load_n(&self->high, __ATOMIC_RELAXED);
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(low <= high);
}

#include "copies.h"
#include "unseen.h"
#include "waits.h"
#include "meets.h"
#ifdef Py_GIL_DISABLED
#include "sections.h"
#endif

/* Borrowed across a release of the GIL. */
static PyObject *
put(Races *self, PyObject *item)
{
    PyObject *old = self->item;
    self->item = Py_NewRef(item);
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *
peek(Races *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *item = self->item;
    if (item == NULL) {
        Py_RETURN_NONE;
    }
#ifndef BUG
    Py_INCREF(item);
#endif
    Py_BEGIN_ALLOW_THREADS
    self->count++;
    Py_END_ALLOW_THREADS
    Py_hash_t hash = PyObject_Hash(item);
#ifndef BUG
    Py_DECREF(item);
#endif
    return hash == -1 ? NULL : PyLong_FromSsize_t(0);
}
#include "tables.h"

/* Two locks in two orders. */
static PyObject *
forwards(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    pthread_mutex_lock(&self->second);
    pthread_mutex_unlock(&self->second);
    pthread_mutex_unlock(&self->first);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
backwards(Races *self, PyObject *Py_UNUSED(ignored))
{
#ifdef BUG
    pthread_mutex_t *one = &self->second, *other = &self->first;
#else
    pthread_mutex_t *one = &self->first, *other = &self->second;
#endif
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(one);
    pthread_mutex_lock(other);
    pthread_mutex_unlock(other);
    pthread_mutex_unlock(one);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* A lock that is taken with the GIL, and kept while the GIL is released. */
static PyObject *
with_gil(Races *self, PyObject *Py_UNUSED(ignored))
{
#ifdef BUG
    pthread_mutex_lock(&self->first);
    Py_BEGIN_ALLOW_THREADS
    self->count++;
    Py_END_ALLOW_THREADS
    pthread_mutex_unlock(&self->first);
#else
    Py_BEGIN_ALLOW_THREADS
    pthread_mutex_lock(&self->first);
    self->count++;
    pthread_mutex_unlock(&self->first);
    Py_END_ALLOW_THREADS
#endif
    Py_RETURN_NONE;
}

/* Ends the process if the count changes between its two reads. */
static PyObject *
insist(Races *self, PyObject *Py_UNUSED(ignored))
{
    Py_BEGIN_ALLOW_THREADS
    lock(&self->lock);
    long before = value_of(&self->count);
    self->count = before + 1;
    if (value_of(&self->count) != before + 1) {
        __builtin_trap();
    }
    unlock(&self->lock);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *
new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(named))
{
    Races *self = (Races *)type->tp_alloc(type, 0);
    if (self != NULL) {
        memcpy(self->word, "aaa", sizeof self->word);
        self->n_word = 3;
        self->left = PyList_New(0);
        self->right = PyList_New(0);
        pthread_mutex_init(&self->lock, NULL);
        pthread_mutex_init(&self->first, NULL), pthread_mutex_init(&self->second, NULL);
        pthread_rwlock_init(&self->readers, NULL);
        pthread_spin_init(&self->spin, PTHREAD_PROCESS_PRIVATE);
        sem_init(&self->semaphore, 0, 1);
        pthread_cond_init(&self->left_it, NULL);
        pthread_barrier_init(&self->both, NULL, 2);
    }
    return (PyObject *)self;
}

static void
dealloc(Races *self)
{
    Py_XDECREF(self->item);
    Py_XDECREF(self->left);
    Py_XDECREF(self->right);
    free(self->lazy);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

#define METHOD(name, kind) {#name, (PyCFunction)(void (*)(void))name, kind, NULL}
static PyMethodDef methods[] = {
    METHOD(add, METH_NOARGS), METHOD(count, METH_NOARGS), METHOD(fail, METH_NOARGS),
    METHODS_OF_MEETS
    METHOD(lazy, METH_NOARGS),      METHOD(change, METH_NOARGS), METHOD(look, METH_NOARGS),
    METHOD(look_twice, METH_NOARGS), METHOD(put, METH_O), METHOD(peek, METH_NOARGS),
    METHOD(forwards, METH_NOARGS),  METHOD(backwards, METH_NOARGS),
    METHOD(with_gil, METH_NOARGS),  METHOD(insist, METH_NOARGS),
    METHOD(fill, METH_NOARGS),      METHOD(copy, METH_NOARGS),
    METHOD(change_words, METH_NOARGS), METHOD(look_at_words, METH_NOARGS),
    METHOD(look_atomically, METH_NOARGS), METHOD(add_at_once, METH_NOARGS),
#ifdef Py_GIL_DISABLED
    METHOD(in_both, METH_NOARGS),   METHOD(in_second, METH_NOARGS),
    METHOD(detached, METH_NOARGS),
#endif
    METHOD(copy_word, METH_NOARGS), METHOD(change_word, METH_NOARGS),
    METHOD(copy_words, METH_NOARGS), METHOD(set_words, METH_NOARGS),
    METHOD(compare, METH_NOARGS),   METHOD(hold, METH_NOARGS),
    METHOD(can_read, METH_NOARGS),  METHOD(hold_mutex, METH_NOARGS),
    METHOD(try_mutex, METH_NOARGS), METHOD(let_go, METH_NOARGS),
    METHOD(compare_apart, METH_NOARGS), METHOD(add_spinning, METH_NOARGS),
    METHOD(add_by_semaphore, METH_NOARGS), METHOD(add_reading, METH_NOARGS),
    METHOD(make_once, METH_NOARGS), METHOD(make_once_locked, METH_NOARGS),
    METHOD(enter, METH_NOARGS),     METHOD(enter_in_c11, METH_NOARGS),
    METHOD(enter_in_time, METH_NOARGS), METHOD(wait_for_gift, METH_NOARGS),
    METHOD(renew, METH_NOARGS),     METHOD(note, METH_NOARGS),
    METHOD(give, METH_NOARGS),      METHOD(lock_again, METH_NOARGS),
    METHOD(inherit, METH_NOARGS),   METHOD(wait_for_byte, METH_NOARGS),
    METHOD(give_byte, METH_NOARGS),
    METHOD(spin_first, METH_NOARGS), METHOD(spin_second, METH_NOARGS),
    METHOD(semaphore_first, METH_NOARGS), METHOD(semaphore_second, METH_NOARGS),
    METHOD(writer_first, METH_NOARGS), METHOD(writer_second, METH_NOARGS),
    METHOD(reader_first, METH_NOARGS), METHOD(reader_second, METH_NOARGS),
    {NULL, NULL, 0, NULL},
};

static PyBufferProcs buffer = {(getbufferproc)(void (*)(void))word_buffer, NULL};
static PyTypeObject Races_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "races.Races",
    .tp_basicsize = sizeof(Races),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = new,
    .tp_dealloc = (destructor)dealloc,
    .tp_methods = methods,
    .tp_as_buffer = &buffer,
};

static int
execute(PyObject *module)
{
    return pipe(ends_of_pipe) < 0 ? -1 : PyModule_AddType(module, &Races_Type);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "races", .m_slots = slots};

PyMODINIT_FUNC
PyInit_races(void)
{
    return PyModuleDef_Init(&definition);
}
