"""Operations that only raise, over all programs of a hunt."""

import pytest

import refrace
from refrace.hunting.search.tally import Tally


def takes_nothing(x):
    raise TypeError("wrong strategies")


def test_an_operation_that_returned_in_any_batch_did_its_work():
    one = Tally(returned=("get",), raised=("pop: IndexError", "put: TypeError"))
    other = Tally(returned=("pop",), raised=("put: TypeError", "put: ValueError"))

    both = one.plus(other)

    assert both.returned == ("get", "pop")
    assert both.only_raised == ("put: TypeError", "put: ValueError")
    assert both == other.plus(one)


def test_a_hunt_in_which_every_call_raised_is_inconclusive():
    report = refrace.hunt(takes_nothing, threads=1, seconds=2, seed=1, store=False)

    assert report.judgement == "inconclusive"
    assert "every call raised (takes_nothing: TypeError)" in report.inconclusive_because
    with pytest.raises(refrace.Inconclusive):
        report.raise_unless_conclusive()
