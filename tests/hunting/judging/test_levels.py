"""Levels that grow, and containers that account for it."""

import builtins
import sys
import types

import pytest

from refrace._native.planted import Planted
from refrace.hunting.judging import levels as judging
from refrace.hunting.judging.levels import (
    Levels,
    Suspicion,
    is_enough_growth,
    shared_objects,
)
from refrace.hunting.judging.visible import references_to
from refrace.hunting.slopes import slope_of


@pytest.fixture(autouse=True)
def no_limit(monkeypatch):
    """Leave nothing out: the packages of this module are the tests of all hunts."""
    monkeypatch.setattr(judging, "MOST_SHARED", 10**6)


def suspicions(work, shared=()):
    levels = Levels(shared)
    for round_ in range(12):
        levels.read(round_)
        for _ in range(20):
            work()
    return {(one.what, one.name): one.slope.per_call for one in levels.suspicions()}


def test_steady_work_grows_nothing():
    assert suspicions(lambda: [object()] * 20, [("builtins", builtins)]) == {}


@pytest.mark.measures
def test_lost_objects_are_allocated_blocks():
    found = suspicions(lambda: Planted(True).leak(object()))
    assert found == {("blocks", ""): 20.0}


@pytest.mark.measures
def test_lost_buffers_are_allocated_bytes():
    found = suspicions(lambda: Planted(True).leak(bytes(100_000)))
    # A free-threaded build allocates them as blocks.
    assert found.get(("bytes", ""), 0) >= 2_000_000 or found["blocks", ""] == 20


def test_a_shared_object_that_gets_references_is_named():
    shared = object()
    found = suspicions(lambda: Planted(True).leak(shared), [("mylib.SHARED", shared)])
    assert found["references", "mylib.SHARED"] == 20.0


def test_few_readings_are_enough_for_a_hint():
    shared = object()
    levels = Levels([("mylib.SHARED", shared)])
    for round_ in range(4):
        levels.read(round_)
        Planted(True).leak(shared)
    (hint,) = [one for one in levels.hints() if one.what == "references"]
    assert (hint.name, hint.slope.per_call) == ("mylib.SHARED", 1.0)


def test_nothing_that_grows_gives_no_hint():
    shared = object()
    levels = Levels([("mylib.SHARED", shared)])
    for round_ in range(4):
        levels.read(round_)
    assert levels.hints() == []
    assert Levels([]).hints() == []


def test_too_few_readings_say_nothing():
    levels = Levels([])
    levels.read(0)
    levels.read(1)
    assert levels.suspicions() == []


def test_shared_objects_are_builtins_and_those_of_the_packages_that_a_subject_uses(
    monkeypatch,
):
    monkeypatch.setattr(judging, "_modules_at_first", None)
    import click

    def uses():
        import click as imported

        return imported

    names = dict(shared_objects(uses))
    assert names["builtins.round"] is round
    assert not any(name.startswith("click.") for name in names)  # a local import

    scope = {"click": click}
    exec("def uses(): return click", scope)
    assert any(one is click.command for _, one in shared_objects(scope["uses"]))


def test_objects_of_modules_in_the_closures_of_a_subject_are_shared(monkeypatch):
    monkeypatch.setattr(judging, "_modules_at_first", None)
    import click

    def function():
        return click

    class Subject:
        def setup(self):
            self.command = click.command
            self.empty = later

    for target in (function, Subject):
        assert any(one is click.command for _, one in shared_objects(target))
    later = None  # its cell was empty until now


def test_a_proxy_without_an_object_in_the_module_of_a_subject_is_passed_over():
    class Proxy:
        @property
        def __module__(self):
            raise RuntimeError("there is no object now")

    scope = {"proxy": Proxy(), "marks": pytest.mark}
    exec("def uses(): pass", scope)
    assert any(name.startswith("_pytest.") for name, _ in shared_objects(scope["uses"]))


def test_visible_references_are_counted_each():
    value = object()
    holder = [value, value, [value]]
    assert references_to(value) == 3
    del holder


def test_objects_of_a_package_that_an_operation_imports_are_shared_too(monkeypatch):
    def operation():
        pass

    late = types.ModuleType("latepackage.part")
    late.Counter = type("Counter", (), {})
    monkeypatch.setattr(judging, "_modules_at_first", None)
    judging.note_modules()
    monkeypatch.setitem(sys.modules, "latepackage.part", late)
    judging.note_modules()  # that of a later program changes nothing

    shared = dict(shared_objects(operation))

    assert shared["latepackage.part.Counter"] is late.Counter
    assert "pytest.fixture" not in shared


@pytest.mark.parametrize(
    ("growth", "is_enough"), [(20, True), (19, False), (-20, True)]
)
def test_few_rounds_must_show_the_growth_of_many(growth, is_enough):
    """The least growth is 0.2 references a round, 20 in 100 rounds."""
    slope = slope_of(range(11), [growth * at / 10 for at in range(11)])
    found = Suspicion("references", "mylib.SHARED", slope)

    assert is_enough_growth(found, 10, 100) == is_enough


@pytest.mark.parametrize(
    ("counts", "may"),
    [
        ([0, 4, 8, 12, 16], True),
        ([0, 4, 4, 8, 12], True),
        ([0, 4, 4, 8, 8], False),
        ([0, -4, -8, -8, -12], True),
        ([0, -4, 0, -4, 0], False),
    ],
)
def test_two_readings_without_growth_settle_that_there_is_none(counts, may):
    shared = object()
    levels = Levels([("other", object()), ("mylib.SHARED", shared)])
    held = [shared] * 100
    suspect = Suspicion("references", "mylib.SHARED", slope_of([0, 1], [0, 1]))

    for at, count in enumerate(counts):
        held[:] = [shared] * (100 + count)
        levels.read(4 * at)

    assert levels.may_confirm([suspect]) == may


def test_a_reading_agrees_with_the_interval_on_what_may_be_confirmed():
    """12 slopes, of which one or two are zero."""
    for zeros in (1, 2):
        rises = [0] * zeros + [1] * (12 - zeros)
        levels = [sum(rises[:at]) for at in range(13)]
        assert (slope_of(range(13), levels).low > 0) == (zeros <= judging._OUTLIERS)
