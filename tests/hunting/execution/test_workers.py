"""Threads that meet in each round."""

import threading

import pytest

from refrace.hunting.execution.workers import Workers


def test_all_tasks_run_in_threads_of_their_own_in_every_round():
    seen = []
    with Workers(3, seed=1) as workers:
        for _ in range(20):
            workers.run([lambda: seen.append(threading.get_ident())] * 3)

    assert len(seen) == 60
    assert len(set(seen)) == 3
    assert threading.get_ident() not in seen


def test_one_task_runs_in_the_thread_that_is_asked_for():
    seen = []
    with Workers(2, seed=1) as workers:
        for number in (0, 1, 0):
            workers.run_one(number, lambda: seen.append(threading.get_ident()))

    assert seen[0] == seen[2] != seen[1]


def test_an_error_of_a_task_arrives_and_the_threads_go_on():
    def fail():
        raise ValueError("no")

    with Workers(2, seed=1) as workers:
        with pytest.raises(ValueError, match="no"):
            workers.run([fail, int])
        workers.run([int, int])


def test_intervals_are_those_of_the_tasks():
    with Workers(2, seed=1) as workers:
        workers.run([int, int])
    assert all(0 < began <= ended for began, ended in workers.intervals)
