"""Programs on real threads: what must hold in every race."""

from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from races.predicted import check, some_rounds

import refrace
from refrace import gallery, strategies
from refrace.explorer.scenarios import SCENARIOS

MODES = [mode.name for mode in refrace.modes()]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]
GIL_SETTINGS = (
    ["released", "held"] if refrace.Environment.current().gil_enabled else ["released"]
)
FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
SPIN = "int N = 0\nT1: n = N\n  while n == 0 {\n    n = N\n  }\nT2: N = 0"


def has_no_native_form(program):
    return " max " in str(program)


GAPS = ("natural", "widened")
WHOLE = ("immortalise", "merge", "enable_try")
# Few modes change whole counts.
RACED = [name for name in strategies.FEATURES if name not in WHOLE]


def the_part(report):
    """The one part of a report of natural, or of widened, rounds alone."""
    (part,) = report.parts
    return part


# ----------------------------------------------------------- the model and the machine


any_race = given(
    program=strategies.programs(min_threads=2, max_length=4, features=RACED).filter(
        lambda program: not has_no_native_form(program)
    ),
    gil=st.sampled_from(GIL_SETTINGS),
    gaps=st.sampled_from(GAPS),
)


def race_and_check(program, mode, gil, gaps):
    assume(refrace.mode(mode).has_operations_of(program))
    check(refrace.race(mode, program=program, gil=gil, gaps=gaps, rounds=40, seed=1))


@pytest.mark.parametrize("mode", MODES)
@settings(FIXED, max_examples=6)
@any_race
def test_every_outcome_on_real_threads_is_one_that_the_explorer_predicts(
    program, mode, gil, gaps
):
    race_and_check(program, mode, gil, gaps)


@pytest.mark.parametrize(
    "mode", [one.name for one in refrace.modes() if one.whole_count]
)
@settings(FIXED, max_examples=4)
@given(data=st.data())
def test_changes_of_the_whole_count_on_real_threads_are_predicted(mode, data):
    features = [*refrace.mode(mode).whole_count, "slots", "branches"]
    program = data.draw(
        strategies.programs(min_threads=2, max_length=4, features=features).filter(
            lambda program: program.facts.whole_count_changes
        )
    )

    for gil in GIL_SETTINGS:
        race_and_check(program, mode, gil, "natural")


@pytest.mark.soak
@pytest.mark.parametrize("mode", MODES)
@settings(FIXED, max_examples=40)
@any_race
def test_the_explorer_predicts_every_outcome_of_many_more_programs(
    program, mode, gil, gaps
):
    race_and_check(program, mode, gil, gaps)


any_clean_race = given(
    program=strategies.programs(
        min_threads=2, max_length=3, clean=True, features=RACED
    ),
    gil=st.sampled_from(GIL_SETTINGS),
    gaps=st.sampled_from(GAPS),
)


def race_cleanly(program, mode, gil, gaps):
    assume(refrace.mode(mode).has_operations_of(program))
    report = refrace.race(mode, program=program, gil=gil, gaps=gaps, rounds=40, seed=1)

    assert report.findings == ()
    assert the_part(report).undecided == the_part(report).disputed == 0


@pytest.mark.parametrize("mode", CORRECT)
@settings(FIXED, max_examples=8)
@any_clean_race
def test_nothing_goes_wrong_in_a_clean_program_in_a_mode_that_claims_correct(
    program, mode, gil, gaps
):
    race_cleanly(program, mode, gil, gaps)


@pytest.mark.soak
@pytest.mark.parametrize("mode", CORRECT)
@settings(FIXED, max_examples=20)
@any_clean_race
def test_nothing_goes_wrong_in_many_more_clean_programs(program, mode, gil, gaps):
    race_cleanly(program, mode, gil, gaps)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("gaps", GAPS)
@some_rounds(80, 300)
def test_threads_that_drop_one_reference_each_end_as_predicted(mode, n, gaps, rounds):
    names = [f"T{t}" for t in range(1, n + 1)]
    holds = [f"hold {name}.x = A" for name in names]
    drops = [f"{name}: decref x" for name in names]

    program = "\n".join([*holds, *drops])
    report = refrace.race(mode, program=program, gaps=gaps, rounds=rounds, seconds=1000)

    check(report)
    part = the_part(report)
    assert (part.rounds, part.operations) == (rounds, rounds * n)
    assert part.undecided == part.cut == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("gaps", GAPS)
