"""The token of a program: the same program again, or an error with a cure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace.errors import InvalidData
from refrace.hunting.describing.program_token import program_token, read_program_token

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON), st.integers(1, 60))
def test_a_program_comes_back_also_from_a_wrapped_token(stored, width):
    token = program_token(stored)
    wrapped = "\n  ".join(token[i : i + width] for i in range(0, len(token), width))

    assert read_program_token(token) == stored
    assert read_program_token(wrapped) == stored
    assert token == token.strip()


@given(st.text(), st.booleans())
def test_anything_but_a_token_is_an_error_and_nothing_else(text, with_prefix):
    token = ("rh1:" if with_prefix else "") + text

    with pytest.raises(InvalidData, match="pass the token of a finding unchanged"):
        read_program_token(token)


@pytest.mark.parametrize("end", [1, 5, -1, -3])
def test_a_truncated_token_is_an_error(end):
    token = program_token({"calls": list(range(100))})

    with pytest.raises(InvalidData):
        read_program_token(token[:end])


def test_a_token_that_expands_without_end_is_refused():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 2**25)).decode()

    with pytest.raises(InvalidData, match="truncated or too large"):
        read_program_token(f"rh1:{bomb}")
