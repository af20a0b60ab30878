"""Programs about counts as libraries write them, against the answers by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import refrace

NO_STEP = "skipped = 0"
"""What stands in a hole where nothing is done: a statement on locals."""

SAID_BY_THE_LEDGER = {"leak", "count-too-low"}
"""The programs count in cells, so the count of the object itself says nothing."""


def cases():
    found = []
    table = tomllib.loads(Path(__file__).with_name("counts_by_hand.toml").read_text())
    for name, case in table.items():
        holes = case["holes"].split()
        for *chosen, kinds in case["orders"]:
            text = case["program"]
            for hole, order in zip(holes, chosen, strict=True):
                filling = NO_STEP if order == "skip" else order
                text = text.replace("{" + hole + "}", filling)
            mark = f"{name}: {', '.join(chosen)}"
            found.append(pytest.param(text, set(kinds.split()), id=mark))
    return found


@pytest.mark.parametrize(("program", "kinds"), cases())
def test_the_explorer_gives_the_answer_by_hand(program, kinds):
    explored = refrace.explore(program, memory="c11", history=15)

    found = {str(finding.kind) for finding in explored.findings} - SAID_BY_THE_LEDGER
    assert explored.is_conclusive
    assert found == kinds
