"""Hunt in multidict: a dict whose keys may have several values."""

import multidict
from hypothesis import strategies as st

import refrace
from refrace.strategies import canaries

KEYS = st.sampled_from(["a", "A", "b", "é"])


class MultiDict:
    def setup(self):
        self.items = multidict.CIMultiDict()

    @refrace.operation(key=KEYS, value=canaries())
    def add(self, key, value):
        self.items.add(key, value)

    @refrace.operation(key=KEYS, value=canaries())
    def set(self, key, value):
        self.items[key] = value

    @refrace.operation(key=KEYS)
    def getall(self, key):
        return self.items.getall(key)

    @refrace.operation(key=KEYS)
    def popall(self, key):
        return self.items.popall(key)

    @refrace.operation
    def copy(self):
        return self.items.copy()

    @refrace.operation
    def clear(self):
        self.items.clear()


if __name__ == "__main__":
    print(refrace.hunt(MultiDict, seconds=20))
