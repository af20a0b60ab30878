"""Subject for lru-dict."""

from hypothesis import strategies as st
from lru import LRU

import refrace

KEYS = st.sampled_from(["a", "b", "c"])


class Cache:
    def setup(self):
        self.cache = LRU(2)
        self.cache["a"] = self.cache["b"] = []

    @refrace.operation(key=KEYS)
    def set(self, key):
        self.cache[key] = [key]

    @refrace.operation(key=KEYS)
    def get(self, key):
        return self.cache.get(key)

    @refrace.operation(key=KEYS)
    def pop(self, key):
        return self.cache.pop(key, None)

    @refrace.operation
    def clear(self):
        self.cache.clear()

    @refrace.operation
    def items(self):
        return self.cache.items()
