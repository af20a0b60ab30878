"""Hunt in ujson: encoding of objects with a callback, and decoding of text."""

import ujson
from hypothesis import strategies as st

import refrace
from refrace.strategies import anything


class UJson:
    @refrace.operation(value=anything(), default=anything(), indent=st.integers(0, 4))
    def dumps(self, value, default, indent):
        return ujson.dumps(value, default=default, indent=indent)

    @refrace.operation(text=anything() | st.sampled_from(['{"a": [1.5, "é"]}', "[1"]))
    def loads(self, text):
        return ujson.loads(text)


if __name__ == "__main__":
    print(refrace.hunt(UJson, seconds=20))
