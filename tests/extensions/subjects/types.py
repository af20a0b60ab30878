"""Subjects of the extensions that are types and fail on one thread, too."""

from hypothesis import strategies as st

import refrace
from refrace.strategies import canaries


def ring(lib):
    class Ring:
        def setup(self):
            self.ring = lib.Ring()

        @refrace.operation(value=canaries())
        def push(self, value):
            self.ring.push(value)

        @refrace.operation
        def clear(self):
            self.ring.clear()

    return Ring


def journal(lib):
    class Journal:
        def setup(self):
            self.journal = lib.Journal(lambda value: (hash(value), value))

        @refrace.operation(value=canaries())
        def append(self, value):
            self.journal.append(value)

        @refrace.operation
        def entries(self):
            return self.journal.entries()

    return Journal


def template(lib):
    class Template:
        @refrace.operation(source=canaries(), compiler=canaries(supports={"call"}))
        def make(self, source, compiler):
            self.template = lib.Template(source, compiler)

        @refrace.operation
        def compiled(self):
            return self.template.compiled()

    return Template


def stack(lib):
    class Stack:
        def setup(self):
            self.stack = lib.Stack()

        @refrace.operation(item=canaries())
        def push(self, item):
            self.stack.push(item)

        @refrace.operation
        def iterate(self):
            self.iterator, self.stack = iter(self.stack), lib.Stack()

        @refrace.operation
        def next(self):
            return next(self.iterator)

    return Stack


def node(lib):
    class Node:
        @refrace.operation(value=canaries())
        def make(self, value):
            self.node = lib.Node(value)

        @refrace.operation
        def make_empty(self):
            self.node = lib.Node()

        @refrace.operation
        def get(self):
            return self.node.get()

    return Node


def vault(lib):
    class Vault:
        def setup(self):
            self.vault = lib.Vault()

        @refrace.operation(value=canaries())
        def put(self, value):
            self.vault.put(value)

        @refrace.operation
        def get(self):
            return self.vault.get()

    return Vault


def holder(lib):
    class Holder:
        def setup(self):
            self.holder = lib.Holder()

        @refrace.operation(value=canaries())
        def set(self, value):
            self.holder.value = value

        @refrace.operation
        def get(self):
            return self.holder.value

    return Holder


def tree(lib):
    class Tree:
        def setup(self):
            self.tree = lib.Tree(None)

        @refrace.operation(payload=canaries())
        def make(self, payload):
            self.tree = lib.Tree(payload)

        @refrace.operation
        def attach(self):
            self.tree.attach(self.tree)

    return Tree


def watch(lib):
    class Watch:
        def setup(self):
            self.watch = lib.Watch()

        @refrace.operation(function=canaries(supports={"call"}))
        def start(self, function):
            self.watch.start({1}, function)

        @refrace.operation
        def cancel(self):
            self.watch.cancel()

    return Watch


def sorted_(lib):
    class SortedSet:
        def setup(self):
            self.items = lib.SortedSet()

        @refrace.operation(item=canaries(supports={"order"}))
        def add(self, item):
            self.items.add(item)

        @refrace.operation
        def clear(self):
            self.items.clear()

    return SortedSet


def vector(lib):
    class Vectors:
        def setup(self):
            self.vectors = [lib.Vector(), lib.Vector()]

        @refrace.operation(to=st.integers(0, 1), item=canaries())
        def append(self, to, item):
            self.vectors[to].append(item)

        @refrace.operation(to=st.integers(0, 1), by=st.integers(0, 1))
        def extend(self, to, by):
            self.vectors[to].extend(self.vectors[by])

    return Vectors


def signals(lib):
    class Signal:
        def setup(self):
            self.signal = lib.Signal()

        @refrace.operation(function=canaries(supports={"call"}))
        def connect(self, function):
            self.signal.connect(function)

        @refrace.operation
        def send(self):
            return self.signal.send()

    return Signal
