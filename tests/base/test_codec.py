"""Stored results are read back whole, or refused with place and cure."""

import json

import pytest

import refrace
from refrace._base.codec import decode, encode

DATA = refrace.race("atomic", objects=1, seed=1).to_dict()


def changed(**changes):
    return {**DATA, **changes}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed(format="refrace/other"), "format is 'refrace/other'"),
        (changed(version=99), "version is 99; this refrace reads version 2"),
        (changed(intact="1"), r"race\.intact is '1'; expected a value of type int"),
        (changed(intact=True), r"race\.intact is True; expected"),
        (changed(gil="gone"), r"race\.gil is 'gone'; expected one of"),
        (changed(overlap=None), r"race\.overlap is None; expected a number"),
        (changed(environment=3), r"race\.environment is 3; expected an object"),
        (changed(mode="zz"), r"race\.mode is 'zz', which this refrace does not have"),
        ({k: v for k, v in DATA.items() if k != "seed"}, "expected the fields"),
        (changed(extra=1), "expected the fields"),
        ([], "format is"),
        (None, "format is"),
    ],
)
def test_data_that_does_not_fit_is_refused_with_its_place(data, message):
    with pytest.raises(refrace.InvalidData, match=message):
        refrace.RaceReport.from_dict(data)


@pytest.mark.parametrize("text", ["", "{", "nul", None, 7])
def test_text_that_is_not_json_is_refused(text):
    with pytest.raises(refrace.InvalidData, match="not JSON"):
        refrace.RaceReport.from_json(text)


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {"kind": "leek", "object": None, "message": "", "count": 1}]
)
def test_anything_but_a_finding_is_refused(wrong):
    with pytest.raises(refrace.InvalidData, match=r"^finding"):
        refrace.Finding.from_dict(wrong)


def test_what_is_stored_names_its_format_and_version_first():
    assert list(json.loads(json.dumps(DATA)))[:2] == ["format", "version"]


def test_a_tuple_of_findings_goes_through_json_unchanged():
    findings = (refrace.Finding(refrace.FindingKind.LEAK, "A", "why", 2),)

    stored = json.loads(json.dumps(encode(findings)))

    assert decode(tuple[refrace.Finding, ...], stored, "findings") == findings
