"""Subject for immutables: a mutation that two threads make together."""

import immutables
from hypothesis import strategies as st

import refrace

KEYS = st.sampled_from(["a", "b", "c"])


class Mutation:
    def setup(self):
        self.mutation = immutables.Map(a=[], b=[]).mutate()

    @refrace.operation(key=KEYS)
    def set(self, key):
        self.mutation[key] = [key]

    @refrace.operation(key=KEYS)
    def get(self, key):
        return self.mutation.get(key)

    @refrace.operation(key=KEYS)
    def pop(self, key):
        return self.mutation.pop(key, None)

    @refrace.operation
    def finish(self):
        return dict(self.mutation.finish())
