"""Subjects for wrapt."""

import operator

import wrapt
from hypothesis import strategies as st

import refrace
from refrace.strategies import anything, hostile

FUNCTIONS = [abs, bool, complex, float, hash, int, iter, len, list, repr, round, str]
OPERATORS = [pow, divmod, *(getattr(operator, name) for name in operator.__all__)]
IN_PLACE = [operator.iadd, operator.imul, operator.ior, operator.imatmul, operator.ipow]


class Proxy:
    @refrace.operation(value=anything())
    def wrap(self, value):
        self.proxy = wrapt.ObjectProxy(value)

    @refrace.operation(function=st.sampled_from(FUNCTIONS))
    def call(self, function):
        return function(self.proxy)


class Wrapped:
    @refrace.operation(value=anything())
    def wrap(self, value):
        self.proxy = wrapt.ObjectProxy(value)

    @refrace.operation(value=anything())
    def set(self, value):
        self.proxy.__wrapped__ = value

    @refrace.operation
    def get(self):
        return self.proxy.__wrapped__


class InPlace:
    @refrace.operation(
        function=st.sampled_from(IN_PLACE),
        cls=st.just(wrapt.ObjectProxy) | hostile(wrapt.ObjectProxy),
        value=anything(),
        other=anything(),
    )
    def call(self, function, cls, value, other):
        return function(cls(value), other)


class Operators:
    @refrace.operation(
        function=st.sampled_from(OPERATORS),
        place=st.integers(0, 2),
        values=st.lists(st.integers(0, 9) | anything(), min_size=1, max_size=3),
    )
    def call(self, function, place, values):
        values[place % len(values)] = wrapt.ObjectProxy(values[place % len(values)])
        return function(*values)
