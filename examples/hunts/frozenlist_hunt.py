"""Hunt in frozenlist: a list that can be frozen."""

import frozenlist
from hypothesis import strategies as st

import refrace
from refrace.strategies import canaries

INDICES = st.integers(-3, 3)


class FrozenList:
    def setup(self):
        self.items = frozenlist.FrozenList()

    @refrace.operation(item=canaries())
    def append(self, item):
        self.items.append(item)

    @refrace.operation(index=INDICES, item=canaries())
    def insert(self, index, item):
        self.items.insert(index, item)

    @refrace.operation(items=st.lists(canaries()))
    def extend(self, items):
        self.items.extend(items)

    @refrace.operation(index=INDICES)
    def pop(self, index):
        return self.items.pop(index)

    @refrace.operation(item=canaries())
    def remove(self, item):
        self.items.remove(item)

    @refrace.operation(item=canaries())
    def count(self, item):
        return self.items.count(item)

    @refrace.operation
    def freeze(self):
        self.items.freeze()

    @refrace.operation
    def hash(self):
        return hash(self.items)


if __name__ == "__main__":
    print(refrace.hunt(FrozenList, seconds=20))
