"""The walk of terminals and scripts says what the explorer and the ES module say."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from display.pictures.results import BORROWED, CROSSED, LOST
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import refrace
import refrace.explorer.walk
from refrace.strategies import programs

MODULES = Path(refrace.__file__).parent / "display" / "stepper"
MODES = [mode.name for mode in refrace.modes()]


def walk_of(program, mode="unlocked", **options):
    return refrace.step(program, mode, **options).walk()


def by_thread(walk, *threads):
    """Take a step of each thread in turn."""
    for thread in threads:
        code = next(one.code for one in walk.choices if one.thread == thread)
        assert walk.take(code)


def test_the_lost_decrement_is_reached_by_choosing_threads():
    walk = walk_of(LOST)
    assert walk.verdict == "From here, 4 of 6 runs go wrong."
    assert [float(choice.share) for choice in walk.choices] == [2 / 3, 2 / 3]

    by_thread(walk, "T1", "T2", "T2")
    assert walk.verdict == "From here, the only run goes wrong."
    by_thread(walk, "T1")

    assert walk.verdict == "This run goes wrong: leak."
    assert (walk.is_over, walk.kinds, walk.preemptions) == (True, ["leak"], 1)


def test_steps_are_undone_and_redone():
    walk = walk_of(LOST)
    by_thread(walk, "T1", "T2")
    walk.back()
    assert walk.at == 1
    walk.forward()
    assert (walk.at, [step.code // 4 for step in walk.steps()]) == (2, [0, 1])
    walk.start()
    assert walk.state == 0
    walk.back()
    assert walk.at == 0


def test_another_choice_forgets_the_steps_that_were_undone():
    walk = walk_of(LOST)
    by_thread(walk, "T1", "T2", "T2")
    walk.back()
    walk.back()
    by_thread(walk, "T1")
    assert len(walk.codes) == 2


def test_forward_takes_the_only_step_but_chooses_none():
    walk = walk_of(LOST)
    walk.forward()
    assert walk.at == 0
    by_thread(walk, "T1", "T2", "T2")
    walk.forward()
    assert walk.verdict == "This run goes wrong: leak."


def test_an_impossible_step_changes_nothing():
    walk = walk_of(LOST)
    by_thread(walk, "T1")
    assert not walk.take(99)
    with pytest.raises(refrace.InvalidArgument, match=r"codes\[1\] is 99"):
        walk.go([0, 99])
    assert walk.taken == [0]


def test_the_counterexample_is_the_explorer_s():
    walk = walk_of(LOST)
    assert walk.counterexample()
    found = refrace.explore(LOST, "unlocked").counterexample()
    assert (walk.at, walk.preemptions) == (len(found.steps), found.preemptions)

    safe = walk_of(LOST, "atomic")
    assert not safe.counterexample()


def test_making_it_fail_is_judged():
    walk = walk_of(LOST)
    walk.goal = "fail"
    assert (walk.verdict, walk.judgement) == ("Find a run that goes wrong.", "")
    walk.counterexample()
    assert walk.judgement == (
        "You did it, in 4 steps, 1 preemption. The smallest such run has 4 steps."
    )
    walk.start()
    by_thread(walk, "T1", "T1", "T2", "T2", "T2")
    assert walk.judgement == "It was decided in step 2: go back and choose again."


def test_keeping_it_safe_is_judged():
    walk = walk_of(LOST)
    walk.goal = "safe"
    by_thread(walk, "T1", "T1", "T2", "T2", "T2")
    assert walk.judgement == "You did it, in 5 steps, 0 preemptions."
    walk.goal = "safe"
    assert walk.at == 0
    by_thread(walk, "T1", "T2", "T2", "T1")
    assert walk.judgement == "It was decided in step 2: go back and choose again."


def test_an_unknown_goal_names_the_others():
    walk = walk_of(LOST)
    with pytest.raises(refrace.InvalidArgument, match="'explore', 'fail', 'safe'"):
        walk.goal = "win"


def test_variables_say_what_the_last_step_changed():
    walk = walk_of(LOST)
    by_thread(walk, "T1")
    rows = {name: (value, old) for name, value, old in walk.variables()}
    assert rows["A true count"] == ("1", "2")
    assert rows["A count"] == ("2", None)


def test_waiting_threads_are_named():
    walk = walk_of(CROSSED, "atomic")
    by_thread(walk, "T1", "T2")
    assert walk.waits == [
        "T1 waits for B.m, which T2 holds",
        "T2 waits for A.m, which T1 holds",
    ]


def test_the_next_lines_are_those_of_the_program_as_shown():
    walk = walk_of(BORROWED, "atomic")
    for number, threads in walk.next_lines().items():
        text = walk.data["program"][number - 1].strip()
        assert any(
            choice.shown["does"].startswith(text) and choice.thread in threads
            for choice in walk.choices
        )


def test_a_stepper_that_begins_with_a_run_walks_on_from_there():
    run = refrace.explore(LOST, "unlocked").counterexample()
    assert run.stepper().walk().verdict == "This run goes wrong: leak."


@settings(max_examples=25, deadline=None)
@given(programs(), st.sampled_from(MODES), st.data())
def test_a_run_to_its_end_has_the_findings_of_its_trace(program, mode, data):
    assume(refrace.mode(mode).has_operations_of(program))
    try:
        stepper = refrace.step(program, mode, max_states=1000)
    except refrace.LimitReached:
        assume(False)
    walk = stepper.walk()
    while not walk.is_over and walk.at < 60:
        walk.take(data.draw(st.sampled_from(walk.choices)).code)
    run = stepper.trace(walk.taken)

    assert walk.preemptions == run.preemptions
    if walk.is_over and "livelock" not in walk.kinds:
        found = [] if run.finding is None else [run.finding, *run.others]
        assert sorted(walk.kinds) == sorted({str(one.kind) for one in found})


def test_the_es_module_says_the_same(tmp_path):
    """Over all states of some programs, in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("NOT TESTED: there is no Node.js here")
    cases = []
    for program, mode in (
        (LOST, "unlocked"),
        (BORROWED, "atomic"),
        (CROSSED, "atomic"),
        ("int N = 0\nT1: await N\nT2: N = 1", "atomic"),
        ("int N = 0\nT1: while 1 == 1 { k = N ; if k { break } }\nT2: N = 1", "gil"),
    ):
        data = refrace.step(program, mode).data
        cases.append({"data": data, "runs": runs_through(data)})
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    script = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ Run, chances, share }} from "{(MODULES / "stepper.mjs").as_uri()}";
    const cases = JSON.parse(readFileSync("{tmp_path}/cases.json"));
    const said = cases.map(({{ data, runs }}) => runs.map((codes) => {{
      const run = new Run(data);
      codes.forEach((code) => run.take(code));
      const value = share(data, run.state);
      return [run.state, run.preemptions, run.choices.map((one) => one[0]),
        chances(data, run.state), Number.isNaN(value) ? null : value];
    }}));
    console.log(JSON.stringify(said));
    """
    (tmp_path / "compare.mjs").write_text(script)
    ran = subprocess.run(
        [node, tmp_path / "compare.mjs"], capture_output=True, text=True, check=True
    )
    for case, theirs in zip(cases, json.loads(ran.stdout), strict=True):
        for codes, (state, preemptions, choices, chances, share) in zip(
            case["runs"], theirs, strict=True
        ):
            walk = refrace.explorer.walk.Walk(case["data"], codes)
            assert (walk.state, walk.preemptions) == (state, preemptions)
            assert [one.code for one in walk.choices] == choices
            assert walk.chances(walk.state) == chances
            ours = walk.share(walk.state)
            assert (ours is None) == (share is None)
            assert ours is None or float(ours) == pytest.approx(share, abs=1e-6)


def runs_through(data):
    """A shortest run to each state."""
    runs = {0: []}
    for state in (queue := [0]):
        for code, target, _ in data["edges"][state]:
            if target not in runs:
                runs[target] = [*runs[state], code]
                queue.append(target)
    return list(runs.values())