@some_rounds(60, 300)
def test_pairs_of_increments_and_decrements_end_as_predicted(mode, gaps, rounds):
    body = "x = S ; incref x ; decref x"
    program = f"slot S = A\nT1: {body}\nT2: {body}\nT3: {body}"

    check(refrace.race(mode, program=program, gaps=gaps, rounds=rounds))


SETTLING = [mode.name for mode in refrace.modes() if mode.settles]
MANY = 150


@pytest.mark.parametrize("mode", SETTLING)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@some_rounds(20, MANY)
def test_owners_queues_and_the_ends_of_threads_are_native_and_as_predicted(
    scenario, mode, rounds
):
    if not refrace.mode(mode).has_operations_of(scenario.program):
        pytest.skip(f"{mode} has no count that is one word")
    turn = SETTLING.index(mode) + SCENARIOS.index(scenario)
    for number, (gil, gaps) in enumerate(product(GIL_SETTINGS, GAPS)):
        # In each run half of them, so that every mode and every scenario has all.
        if rounds == MANY or (number + number // 2 + turn) % 2 == 0:
            race_a_scenario(scenario, mode, gil, gaps, rounds)


def race_a_scenario(scenario, mode, gil, gaps, rounds):
    report = refrace.race(
        mode, program=scenario.program, gil=gil, gaps=gaps, rounds=rounds, seed=1
    )

    check(report)
    assert the_part(report).cut == 0
    # Where freed memory is used, more than one order can fit what was seen.
    if scenario.why_not_in(refrace.mode(mode)) is None and mode in CORRECT:
        assert the_part(report).undecided == 0


@pytest.mark.parametrize(
    "modes",
    [["biased", "epoch"], pytest.param(SETTLING, marks=pytest.mark.soak)],
    ids=["two", "all"],
)
@pytest.mark.parametrize("slug", gallery)
def test_the_patterns_of_the_gallery_end_as_predicted_where_threads_settle(slug, modes):
    for variant in gallery[slug].variants:
        for program in (variant.buggy, variant.fixed):
            if not has_no_native_form(program):
                for mode in modes:
                    if refrace.mode(mode).has_operations_of(program):
                        check(refrace.race(mode, program=program, rounds=20, seed=1))


# Of one thread there is one run, unless it is left to chance.
ALONE = [name for name in RACED if name not in ("maybe", "buffers", "interrupts")]


any_run_of_one = given(
    program=strategies.programs(max_threads=1, max_length=10, features=ALONE).filter(
        lambda program: not has_no_native_form(program)
    ),
    gil=st.sampled_from(GIL_SETTINGS),
)


def run_alone(program, mode, gil):
    assume(refrace.mode(mode).has_operations_of(program))

    report = refrace.race(
        mode, program=program, gil=gil, gaps="natural", rounds=2, seed=1
    )

    # What an operation gave, and all that the mode keeps, is compared after each one.
    check(report)
    assert report.undecided == report.cut == 0
    explored = refrace.explore(program, mode, gil)
    assert set(report.outcomes) == set(explored.outcomes)


@pytest.mark.parametrize("mode", MODES)
@settings(FIXED, max_examples=6)
@any_run_of_one
def test_one_thread_alone_agrees_with_the_model_at_every_step(program, mode, gil):
    run_alone(program, mode, gil)


@pytest.mark.soak
@pytest.mark.parametrize("mode", MODES)
@settings(FIXED, max_examples=40)
@any_run_of_one
def test_one_thread_alone_agrees_with_the_model_in_many_more_programs(
    program, mode, gil
):
    run_alone(program, mode, gil)


@pytest.mark.parametrize("slug", gallery)
def test_the_patterns_of_the_gallery_end_as_predicted(slug):
    for variant in gallery[slug].variants:
        if has_no_native_form(variant.buggy):
            continue
        check(refrace.race(variant.mode, program=variant.buggy, rounds=40))
        fixed = refrace.race(variant.mode, program=variant.fixed, rounds=40)
        assert fixed.findings == ()


# ------------------------------------------------------------------ what a round can do


def test_a_deadlock_ends_its_round_and_the_next_one_begins():
    program = "lock L1 L2\nT1: lock L1 ; await N ; lock L2\nT2: lock L2 ; lock L1"
    program = f"int N = 0\n{program}"

    report = refrace.race("atomic", program=program, rounds=20, gaps="natural")

    check(report)
    assert set(report.outcomes) == {frozenset({"deadlock"})}
    assert report.outcomes[frozenset({"deadlock"})].trace.waits


def test_a_round_without_an_end_is_cut_and_not_called_anything_else():
    report = refrace.race("atomic", program=SPIN, rounds=2, gaps="natural")

    assert (report.cut, report.outcomes) == (2, {})
    assert (report.known_rounds, report.is_conclusive) == (0, False)
    assert report.answer == (
        "atomic: no findings in 0 of 2 rounds on real threads; the outcome of the "
        "others is unknown."
    )
    assert "cut off after 20,000 steps" in str(report)


def test_objects_made_while_it_runs_need_no_limit_set_beforehand():
    """Deeper stacks, more objects, longer buffers than there is room for at first."""
    program = (
        "obj A final bye\nhold T1.x = A\nslot S = null\n"
        "T1: put x ; put x ; put x ; repeat 9 {\n    y = new M ; decref y\n  }\n"
        "  decref x\n"
        "T2: z = upgrade S\n"
        "fn bye: call deeper\nfn deeper: call deepest\nfn deepest: m = new M ; decref m"
    )

    report = refrace.race("object_lock", program=program, rounds=10)

    check(report)
    assert [set(part.outcomes) for part in report.parts] == [{frozenset()}] * 2


@pytest.mark.parametrize("gil", GIL_SETTINGS)
def test_one_thread_alone_has_one_outcome_in_every_round(gil):
    report = refrace.race(
        "unlocked", program="slot S = A\nT1: x = S ; incref x", gil=gil, rounds=50
    )

    assert report.outcomes[frozenset({"leak"})].rounds == 50
    assert report.met == 0


@pytest.mark.parametrize("gil", GIL_SETTINGS)
def test_the_checks_after_the_run_are_part_of_the_round(gil):
    """Two of them, so that there is one after the other."""
    ends = "n = N ; m = N ; assert n == 3"
    program = f"int N = 0\nT1: n = finc N\nT2: n = finc N\nend: {ends}"

    report = refrace.race("atomic", program=program, gil=gil, rounds=10)

    check(report)
    assert set(report.outcomes) == {frozenset({"wrong-value"})}


@pytest.mark.skipif("held" not in GIL_SETTINGS, reason="there is no GIL to hold")
def test_with_the_gil_held_no_operation_meets_another():
    report = refrace.race("unlocked", program=TWO_DROPS, gil="held", rounds=200)

    assert ([part.met for part in report.parts], report.findings) == ([0, 0], ())


# ------------------------------------------------------------------------ the report


def test_a_report_comes_back_from_its_json():
    program = "slot S = A\nT1: x = S ; use x\nT2: old = swap S null ; decref old"

    report = refrace.race("atomic", program=program, rounds=200)

    assert refrace.ProgramRace.from_json(report.to_json()) == report
    assert "<table" in report._repr_html_()
    assert all(len(line) <= 80 for line in str(report).splitlines())


def test_a_finding_says_in_how_many_rounds_it_was():
    report = refrace.race(
        "atomic", program="slot S = A\nT1: x = S ; incref x", rounds=7
    )

    (finding,) = report.findings
    assert (finding.kind, finding.object, finding.count) == ("leak", "A", 7)
    assert str(report).startswith("atomic: 7 of 7 rounds on real threads had findings")
    with pytest.raises(refrace.CorruptionFound):
        report.raise_for_findings()


def test_the_trace_of_an_outcome_is_short_and_a_long_one_is_left_out():
    """Every leak has as many steps as the loop, which is more than anybody reads."""
    loop = "repeat 600 {\n    incref x ; decref x\n  }"

    short = refrace.race("atomic", program="hold T1.x = A\nT1: use x", rounds=3)
    long = refrace.race("atomic", program=f"hold T1.x = A\nT1: {loop}", rounds=3)

    assert len(short.outcomes[frozenset({"leak"})].trace.steps) == 1
    assert long.outcomes[frozenset({"leak"})].trace is None
    assert long.findings[0].message == "seen in 3 rounds"
