/* canary_number.c -- arithmetic of canaries.
 *
 * The value of a result is that of the operands, modulo 2**64; None counts as 0, and so
 * does a divisor's result if it is 0.  An in-place operation returns the canary itself,
 * unchanged.
 */
#include <Python.h>

#include "cpython/canary_child.h"
#include "cpython/canary_touch.h"
#include "cpython/canary_variant.h"

/* The canary of a pair of operands whose slot was called: the first one that supports
 * numbers. */
static PyObject *
called(PyObject *a, PyObject *b)
{
    const rr_canary *const c = rr_canary_at(a);
    return c != NULL && RR_HAS(c->supports, number) ? a : b;
}

/* false: the operand is neither a canary nor a small int. */
static bool
value_of(PyObject *operand, int64_t *out)
{
    const rr_canary *const c = rr_canary_at(operand);
    if (c != NULL) {
        *out = c->value;
        return true;
    }
    int overflow = 0;
    if (!PyLong_Check(operand)) {
        return false;
    }
    *out = PyLong_AsLongLongAndOverflow(operand, &overflow);
    return overflow == 0;
}

static int64_t
negated(int64_t value)
{
    return (int64_t)(0 - (uint64_t)value);
}

static int64_t
floor_divide(int64_t a, int64_t b)
{
    if (b == 0 || b == -1) { /* INT64_MIN / -1 overflows */
        return b == 0 ? 0 : negated(a);
    }
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t
power(int64_t a, int64_t b)
{
    uint64_t result = 1, base = (uint64_t)a;
    for (uint64_t rest = b < 0 ? 0 : (uint64_t)b; rest > 0; rest >>= 1) {
        result *= (rest & 1) != 0 ? base : 1;
        base *= base;
    }
    return (int64_t)result;
}

static int64_t
operate(int slot, int64_t a, int64_t b)
{
    const uint64_t x = (uint64_t)a, y = (uint64_t)b;
    switch (slot) {
    case RR_SLOT_add: return (int64_t)(x + y);
    case RR_SLOT_sub: return (int64_t)(x - y);
    case RR_SLOT_mul:
    case RR_SLOT_matmul: return (int64_t)(x * y);
    case RR_SLOT_floordiv:
    case RR_SLOT_truediv: return floor_divide(a, b);
    case RR_SLOT_mod:
        return (int64_t)(x - (uint64_t)floor_divide(a, b) * y);
    case RR_SLOT_lshift: return (int64_t)(x << (y & 63));
    case RR_SLOT_rshift: return a >> (y & 63);
    case RR_SLOT_and: return a & b;
    case RR_SLOT_or: return a | b;
    case RR_SLOT_xor: return a ^ b;
    default: return power(a, b);
    }
}

static PyObject *
binary(PyObject *a, PyObject *b, int slot)
{
    PyObject *const self = called(a, b);
    const rr_canary *const c = rr_touch(self, slot);
    if (c == NULL) {
        return NULL;
    }
    rr_touch_argument(self == a ? b : a);
    int64_t x, y;
    if (!value_of(a, &x) || !value_of(b, &y)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return rr_canary_child(c, slot, operate(slot, x, y));
}

static PyObject *
in_place(PyObject *self, PyObject *other, int slot)
{
    if (rr_touch(self, slot) == NULL) {
        return NULL;
    }
    rr_touch_argument(other);
    return Py_NewRef(self);
}

#define BINARY(name)                                   \
    static PyObject *canary_##name(PyObject *a, PyObject *b) \
    {                                                  \
        return binary(a, b, RR_SLOT_##name);           \
    }                                                  \
    static PyObject *canary_i##name(PyObject *a, PyObject *b) \
    {                                                  \
        return in_place(a, b, RR_SLOT_i##name);        \
    }
BINARY(add)
BINARY(sub)
BINARY(mul)
BINARY(matmul)
BINARY(floordiv)
BINARY(truediv)
BINARY(mod)
BINARY(lshift)
BINARY(rshift)
BINARY(and)
BINARY(or)
BINARY(xor)
#undef BINARY

static PyObject *
canary_pow(PyObject *a, PyObject *b, PyObject *modulus)
{
    const rr_canary *const third = rr_canary_at(modulus);
    const bool is_third = rr_canary_at(called(a, b)) == NULL && third != NULL;
    if (is_third) { /* pow(2, 3, canary) */
        return in_place(modulus, a, RR_SLOT_pow);
    }
    rr_touch_argument(modulus);
    return binary(a, b, RR_SLOT_pow);
}

static PyObject *
canary_ipow(PyObject *self, PyObject *other, PyObject *modulus)
{
    rr_touch_argument(modulus);
    return in_place(self, other, RR_SLOT_ipow);
}

static PyObject *
canary_divmod(PyObject *a, PyObject *b)
{
    PyObject *const quotient = binary(a, b, RR_SLOT_divmod);
    if (quotient == NULL || quotient == Py_NotImplemented) {
        return quotient;
    }
    const rr_canary *const c = rr_canary_at(called(a, b));
    int64_t x = 0, y = 0;
    value_of(a, &x);
    value_of(b, &y);
    PyObject *const floor = rr_canary_child(c, RR_SLOT_divmod, floor_divide(x, y));
    PyObject *const rest = rr_canary_child(c, RR_SLOT_divmod, operate(RR_SLOT_mod, x, y));
    Py_DECREF(quotient);
    if (floor == NULL || rest == NULL) {
        Py_XDECREF(floor);
        Py_XDECREF(rest);
        return NULL;
    }
    return Py_BuildValue("(NN)", floor, rest);
}

static int64_t
absolute(int64_t value)
{
    return value < 0 ? negated(value) : value;
}

#define UNARY(name, expression)                                          \
    static PyObject *canary_##name(PyObject *self)                       \
    {                                                                    \
        const rr_canary *const c = rr_touch(self, RR_SLOT_##name);       \
        return c == NULL ? NULL : (expression);                          \
    }
UNARY(neg, rr_canary_child(c, RR_SLOT_neg, negated(c->value)))
UNARY(pos, rr_canary_child(c, RR_SLOT_pos, c->value))
UNARY(abs, rr_canary_child(c, RR_SLOT_abs, absolute(c->value)))
UNARY(invert, rr_canary_child(c, RR_SLOT_invert, ~c->value))
UNARY(int, PyLong_FromLongLong(c->value))
UNARY(index, PyLong_FromLongLong(c->value))
UNARY(float, PyFloat_FromDouble((double)c->value))
#undef UNARY

static int
canary_bool(PyObject *self)
{
    const rr_canary *const c = rr_touch(self, RR_SLOT_bool);
    return c == NULL ? -1 : !c->has_value || c->value != 0;
}

void
rr_variant_add_number(rr_variant *variant)
{
    if (!RR_HAS(variant->supports, number)) {
        return;
    }
    variant->number = (PyNumberMethods){
        .nb_add = canary_add,
        .nb_subtract = canary_sub,
        .nb_multiply = canary_mul,
        .nb_matrix_multiply = canary_matmul,
        .nb_floor_divide = canary_floordiv,
        .nb_true_divide = canary_truediv,
        .nb_remainder = canary_mod,
        .nb_lshift = canary_lshift,
        .nb_rshift = canary_rshift,
        .nb_and = canary_and,
        .nb_or = canary_or,
        .nb_xor = canary_xor,
        .nb_power = canary_pow,
        .nb_divmod = canary_divmod,
        .nb_inplace_add = canary_iadd,
        .nb_inplace_subtract = canary_isub,
        .nb_inplace_multiply = canary_imul,
        .nb_inplace_matrix_multiply = canary_imatmul,
        .nb_inplace_floor_divide = canary_ifloordiv,
        .nb_inplace_true_divide = canary_itruediv,
        .nb_inplace_remainder = canary_imod,
        .nb_inplace_lshift = canary_ilshift,
        .nb_inplace_rshift = canary_irshift,
        .nb_inplace_and = canary_iand,
        .nb_inplace_or = canary_ior,
        .nb_inplace_xor = canary_ixor,
        .nb_inplace_power = canary_ipow,
        .nb_negative = canary_neg,
        .nb_positive = canary_pos,
        .nb_absolute = canary_abs,
        .nb_invert = canary_invert,
        .nb_bool = canary_bool,
        .nb_int = canary_int,
        .nb_index = canary_index,
        .nb_float = canary_float,
    };
    variant->type.tp_as_number = &variant->number;
}
