"""The stepper under C11: reads choose what they see, with exact counts."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import refrace
from refrace.explorer.memory import Memory
from refrace.explorer.session import session_of
from refrace.explorer.walk import Walk
from refrace.traces.schedule import labels_of

LITMUS = tomllib.loads(Path(__file__).with_name("litmus.toml").read_text())
MODULES = Path(refrace.__file__).parent / "display" / "stepper"
PUBLISHED = """
obj A
slot S = null
hold T1.x = A
T1: put x ; S = x relaxed
T2: y = S relaxed ; if y != null { use y }
"""
DROPPED = """
obj A rc 0
borrow T1.x = A
borrow T2.x = A
int N = 2
T1: use x ; n = fdec N release ; if n == 0 { free x }
T2: use x ; n = fdec N release ; if n == 0 { free x }
"""
STORES = (
    "int X = 0\nT1: X = 1 relaxed ; X = 2 relaxed\nT2: X = 3 relaxed ; n = X relaxed"
)
UPGRADED = """
slot S = A
T1: x = swap S null relaxed ; decref x
T2: y = upgrade S relaxed ; if y != null { decref y }
"""
USED = "hold T1.x = A\nhold T2.x = A\nT1: use x ; decref x\nT2: use x ; decref x"
MODES = {
    PUBLISHED: "atomic",
    DROPPED: "atomic",
    STORES: "atomic",
    UPGRADED: "sticky",
    "slot S = null\nT1: x = new A ; S = x release\nT2: y = S acquire": "atomic",
    USED: "biased",
}
CASES = [
    *MODES.items(),
    *(
        (LITMUS[name]["program"].format(s="relaxed", l="relaxed", f=""), "atomic")
        for name in ("SB", "MP", "CoRR", "2+2W")
        if name in LITMUS
    ),
]


def wrong_runs(found):
    return sum(one.interleavings for kinds, one in found.outcomes.items() if kinds)


@pytest.mark.parametrize(("program", "mode"), CASES)
def test_the_first_state_has_the_exact_numbers_of_an_exploration(program, mode):
    stepper = refrace.step(program, mode, memory="c11", max_states=20_000)
    found = refrace.explore(program, mode, memory="c11")

    assert int(stepper.data["runs"][0]) == found.interleavings
    assert int(stepper.data["wrong"][0]) == wrong_runs(found)
    assert (stepper.data["shortest"] is None) == (found.verdict == "safe")
    if found.traces:
        first, ours = found.counterexample(), stepper.trace()
        assert (ours.preemptions, len(ours.steps)) == (
            first.preemptions,
            len(first.steps),
        )


@pytest.mark.parametrize(("program", "mode"), CASES)
def test_choices_and_what_they_read_are_those_of_a_replay(program, mode):
    session = session_of(program, mode, "released", Memory("c11"))
    walk = refrace.step(program, mode, memory="c11", max_states=20_000).walk()
    chooser = random.Random(1)
    for _ in range(5):
        walk.start()
        walk.codes = []
        while not walk.is_over:
            assert [one.code for one in walk.choices] == session.choices(walk.taken)
            walk.take(chooser.choice(walk.choices).code)
        run = session.replay(walk.taken)
        for ours, theirs in zip(walk.steps(), run.steps, strict=True):
            memory = theirs.memory
            if not ours.reads.startswith("reads"):
                continue
            of = f"of step {memory.source}" if memory.source else "from the start"
            value = "null" if memory.value is None else memory.value
            said = f"old {value} {of}" if memory.is_old else f"{value} {of}, the newest"
            assert ours.reads == f"reads {said}"
        assert sorted({str(one.kind) for one in run.findings}) == sorted(walk.kinds)


def test_a_read_of_an_old_write_is_a_choice_with_a_label_of_its_own():
    stepper = refrace.step(PUBLISHED, memory="c11")
    walk = stepper.walk()
    walk.go([0, 0])

    assert labels_of([one.code for one in walk.choices], ["T1", "T2", "end"]) == (
        "T2",
        "T2@1",
    )
    assert [one.reads for one in walk.choices] == [
        "reads A of step 2, the newest",
        "reads old null from the start",
    ]
    assert [one.chances for one in walk.choices] == ["goes wrong", "ends intact"]
    walk.take(walk.choices[1].code)
    assert (walk.size, walk.old_values) == (
        "3 steps, 0 preemptions, 1 old value",
        1,
    )


def test_the_state_shows_what_each_thread_may_read_and_what_it_is_not_after():
    walk = refrace.step(PUBLISHED, memory="c11").walk()
    walk.go([0, 0])
    rows = {name: value for name, value, _ in walk.variables()}

    assert rows["S writes"] == "null, A"
    assert rows["T2 may read"] == "S: old null or A"
    assert rows["T2 is not after"] == "T1's accesses to A"
    assert "T1 may read" not in rows  # it reads nothing any more


def test_released_accesses_are_known_to_the_thread_that_acquires():
    program = PUBLISHED.replace("x relaxed", "x release").replace(
        "S relaxed", "S acquire"
    )
    walk = refrace.step(program, memory="c11").walk()
    walk.go([0, 0])
    assert "T2 is not after" in {name for name, _, _ in walk.variables()}
    walk.take(walk.choices[0].code)
    assert "T2 is not after" not in {name for name, _, _ in walk.variables()}


def test_a_store_may_land_behind_an_older_write():
    walk = refrace.step(STORES, memory="c11").walk()
    walk.go([0, 0])

    assert [one.reads for one in walk.choices] == [
        "behind the newest write",
        "behind an older write",
        "behind an older write",
    ]


def test_a_trace_and_an_exploration_under_c11_have_a_stepper():
    found = refrace.explore(PUBLISHED, memory="c11")
    run = found.counterexample()

    assert run.stepper().walk().verdict == "This run goes wrong: data-race."
    assert found.stepper().data["memory"] == "c11"
    assert "Step through it" in found.html()
    assert run.stepper().trace().token == run.token


def test_a_run_with_too_much_history_is_refused_with_a_cure():
    with pytest.raises(refrace.ProgramTooLarge, match="raise `history`"):
        refrace.step(STORES, memory="c11", history=1)
    with pytest.raises(refrace.InvalidArgument, match="memory"):
        refrace.step(STORES, memory="tso")


def test_the_es_module_makes_the_tokens_of_the_traces(tmp_path):
    """Under both memory models, of random runs, in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("NOT TESTED: there is no Node.js here")
    chooser = random.Random(1)
    cases, tokens = [], []
    for program, mode in CASES:
        for memory in ("sc", "c11"):
            stepper = refrace.step(program, mode, memory=memory, max_states=20_000)
            walk = stepper.walk()
            while not walk.is_over:
                walk.take(chooser.choice(walk.choices).code)
            said = [step.reads for step in walk.steps()]
            cases.append({"data": stepper.data, "codes": walk.taken, "said": said})
            kinds = [refrace.FindingKind(one) for one in walk.kinds]
            run = stepper.trace(walk.taken)
            if kinds and run.finding.kind != kinds[0]:
                run = run.replace(
                    finding=next(o for o in run.findings if o.kind == kinds[0])
                )
            tokens.append(run.token)
            assert refrace.replay(run.token).token == run.token
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    script = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ Run, writeReadBy }} from "{(MODULES / "stepper.mjs").as_uri()}";
    import {{ tokenOf }} from "{(MODULES / "token.mjs").as_uri()}";
    const cases = JSON.parse(readFileSync("{tmp_path}/cases.json"));
    console.log(JSON.stringify(cases.map(({{ data, codes }}) => {{
      const run = new Run(data);
      run.go(codes);
      const said = [...run.walked()].map(([, before, , , , edge, sources]) =>
        writeReadBy(data, before, edge, sources));
      return [tokenOf(data, run), said, run.size];
    }})));
    """
    (tmp_path / "compare.mjs").write_text(script)
    ran = subprocess.run(
        [node, tmp_path / "compare.mjs"], capture_output=True, text=True, check=True
    )
    answers = json.loads(ran.stdout)
    for case, token, answer in zip(cases, tokens, answers, strict=True):
        size = Walk(case["data"], case["codes"]).size
        assert answer == [token, case["said"], size]
