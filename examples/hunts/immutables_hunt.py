"""Hunt in immutables: a persistent map."""

import immutables

import refrace
from refrace.strategies import canaries


class Map:
    def setup(self):
        self.map = immutables.Map()

    @refrace.operation(key=canaries(), value=canaries())
    def set(self, key, value):
        self.map = self.map.set(key, value)

    @refrace.operation(key=canaries())
    def delete(self, key):
        self.map = self.map.delete(key)

    @refrace.operation(key=canaries())
    def get(self, key):
        return self.map.get(key)

    @refrace.operation(key=canaries(), value=canaries())
    def mutate(self, key, value):
        with self.map.mutate() as mutation:
            mutation[key] = value
        return mutation.finish()

    @refrace.operation
    def items(self):
        return list(self.map.items())

    @refrace.operation
    def hash(self):
        return hash(self.map)


if __name__ == "__main__":
    print(refrace.hunt(Map, seconds=20))
