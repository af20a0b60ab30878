"""Subjects of the extensions that are functions; they name the API and no bug."""

from hypothesis import strategies as st

import refrace
from refrace.strategies import anything, canaries


def find(lib):
    class Find:
        @refrace.operation(items=st.lists(canaries()), key=canaries())
        def find(self, items, key):
            return lib.find(items, key)

    return Find


def pairs(lib):
    class Pairs:
        @refrace.operation(
            items=st.lists(canaries()), function=canaries(supports={"call"})
        )
        def pairs(self, items, function):
            return lib.pairs(items, function)

    return Pairs


def group(lib):
    class Group:
        @refrace.operation(items=st.lists(anything()).map(tuple))
        def group_by(self, items):
            return lib.group_by(items, lambda item: item)

    return Group


def chunks(lib):
    class Chunks:
        @refrace.operation(
            items=st.lists(canaries()).map(tuple),
            size=st.integers(-1, 4),
            fill=canaries(),
        )
        def chunks(self, items, size, fill):
            return lib.chunks(items, size, fill)

    return Chunks


def quote(lib):
    return lambda text: lib.quote(text)


def apply(lib):
    class Apply:
        @refrace.operation(
            function=st.sampled_from([int, max, isinstance]),
            items=st.lists(anything(), max_size=20).map(tuple),
        )
        def apply(self, function, items):
            return lib.apply(function, items)

    return Apply


def record(lib):
    return lambda name, value: lib.Record(name, value)


def rounding(lib):
    return lambda items: lib.round_all(items)


def missing(lib):
    class Lookup:
        @refrace.operation(
            table=st.dictionaries(canaries(), canaries()), key=canaries()
        )
        def lookup(self, table, key):
            return lib.lookup(table, key)

    return Lookup


def merge(lib):
    return lambda left, right: lib.merge(left, right)


def mean(lib):
    numbers = st.lists(st.floats() | anything()).map(tuple)

    class Mean:
        @refrace.operation(values=numbers, weights=numbers)
        def weighted_mean(self, values, weights):
            return lib.weighted_mean(values, weights)

    return Mean


def checksum(lib):
    class Checksum:
        @refrace.operation(
            data=canaries(supports={"buffer"}), start=st.integers(-1, 20)
        )
        def checksum(self, data, start):
            return lib.checksum(data, start)

    return Checksum
