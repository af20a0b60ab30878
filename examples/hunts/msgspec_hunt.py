"""Hunt in msgspec: encoding of objects with a hook, and decoding of bytes."""

import msgspec
from hypothesis import strategies as st

import refrace
from refrace.strategies import anything


class Point(msgspec.Struct):
    x: object
    y: object = None


class Msgspec:
    @refrace.operation(value=anything(), hook=anything())
    def encode_json(self, value, hook):
        return msgspec.json.encode(value, enc_hook=hook)

    @refrace.operation(value=anything(), hook=anything())
    def encode_msgpack(self, value, hook):
        return msgspec.msgpack.encode(value, enc_hook=hook)

    @refrace.operation(text=st.sampled_from(['{"x": [1, "é"]}', '{"x": ', "[1e999]"]))
    def decode_json(self, text):
        return msgspec.json.decode(text)

    @refrace.operation(data=st.binary(max_size=20))
    def decode_msgpack(self, data):
        return msgspec.msgpack.decode(data)

    @refrace.operation(x=anything(), y=anything())
    def struct(self, x, y):
        return msgspec.structs.astuple(Point(x, y=y))

    @refrace.operation(value=anything(), kind=st.sampled_from([int, str, list, Point]))
    def convert(self, value, kind):
        return msgspec.convert(value, kind)


if __name__ == "__main__":
    print(refrace.hunt(Msgspec, seconds=20))
