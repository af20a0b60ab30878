"""The gallery checked on executors: the same matrix, to the last number."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest
from base.unreliable import AnyOrder, LosesTheSecond
from hypothesis import given, settings
from hypothesis import strategies as st

import refrace

MODES = ["unlocked", "atomic", "atomic_cas", "object_lock", "biased", "epoch"]
SLUGS = ["borrow-then-incref", "plain-counter", "borrow-across-callback"]


def timeless(matrix):
    return [replace(cell, elapsed_s=0.0) for cell in matrix.cells]


@pytest.fixture(scope="module")
def here():
    return refrace.check_gallery(MODES, patterns=SLUGS)


@given(seed=st.integers())
@settings(deadline=None, max_examples=5)
def test_the_matrix_is_the_same_as_without_an_executor_in_any_order(here, seed):
    told = []
    with AnyOrder(seed) as executor:
        there = refrace.check_gallery(
            MODES,
            patterns=SLUGS,
            executor=executor,
            progress=lambda *now: told.append(now),
        )

    assert timeless(there) == timeless(here)
    assert there.cells_planned == here.cells_planned
    assert told[-1] == (len(here.cells), len(here.cells))
    assert told == sorted(told)


def test_the_matrix_of_two_processes_is_the_one_without(here):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        there = refrace.check_gallery(MODES, patterns=SLUGS, executor=executor)

    assert timeless(there) == timeless(here)
    assert there.findings == here.findings


def test_cells_lost_with_a_worker_are_missing_and_counted():
    with AnyOrder(1, LosesTheSecond(lambda some: some[0])) as executor:
        matrix = refrace.check_gallery(MODES, patterns=SLUGS, executor=executor)

    assert matrix.cells_lost > 0
    assert len(matrix.cells) + matrix.cells_lost == matrix.cells_planned
    assert not matrix.is_conclusive
    assert not matrix.proved
    assert "the others lost with a worker" in matrix.answer
    assert "without executor" in matrix.inconclusive_because
    assert refrace.GalleryMatrix.from_json(matrix.to_json()) == matrix


def test_a_matrix_stored_before_cells_could_be_lost_is_read(here):
    stored = here.to_dict()
    del stored["cells_lost"]

    assert refrace.GalleryMatrix.from_dict(stored) == here


def test_an_interrupt_keeps_the_cells_that_came_back():
    def interrupt(done, planned):
        raise KeyboardInterrupt

    with AnyOrder(1) as executor, pytest.raises(refrace.Interrupted) as caught:
        refrace.check_gallery(
            MODES, patterns=SLUGS, executor=executor, progress=interrupt
        )

    matrix = caught.value.report
    assert 0 < len(matrix.cells) < matrix.cells_planned
    assert matrix.cells_lost == 0


def test_anything_but_an_executor_is_refused():
    with pytest.raises(refrace.InvalidArgumentType, match="executor"):
        refrace.check_gallery(executor="two processes")
