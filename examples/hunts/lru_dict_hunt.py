"""Hunt in lru-dict: a dict of limited size, with a callback for what it drops."""

import lru

import refrace
from refrace.strategies import canaries


class LRU:
    def setup(self):
        self.cache = lru.LRU(2)

    @refrace.operation(key=canaries(), value=canaries())
    def set(self, key, value):
        self.cache[key] = value

    @refrace.operation(key=canaries())
    def get(self, key):
        return self.cache.get(key)

    @refrace.operation(key=canaries())
    def pop(self, key):
        return self.cache.pop(key)

    @refrace.operation
    def items(self):
        return self.cache.items()

    @refrace.operation(callback=canaries(supports={"call"}))
    def set_callback(self, callback):
        self.cache.set_callback(callback)

    @refrace.operation
    def clear(self):
        self.cache.clear()


if __name__ == "__main__":
    print(refrace.hunt(LRU, seconds=20))
