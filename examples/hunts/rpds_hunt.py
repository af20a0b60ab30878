"""Hunt in rpds-py, which is written in Rust: a persistent map."""

import rpds

import refrace
from refrace.strategies import canaries


class HashTrieMap:
    def setup(self):
        self.map = rpds.HashTrieMap()

    @refrace.operation(key=canaries(), value=canaries())
    def insert(self, key, value):
        self.map = self.map.insert(key, value)

    @refrace.operation(key=canaries())
    def remove(self, key):
        self.map = self.map.remove(key)

    @refrace.operation(key=canaries())
    def get(self, key):
        return self.map.get(key)

    @refrace.operation
    def items(self):
        return list(self.map.items())


if __name__ == "__main__":
    print(refrace.hunt(HashTrieMap, seconds=20))
