"""What a user might test of python-rapidjson, for pytest-run-parallel."""

import pytest
import rapidjson


def test_dumps():
    assert rapidjson.dumps([1, {2}], default=list) == "[1,[2]]"


def test_raw_json():
    assert rapidjson.RawJSON("1").value == "1"
    with pytest.raises(TypeError):
        rapidjson.RawJSON(123)
