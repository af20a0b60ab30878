"""Findings as SARIF 2.1.0, which code scanners of CI services read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from refrace.findings import Finding, FindingKind

__all__ = ["Place", "sarif_text"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

# Kinds that waste memory or stop threads, but touch no memory wrongly.
_WARNINGS = (FindingKind.LEAK,)


@dataclass(frozen=True, slots=True)
class Place:
    """A step on the way to a finding: its thread, what it does, and its line of C."""

    thread: str
    said: str
    file: str | None = None
    line: int | None = None


def sarif_text(
    answer: str,
    version: str,
    findings: Sequence[tuple[Finding, Sequence[Place]]],
    inconclusive: str | None,
) -> str:
    """Return a log with one run.

    Parameters
    ----------
    answer : str
        The result in one sentence.
    version : str
        The version of refrace.
    findings : sequence of (Finding, steps)
        Each finding and the steps that lead to it, if they are known.
    inconclusive : str or None
        Why the result is inconclusive; None if it is not.
    """
    kinds = list(dict.fromkeys(finding.kind for finding, _ in findings))
    notices = [{"level": "note", "message": {"text": answer}}]
    if inconclusive is not None:
        notices.append({"level": "warning", "message": {"text": inconclusive}})
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "refrace",
                        "version": version,
                        "rules": [_rule(kind) for kind in kinds],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": inconclusive is None,
                        "toolExecutionNotifications": notices,
                    }
                ],
                "results": [_result(*each, kinds) for each in findings],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _level(kind: FindingKind) -> str:
    return "warning" if kind in _WARNINGS else "error"


def _rule(kind: FindingKind) -> dict[str, Any]:
    return {
        "id": str(kind),
        "shortDescription": {"text": str(kind).replace("-", " ")},
        "defaultConfiguration": {"level": _level(kind)},
    }


def _result(
    finding: Finding, steps: Sequence[Place], kinds: list[FindingKind]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": str(finding.kind),
        "ruleIndex": kinds.index(finding.kind),
        "level": _level(finding.kind),
        "message": {"text": f"{finding.message}."},
        "occurrenceCount": finding.count,
    }
    last = next((step for step in reversed(steps) if step.file), None)
    if last is not None:
        result["locations"] = [_location(last)]
    if steps:
        threads = dict.fromkeys(step.thread for step in steps)
        result["codeFlows"] = [
            {"threadFlows": [_thread_flow(thread, steps) for thread in threads]}
        ]
    return result


def _thread_flow(thread: str, steps: Sequence[Place]) -> dict[str, Any]:
    return {
        "id": thread,
        "locations": [
            {"executionOrder": order, "location": _location(step)}
            for order, step in enumerate(steps, 1)
            if step.thread == thread
        ],
    }


def _location(step: Place) -> dict[str, Any]:
    location: dict[str, Any] = {
        "message": {"text": step.said},
        "logicalLocations": [{"name": step.thread, "kind": "member"}],
    }
    if step.file is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": step.file},
            "region": {"startLine": step.line},
        }
    return location
