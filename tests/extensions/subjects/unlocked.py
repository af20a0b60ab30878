"""Subjects of the extensions that are correct with the GIL only."""

from hypothesis import strategies as st

import refrace
from refrace.strategies import canaries

NAMES = st.sampled_from(["a", "b"])


def bag(lib):
    class Bag:
        def setup(self):
            self.bag = lib.Bag()

        @refrace.operation(item=canaries())
        def add(self, item):
            self.bag.add(item)

        @refrace.operation
        def last(self):
            return self.bag.last()

    return Bag


def label(lib):
    class Label:
        def setup(self):
            self.label = lib.Label()

        @refrace.operation(value=canaries())
        def set(self, value):
            self.label.set(value)

        @refrace.operation
        def text(self):
            return self.label.text()

    return Label


def lazy(lib):
    class Lazy:
        def setup(self):
            self.lazy = lib.Lazy(object())

        @refrace.operation
        def get(self):
            return self.lazy.get()

    return Lazy


def registry(lib):
    class Registry:
        def setup(self):
            self.registry = lib.Registry()

        @refrace.operation(name=NAMES, value=canaries())
        def add(self, name, value):
            self.registry.add(name, value)

        @refrace.operation(name=NAMES)
        def find(self, name):
            return self.registry.find(name)

        @refrace.operation(name=NAMES)
        def remove(self, name):
            self.registry.remove(name)

    return Registry


def share(lib):
    class Share:
        def setup(self):
            self.share = lib.Share(object())

        @refrace.operation
        def clone(self):
            self.share.clone()

    return Share


def shelf(lib):
    class Shelf:
        def setup(self):
            self.shelf = lib.Shelf()

        @refrace.operation(item=canaries())
        def push(self, item):
            self.shelf.push(item)

        @refrace.operation
        def first(self):
            return self.shelf.first()

        @refrace.operation
        def pop(self):
            return self.shelf.pop()

    return Shelf


def walk(lib):
    class Walk:
        def setup(self):
            self.walk = lib.Walk(())

        @refrace.operation(items=st.lists(canaries(), min_size=1, max_size=3))
        def open(self, items):
            self.walk = lib.Walk(tuple(items))

        @refrace.operation
        def step(self):
            return next(self.walk)

    return Walk
