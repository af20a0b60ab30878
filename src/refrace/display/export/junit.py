"""A result as JUnit XML: one test case, which findings fail."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.display.pictures.shapes import clean
from refrace.findings import Finding

__all__ = ["junit_text"]


def junit_text(
    kind: str,
    answer: str,
    details: str,
    findings: Sequence[Finding],
    inconclusive: str | None,
    seconds: float,
) -> str:
    """Return a suite with one test case.

    Parameters
    ----------
    kind : str
        The kind of result, such as ``"exploration"``.
    answer, details : str
        The result in one sentence, and in full.
    findings : sequence of Finding
        Each is a failure.
    inconclusive : str or None
        Why the result is inconclusive, which is an error; None if it is not.
    seconds : float
        The time that it took.
    """
    outcomes = [
        f"<failure type={_value(finding.kind)} message={_value(finding.message)}>"
        f"{clean(str(finding))}</failure>"
        for finding in findings
    ]
    if inconclusive is not None:
        outcomes.append(
            f'<error type="inconclusive" message={_value(inconclusive)}></error>'
        )
    time = f'time="{seconds:.3f}"'
    failed, errors = int(bool(findings)), int(inconclusive is not None)
    inner = "".join(outcomes)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuites><testsuite name="refrace" tests="1" failures="{failed}" '
        f'errors="{errors}" skipped="0" {time}>'
        f"<testcase classname={_value(f'refrace.{kind}')} name={_value(answer)} {time}>"
        f"{inner}<system-out>{clean(details)}</system-out></testcase>"
        "</testsuite></testsuites>\n"
    )


def _value(content: str) -> str:
    """Return an attribute with its quotes; control characters are not legal in XML."""
    return f'"{clean(str(content))}"'
