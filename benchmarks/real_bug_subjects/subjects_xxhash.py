"""Subject for xxhash."""

import xxhash
from hypothesis import strategies as st

import refrace


class Hasher:
    def setup(self):
        self.hasher = xxhash.xxh3_64()

    @refrace.operation(data=st.sampled_from([b"some", b"abcdefgh" * 50_000]))
    def update(self, data):
        self.hasher.update(data)

    @refrace.operation
    def hexdigest(self):
        return self.hasher.hexdigest()
