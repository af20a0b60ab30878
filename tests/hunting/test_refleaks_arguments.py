"""What `refleaks` refuses, with the way out."""

import pytest
from hypothesis import strategies as st

import refrace


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"calls": 0}, "calls=0 is out of range"),
        ({"seconds": 0}, "seconds=0 is out of range"),
        ({"seconds": "1"}, "seconds='1' is a str; pass a number"),
        ({"seed": -1}, "seed=-1 is out of range"),
        ({"progress": 3}, "progress=3 is an int; pass a function"),
        ({"arguments": 3}, "arguments=3 is an int; pass a dictionary"),
        ({"arguments": [st.nothing()]}, "no value can be drawn from"),
        (
            {"arguments": {"y": st.none()}},
            "the name 'y', which is no param.*has x",
        ),
        ({"arguments": {"x": 3}}, r"arguments\['x'\]=3 is an int; pass a Hypothesis"),
        ({"arguments": [3]}, r"arguments\[0\]=3 is an int; pass a Hypothesis strategy"),
        ({"arguments": {3: st.none()}}, "arguments has the key 3, an int; pass names"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_cure(settings, message):
    with pytest.raises(refrace.RefraceError, match=message):
        refrace.refleaks(lambda x: x, **settings)


def test_what_is_not_callable_is_refused():
    with pytest.raises(
        refrace.InvalidArgumentType, match="callable=3 is an int; pass a"
    ):
        refrace.refleaks(3)


def test_the_name_of_a_callable_is_refused_with_the_way_out():
    with pytest.raises(refrace.InvalidArgumentType, match="pass the function itself"):
        refrace.refleaks("json:dumps")


async def makes_a_coroutine():
    """Runs no line when it is called."""


def makes_a_generator():
    yield


async def makes_an_asynchronous_generator():
    yield


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (makes_a_coroutine, r"asyncio\.run"),
        (makes_a_generator, r"list\("),
        (makes_an_asynchronous_generator, "consume it"),
    ],
)
def test_what_runs_none_of_its_code_when_called_is_refused(call, cure):
    with pytest.raises(refrace.InvalidArgument, match=f"runs none of its code.*{cure}"):
        refrace.refleaks(call)
