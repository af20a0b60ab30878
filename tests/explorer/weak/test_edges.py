"""A trace under C11 says what each read saw, and which steps synchronise."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest

import refrace
from refrace.explorer.memory import Memory
from refrace.explorer.session import session_of
from refrace.explorer.traced import trace
from refrace.traces.token import steps_digest

PUBLISHED = """
obj A
slot S = null
hold T1.x = A
T1: put x ; S = x {store}
T2: y = S {load} ; if y != null {{ {fence}use y }}
"""
DROPPED = """
obj A rc 0
borrow T1.x = A
borrow T2.x = A
borrow T3.x = A
int N = 3
T1: use x ; n = fdec N release ; if n == 0 { fence acquire ; free x }
T2: n = fdec N relaxed ; if n == 0 { fence acquire ; free x }
T3: fence release ; n = fdec N relaxed ; if n == 0 { fence acquire ; free x }
"""
DROP = "hold T1.x = A\nhold T2.x = A\nT1: use x ; decref x\nT2: use x ; decref x"


def published(store, load, fence=""):
    return PUBLISHED.format(store=store, load=load, fence=fence)


def run(program, labels, mode="atomic"):
    found = refrace.step(program, mode, memory="c11", schedule=labels)
    return found.trace(found.data["begins"])


def synchronised(found):
    return {
        step.number: step.memory.synchronises_with
        for step in found.steps
        if step.memory is not None and step.memory.synchronises_with
    }


def test_an_acquire_load_synchronises_with_the_release_store_that_it_reads():
    ordered = run(published("release", "acquire"), ["T1", "T1", "T2", "T2"])
    assert synchronised(ordered) == {3: (2,)}

    for store, load in (("relaxed", "acquire"), ("release", "relaxed")):
        found = run(published(store, load), ["T1", "T1", "T2", "T2"])
        assert synchronised(found) == {}
        assert found.finding.kind == "data-race"


def test_a_fence_acquires_what_was_read_before_it():
    found = run(
        published("release", "relaxed", "fence acquire ; "),
        ["T1", "T1", "T2", "T2", "T2"],
    )
    assert found.steps[2].memory.source == 2
    assert synchronised(found) == {4: (2,)}
    assert found.finding is None


def test_an_old_value_synchronises_with_nothing():
    found = run(published("release", "acquire"), ["T1", "T1", "T2@1"])
    assert found.steps[2].memory.is_old
    assert synchronised(found) == {}


def test_read_modify_writes_hand_on_what_they_read():
    found = run(DROPPED, ["T1", "T1", "T2", "T3", "T3", "T3", "T3"])
    # T1 releases in step 2, T2 only hands it on in step 3, and T3 reads that.
    assert [step.memory.source for step in found.steps[1:3]] == [0, 2]
    assert found.steps[4].memory.source == 3
    assert synchronised(found) == {6: (2,)}


def test_a_release_fence_releases_with_the_next_write():
    found = run(DROPPED, ["T1", "T3", "T3", "T1", "T2", "T2", "T2"])
    assert synchronised(found) == {6: (2, 4)}


def happens_before(found):
    """Return for each step the steps before it, by the edges that the trace has."""
    before = {}
    for step in found.steps:
        mine = [s.number for s in found.steps[: step.number - 1]]
        direct = [n for n in mine if found.steps[n - 1].thread == step.thread][-1:]
        direct += step.memory.synchronises_with if step.memory is not None else ()
        before[step.number] = set(direct).union(*(before[n] for n in direct))
    return before


def conflicts(found):
    """Yield the pairs of steps of two threads that may not be unordered."""
    for later in found.steps:
        for earlier in found.steps[: later.number - 1]:
            if earlier.thread == later.thread or earlier.object != later.object:
                continue
            frees = later.operation == "free" or later.event == "free"
            plain = {"use", "put"} >= {earlier.operation, later.operation}
            writes = "put" in (earlier.operation, later.operation)
            if later.object is not None and (frees or (plain and writes)):
                yield earlier, later


@pytest.mark.parametrize(
    ("program", "mode"),
    [
        (DROPPED, "atomic"),
        (published("release", "acquire"), "atomic"),
        (published("release", "relaxed"), "atomic"),
        (published("release", "relaxed", "fence acquire ; "), "atomic"),
        (published("relaxed", "relaxed"), "atomic"),
        (DROP, "atomic"),
        (DROP, "atomic_cas"),
    ],
)
def test_the_edges_order_all_that_conflicts_just_where_there_is_no_finding(
    program, mode
):
    """The core computes races from views, and the edges come from the steps alone."""
    session = session_of(program, mode, "released", Memory("c11"))
    chooser = random.Random(1)
    for _ in range(12):
        codes = []
        while choices := session.choices(codes):
            codes.append(chooser.choice(choices))
        found = trace(session, codes)
        before = happens_before(found)
        unordered = [
            (earlier.number, later.number)
            for earlier, later in conflicts(found)
            if earlier.number not in before[later.number]
        ]
        kinds = {str(finding.kind) for finding in found.findings}
        assert bool(unordered) == bool(kinds & {"data-race", "unsynchronised-free"})


@pytest.mark.parametrize(
    "found",
    [
        run(published("release", "acquire"), ["T1", "T1", "T2", "T2"]),
        run(published("relaxed", "acquire"), ["T1", "T1", "T2", "T2"]),
        run(published("release", "acquire"), ["T1", "T1", "T2@1"]),
        run(DROPPED, ["T1", "T1", "T2", "T3", "T3", "T3", "T3"]),
    ],
)
def test_text_html_svg_and_json_say_the_same_of_reads_and_orders(found):
    text = " ".join(str(found).split())
    html = " ".join(unescape(re.sub(r"<[^>]+>", " ", found._repr_html_())).split())
    picture = ElementTree.fromstring(found.svg())
    (described,) = [node.text for node in picture.iter() if node.tag.endswith("desc")]
    stored = json.loads(found.to_json())["steps"]
    for step, kept in zip(found.steps, stored, strict=True):
        memory = step.memory
        if memory is None:
            assert kept["memory"] is None
            continue
        assert kept["memory"]["source"] == memory.source
        assert kept["memory"]["is_old"] == memory.is_old
        assert kept["memory"]["synchronises_with"] == list(memory.synchronises_with)
        said = []
        if memory.is_old:
            value = "null" if memory.value is None else memory.value
            of = f"of step {memory.source}" if memory.source else "from the start"
            said.append(f"reads old {value} {of}")
        elif memory.source:
            said.append(f"reads step {memory.source}")
        for number in memory.synchronises_with:
            said.append(f"ordered after step {number}")
            assert f"Step {number} and step {step.number}: release" in described
        for form in (html, described):
            assert all(words in form for words in said)
        assert all(word in text for words in said for word in words.split())
    if found.finding is not None:
        for form in (text, html, described):
            assert found.finding.message in form


def test_tokens_do_not_depend_on_the_edges():
    found = run(published("release", "acquire"), ["T1", "T1", "T2", "T2"])
    bare = [
        step
        if step.memory is None
        else replace(step, memory=replace(step.memory, synchronises_with=()))
        for step in found.steps
    ]
    assert bare != list(found.steps)
    assert steps_digest(bare) == steps_digest(found.steps)
    assert refrace.replay(found.token).steps == found.steps
