"""Each finding says in a sentence what went wrong; sentences are compared whole."""

import tomllib
from pathlib import Path

import pytest

import refrace

TABLE = Path(__file__).with_name("sentences.toml")
CASES = tomllib.loads(TABLE.read_text(encoding="utf-8"))


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture
def trace(case):
    memory = case.get("memory", "sc")
    found = refrace.explore(case["program"], case["mode"], memory=memory)
    return found.counterexample(case["kind"])


def test_a_finding_says_in_words_what_went_wrong(case, trace):
    assert trace.finding.message == " ".join(case["sentence"].split())


def test_a_replayed_run_is_explained_in_the_same_words(trace):
    assert refrace.replay(trace.token) == trace
    assert refrace.replay(trace.to_json()) == trace


def test_the_text_of_a_trace_fits_80_columns(trace):
    assert max(map(len, str(trace).splitlines())) <= 80


def test_there_is_a_sentence_for_every_kind():
    assert {case["kind"] for case in CASES.values()} == set(refrace.FindingKind)
