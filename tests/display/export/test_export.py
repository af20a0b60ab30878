"""Markdown, Mermaid, SARIF and JUnit state what the result states."""

import json
import re
from xml.etree import ElementTree

import pytest
from display.pictures.results import MAKERS, TRACES, result
from hypothesis import given
from hypothesis import strategies as st

from refrace.display.export.junit import junit_text
from refrace.display.export.markdown import markdown_text
from refrace.display.export.mermaid import sequence_diagram
from refrace.display.pictures.space_time import Event, Run, WordLane
from refrace.findings import Finding, FindingKind

every = pytest.mark.parametrize("name", MAKERS)

# One statement of the subset of Mermaid that is written, to the end of its line.
STATEMENT = re.compile(
    r"participant [tw]\d+ as [^;]+"
    r"|[tw]\d+-?->>[tw]\d+: .+"
    r"|Note over t\d+(,t\d+)?: .+"
)


def statements(diagram):
    first, *rest = diagram.rstrip("\n").split("\n")
    assert first == "sequenceDiagram"
    for line in rest:
        without_entities = re.sub(r"#\d+;|<br/>", "", line.strip())
        assert not re.search(r"[#;<{}\"%]|(?<!-)>(?!>)(?<!->>)", without_entities[30:])
        yield line.strip()


@pytest.mark.parametrize("name", TRACES)
def test_a_sequence_diagram_has_an_arrow_for_each_step_and_the_verdict(name):
    trace = result(name)
    lines = [*statements(trace.mermaid())]

    assert all(STATEMENT.fullmatch(line) for line in lines), lines
    numbered = [line for line in lines if re.search(r">>[tw]\d+: \d+\. ", line)]
    assert len(numbered) == len(trace.steps)
    said = lines[-1].replace("<br/>", " ")
    assert trace.finding.message.replace(">", "#62;") in said


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_text_is_one_line_of_a_sequence_diagram(label, name):
    event = Event(1, 0, "load", label, word=0, moved=label)
    run = Run("", "", ["T1"], [WordLane(name, (name,))], [event], label, False)

    for line in [*statements(sequence_diagram(run))]:
        assert STATEMENT.fullmatch(line, re.ASCII) or "\n" not in line
    assert sequence_diagram(run).count("\n") == 5


@every
def test_markdown_has_the_whole_text_in_a_block(name):
    text = result(name).markdown()
    (block,) = re.findall(r"^(`{3,})text\n(.*?)\n\1$", text, re.MULTILINE | re.DOTALL)

    assert block[1] == str(result(name))
    assert text.startswith("**")


@given(st.text(alphabet="`ab\n", max_size=40))
def test_no_text_ends_its_block_of_markdown(details):
    text = markdown_text("a", details, "")
    fence = re.search(r"^(`+)text$", text, re.MULTILINE).group(1)
    inner = text.partition(f"{fence}text\n")[2]
    assert inner == f"{details}\n{fence}\n"
    assert fence not in details


@every
def test_sarif_has_a_result_for_each_finding_and_a_rule_for_each_kind(name):
    found = result(name)
    log = json.loads(found.sarif())

    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert sorted(rules) == sorted({str(f.kind) for f in found.findings})
    assert len(run["results"]) == len(found.findings)
    for stated, finding in zip(run["results"], found.findings, strict=True):
        assert rules[stated["ruleIndex"]] == stated["ruleId"] == finding.kind
        assert finding.message in stated["message"]["text"]
        assert stated["occurrenceCount"] == finding.count
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is found.conclusive


@pytest.mark.parametrize("name", TRACES)
def test_sarif_has_the_steps_of_each_thread_in_their_order(name):
    trace = result(name)
    (run,) = json.loads(trace.sarif())["runs"]
    flows = run["results"][0]["codeFlows"][0]["threadFlows"]

    order = {
        step["executionOrder"]: flow["id"]
        for flow in flows
        for step in flow["locations"]
    }
    assert [order[n] for n in sorted(order)] == [step.thread for step in trace.steps]
    lines = {
        (place["artifactLocation"]["uri"], place["region"]["startLine"])
        for flow in flows
        for step in flow["locations"]
        if (place := step["location"].get("physicalLocation"))
    }
    assert lines == {(s.c_file, s.c_line) for s in trace.steps if s.c_file}


@every
def test_junit_is_one_test_case_that_findings_fail_and_doubt_breaks(name):
    found = result(name)
    root = ElementTree.fromstring(found.junit())
    (case,) = root.iter("testcase")

    assert case.get("name") == found.answer
    assert len(case.findall("failure")) == len(found.findings)
    for failure, finding in zip(case.findall("failure"), found.findings, strict=True):
        assert failure.get("type") == finding.kind
        assert failure.get("message") == finding.message
    assert len(case.findall("error")) == (not found.conclusive)
    (suite,) = root.iter("testsuite")
    assert suite.get("failures") == str(int(bool(found.findings)))


@given(st.text(), st.text())
def test_any_text_is_legal_in_junit(answer, message):
    finding = Finding(FindingKind.LEAK, None, message)
    text = junit_text("race", answer, answer, [finding], message, 0.5)
    assert ElementTree.fromstring(text).tag == "testsuites"
