"""The merged graph against the same steps enumerated run by run, merging nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import explore, parse
from reference.access import EPOCHS_ON
from reference.counting import MODES, ON_THE_WORD, has_word
from reference.state import Finding, State, initial_state
from reference.steps import Machine

STEPS = [
    "incref x",
    "decref x",
    "use x",
    "put x",
    "decref_rlx x",
    "gil",
    "fence",
    "quiesce",
    "detach\n attach",
    "detach\n use x\n attach",
    "maybe f",
    "lock L\n unlock L",
    "b = try_incref x",
    "y = upgrade S\n if y != null { decref y }",
    "y = S\n if y != null { incref y }",
    "old = swap S null\n if old != null { decref old }",
    "n = rc x\n setrc x n + 1",
]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Draw a program of two threads with a few steps each."""
    bodies = [
        draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=size))
        for size in (3, 2)
    ]
    finaliser = draw(st.sampled_from(["", " final f", " stable"]))
    lines = [f"obj A{finaliser}", "slot S = A", "lock L", "int N = 0"]
    lines.append("fn f: n = finc N")
    for number, body in enumerate(bodies, 1):
        lines.append(f"hold T{number}.x = A")
        lines.append(f"T{number}: " + "\n ".join(body))
    return "\n".join(lines)


def every_run(text: str, mode: str, gil: str) -> list:
    """Return for every run its kinds, its probability, preemptions and steps."""
    machine = Machine(parse(text), mode, gil)
    runs = []

    def go_on(
        state: State, chance: Fraction, preemptions: int, steps: int, last: str | None
    ) -> None:
        branches = machine.branches(state)
        if not branches:
            kinds = state.latent | machine.verdict(state)
            runs.append((kinds, chance, preemptions, steps))
            return
        ready = {branch.thread for branch in branches if not branch.is_drain}
        for branch in branches:
            after, share = state.copy(), chance / len(branches)
            switch = not branch.is_drain and last in ready and branch.thread != last
            cost = preemptions + switch
            try:
                machine.take(after, branch)
            except Finding as finding:
                kinds = after.latent | {finding.kind}
                runs.append((kinds, share, cost, steps + 1))
            else:
                now = last if branch.is_drain else branch.thread
                go_on(after, share, cost, steps + 1, now)

    start = initial_state(machine.program)
    machine.begin(start)
    go_on(start, Fraction(1), 0, 0, None)
    return runs


@settings(max_examples=30, deadline=None, derandomize=True)
@given(programs(), st.sampled_from(MODES), st.sampled_from(["released", "held"]))
def test_merging_states_changes_no_number(text: str, mode: str, gil: str) -> None:
    words = set(text.replace("\n", " ").split())
    if words & ON_THE_WORD and not has_word(mode):
        return  # no program of that mode
    found = explore(text, mode, gil)
    if found.interleavings is None or found.interleavings > 5_000:
        return  # too many to write out one by one; the closed forms cover large ones
    runs = every_run(text, mode, gil)
    assert len(runs) == found.interleavings
    assert sum(chance for _, chance, _, _ in runs) == 1
    for kinds, outcome in found.outcomes.items():
        alike = [chance for other, chance, _, _ in runs if other == kinds]
        assert (len(alike), sum(alike)) == outcome
    ending = {kind for kinds, *_ in runs for kind in kinds}
    assert ending == set(found.findings)
    for kind in ending - {"dangling-free"}:  # which is reported before its run ends
        best = min(run[2:] for run in runs if kind in run[0])
        assert found.findings[kind][:2] == best


@settings(max_examples=40, deadline=None, derandomize=True)
@given(programs())
def test_what_is_safe_with_atomic_counts_is_safe_with_locked_ones(text: str) -> None:
    if explore(text).verdict == "safe":
        for mode in ("object_lock", "global_lock"):
            assert explore(text, mode).verdict == "safe"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(programs())
def test_the_gil_takes_runs_away_and_adds_none(text: str) -> None:
    free, held = explore(text), explore(text, gil="held")
    assert set(held.outcomes) <= set(free.outcomes)
    for kind, (preemptions, _, _) in held.findings.items():
        assert free.findings[kind].preemptions <= preemptions


# A loop that puts off one more decrement each time comes back to no state.
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in EPOCHS_ON])
def test_chances_add_up_to_one_in_programs_with_cycles(mode: str) -> None:
    text = """slot S = A\nint N = 0\nborrow T1.x = A
    T1: n = N
      while n == 0 { n = N ; incref x ; decref x }
    T2: y = upgrade S ; N = 1 ; decref y"""
    found = explore(text, mode)
    assert sum(outcome.probability for outcome in found.outcomes.values()) == 1
    assert found.interleavings is None
