"""Subjects for python-rapidjson."""

import rapidjson
from hypothesis import strategies as st

import refrace
from refrace.strategies import anything, canaries


class Dumps:
    @refrace.operation(value=st.lists(anything()), default=canaries(supports={"call"}))
    def dumps(self, value, default):
        return rapidjson.dumps(value, default=default)


def raw_json(value):
    return rapidjson.RawJSON(value)
