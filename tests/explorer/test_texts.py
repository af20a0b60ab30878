"""Texts are compared whole, at 80 columns; HTML has the same cells.

To look at a text that has changed on purpose, and then keep it:
`REFRACE_KEEP_TEXTS=1 pytest tests/explorer/test_texts.py`, then `git diff`.
"""

import os
import re
from html import escape
from pathlib import Path

import pytest
from explorer import programs
from explorer.settled import settled

import refrace

TEXTS = Path(__file__).with_name("texts")

RESULTS = {
    "safe": lambda: refrace.explore(programs.SHARED_DECREF, "object_lock"),
    "corrupt": lambda: refrace.explore(programs.BORROWED_GETTER),
    "infinite": lambda: refrace.explore(programs.SPINNING, gil="held"),
    "unfinished": lambda: refrace.explore(programs.MANY_STATES, max_states=1000),
    "lost-decrement": lambda: smallest(programs.SHARED_DECREF, "unlocked"),
    "three-threads": lambda: smallest(programs.THREE_PAIRS, "unlocked", "underflow"),
    "five-threads": lambda: smallest(programs.FIVE_DECREFS, "unlocked"),
    "deadlock": lambda: smallest(programs.CROSSED_LOCKS),
    "store-buffer": lambda: smallest(programs.LATE_WRITE),
    "finaliser": lambda: smallest(programs.FINALISER, "object_lock"),
    "containers": lambda: smallest(programs.STALE_LENGTH),
    "end-block": lambda: smallest(programs.PAYLOAD),
    "no-steps": lambda: smallest(programs.NO_STEPS),
    "sample": lambda: refrace.sample(
        programs.SHARED_DECREF, "unlocked", runs=1000, seed=1
    ),
    "sample-nothing": lambda: refrace.sample(
        programs.SHARED_DECREF, runs=1000, strategy="pct", depth=2, seed=1
    ),
    "check": lambda: refrace.Program.parse(programs.WRONG_ALONE).check(),
}


def smallest(program, mode="atomic", kind=None):
    return refrace.explore(program, mode).counterexample(kind)


@pytest.fixture(params=RESULTS)
def name(request):
    return request.param


@pytest.fixture
def result(name):
    return settled(RESULTS[name]())


def test_the_text_is_this_one(name, result):
    kept = TEXTS / f"{name}.txt"
    if os.environ.get("REFRACE_KEEP_TEXTS"):
        kept.write_text(f"{result}\n", encoding="utf-8")

    assert f"{result}\n" == kept.read_text(encoding="utf-8")


def test_no_line_is_longer_than_80_columns_or_ends_in_a_space(result):
    for line in str(result).splitlines():
        assert len(line) <= 80
        assert line == line.rstrip()


def test_the_html_has_the_same_cells_and_runs_nothing(result):
    html = result._repr_html_()

    assert "<script" not in html
    assert "http" not in html
    for trace in [result] if isinstance(result, refrace.Trace) else result.traces[:1]:
        for step in trace.steps:
            assert f">{step.number}</td>" in html
            assert escape(step.statement or "free") in html


def test_the_first_line_in_a_notebook_is_the_first_line_of_the_text(result):
    html = result._repr_html_()
    start = re.match('<div class="refrace"[^>]*><p><strong>', html)
    line = html[start.end() :].partition("</strong></p>")[0]
    # What the text has in backticks is code.
    assert re.sub("</?code>", "`", line) == escape(result.answer)
