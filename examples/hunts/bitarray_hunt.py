"""Hunt in bitarray: an array of bits with a buffer."""

import bitarray
from hypothesis import strategies as st

import refrace
from refrace.strategies import anything, canaries


class BitArray:
    def setup(self):
        self.bits = bitarray.bitarray("0110")

    @refrace.operation(bits=anything())
    def extend(self, bits):
        self.bits.extend(bits)

    @refrace.operation(data=canaries(supports={"buffer"}) | st.binary())
    def frombytes(self, data):
        self.bits.frombytes(data)

    @refrace.operation(index=canaries(supports={"number"}) | st.integers(-9, 9))
    def insert(self, index):
        self.bits.insert(index, 1)

    @refrace.operation(symbols=st.lists(canaries()), items=anything())
    def encode(self, symbols, items):
        self.bits.encode(dict.fromkeys(symbols, bitarray.bitarray("01")), items)

    @refrace.operation(bits=anything())
    def find(self, bits):
        return self.bits.find(bits)

    @refrace.operation
    def tobytes(self):
        return self.bits.tobytes()

    @refrace.operation
    def clear(self):
        self.bits.clear()


if __name__ == "__main__":
    print(refrace.hunt(BitArray, seconds=20))
