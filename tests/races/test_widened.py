"""Widened rounds: chosen pauses show bugs on any machine, and never where none are."""

import json

import pytest

import refrace
from refrace import gallery
from refrace.cli import main

VARIANTS = [
    (slug, variant.id)
    for slug in gallery
    for variant in gallery[slug].variants
    if " max " not in str(variant.buggy)
    # Real threads of a round run with the GIL released, and x86 hides weak memory.
    and variant.memory == "sc"
    and variant.gil == "released"
]
TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
# T1 has to be stopped between its two steps, and nobody counts at the same time.
ONE_PREEMPTION = (
    "slot S = A\nT1: x = S\n  if x != null {\n    use x\n  }\n"
    "T2: old = swap S null ; decref old"
)


def variant_of(slug, number):
    (variant,) = (each for each in gallery[slug].variants if each.id == number)
    return variant


@pytest.mark.parametrize(("slug", "number"), VARIANTS)
def test_every_buggy_program_of_the_gallery_goes_wrong_within_300_widened_rounds(
    slug, number
):
    """Nearly all that happens in a round follows from the seed; not quite all."""
    variant = variant_of(slug, number)
    reports = (
        refrace.race(
            variant.mode,
            program=variant.buggy,
            gaps="widened",
            rounds=300,
            seed=seed,
            seconds=100,
        )
        for seed in range(1, 5)
    )

    assert any(report.judgement == "findings" for report in reports)


@pytest.mark.parametrize(("slug", "number"), VARIANTS)
@pytest.mark.parametrize("seed", [1, 2**63])
def test_no_fixed_program_of_the_gallery_does_with_any_gaps(slug, number, seed):
    variant = variant_of(slug, number)
    report = refrace.race(variant.mode, program=variant.fixed, rounds=120, seed=seed)

    assert report.judgement == "clean"
    assert all(part.known_rounds == part.rounds for part in report.parts)


@pytest.mark.parametrize("mode", ["atomic", "object_lock"])
def test_a_bug_of_one_preemption_without_contention_shows_itself(mode):
    report = refrace.race(
        mode, program=ONE_PREEMPTION, gaps="widened", rounds=60, seed=1
    )

    (finding,) = report.findings
    assert (finding.kind, finding.object) == ("use-after-free", "A")
    assert report.traces[0].preemptions == 1


def test_a_lost_update_inside_of_an_operation_shows_itself():
    report = refrace.race(
        "unlocked", program=TWO_DROPS, gaps="widened", rounds=300, seed=1
    )

    assert {finding.kind for finding in report.findings} == {"leak"}


def test_widened_rounds_come_after_a_quarter_of_clean_natural_ones():
    report = refrace.race("atomic", program=TWO_DROPS, rounds=80)

    assert (report.rounds, report.widened.rounds) == (20, 60)
    assert report.answer == (
        "atomic: no findings in 20 natural rounds and 60 rounds with widened "
        "gaps, which is no proof."
    )


def test_a_race_that_goes_wrong_naturally_stays_natural():
    report = refrace.race(
        "atomic", program="slot S = A\nT1: x = S ; incref x\nT2: x = S", rounds=80
    )

    assert (report.rounds, report.widened, report.corrupt_rounds) == (80, None, 80)


def test_with_automatic_gaps_the_first_corrupt_widened_round_is_the_last():
    report = refrace.race("atomic", program=ONE_PREEMPTION, rounds=400, seed=3)

    if report.widened is None:  # it went wrong naturally
        assert report.corrupt_rounds
    else:
        assert (report.rounds, report.widened.corrupt_rounds) == (100, 1)
        assert report.widened.rounds < 300
    assert report.is_complete


def test_with_widened_gaps_alone_all_rounds_are_done():
    report = refrace.race(
        "atomic", program=ONE_PREEMPTION, gaps="widened", rounds=70, seconds=100
    )

    assert (report.rounds, report.outcomes, report.corrupt_rounds) == (0, {}, 0)
    assert report.widened.rounds == 70


def test_when_its_time_is_over_100_widened_rounds_are_done_all_the_same():
    report = refrace.race(
        "atomic", program=TWO_DROPS, gaps="widened", rounds=5000, seconds=0
    )

    assert (report.widened.rounds, report.is_complete) == (100, True)
    assert report.judgement == "clean"


def test_one_thread_alone_has_natural_rounds_only():
    report = refrace.race("atomic", program="hold T1.x = A\nT1: decref x", rounds=8)

    assert (report.rounds, report.widened) == (8, None)


def test_a_loop_that_waits_for_a_thread_that_pauses_goes_on_in_the_end():
    program = (
        "int N = 0\nT1: n = N\n  while n == 0 {\n    n = N\n  }\nT2: n = N ; N = 1"
    )

    report = refrace.race("atomic", program=program, gaps="widened", rounds=60)

    assert report.widened.known_rounds == 60
    assert report.judgement == "clean"


def test_natural_and_widened_rounds_are_distinguished():
    report = refrace.race(
        "atomic", program=ONE_PREEMPTION, gaps="widened", rounds=60, seed=1
    )
    clean = refrace.race("atomic", program=ONE_PREEMPTION, gaps="natural", rounds=1)
    n = report.widened.corrupt_rounds
    both = report.replace(
        gaps="auto", rounds=20, rounds_requested=80, outcomes=dict(clean.outcomes)
    )

    answer = both.answer
    assert f"{n} of 60 rounds with widened gaps had findings: use-after-free" in answer
    if clean.findings == ():
        assert "none of 20 natural rounds had findings" in answer
        assert both.findings[0].count == n
    assert "natural  widened  outcome" in str(both)


# ------------------------------------------------------------------ stored results


def test_a_result_with_widened_rounds_comes_back_from_its_json():
    report = refrace.race("atomic", program=ONE_PREEMPTION, gaps="widened", rounds=60)

    assert refrace.ProgramRace.from_json(report.to_json()) == report
    assert "<table" in report._repr_html_()
    assert all(len(line) <= 80 for line in str(report).splitlines())


def test_a_result_of_a_refrace_without_widened_rounds_is_read():
    report = refrace.race("atomic", program=TWO_DROPS, gaps="natural", rounds=9)
    data = json.loads(report.to_json())
    for name in ("gaps", "seconds", "widened", "contention", "judgement"):
        del data[name]
    data["version"] = 1

    read = refrace.ProgramRace.from_dict(data)

    assert read == report.replace(seconds=None, contention=None)


@pytest.mark.parametrize("version", [0, 3, "1", None])
def test_another_version_is_refused(version):
    data = refrace.race("atomic", program=TWO_DROPS, rounds=4).to_dict()

    with pytest.raises(refrace.InvalidData, match="version"):
        refrace.ProgramRace.from_dict({**data, "version": version})


def test_more_rounds_than_asked_for_are_refused():
    data = refrace.race("atomic", program=TWO_DROPS, rounds=4).to_dict()

    with pytest.raises(refrace.InvalidData, match="more rounds"):
        refrace.ProgramRace.from_dict({**data, "rounds": 2})


# ------------------------------------------------------------------------ arguments


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        ({"gaps": "wide"}, refrace.InvalidArgument, "gaps='wide'"),
        ({"gaps": None}, refrace.RefraceError, "gaps=None"),
        ({"seconds": -1}, refrace.InvalidArgument, "seconds=-1"),
        ({"seconds": float("nan")}, refrace.InvalidArgument, "seconds=nan"),
        ({"seconds": "2"}, refrace.InvalidArgumentType, "seconds='2'"),
    ],
)
def test_wrong_gaps_and_times_are_refused_with_their_cure(arguments, kind, says):
    with pytest.raises(kind, match=says):
        refrace.race("atomic", program=TWO_DROPS, **arguments)


@pytest.mark.parametrize(
    "arguments", [{"gaps": "widened"}, {"gaps": "auto", "seconds": 1}]
)
def test_the_command_line_takes_the_same_options(arguments, tmp_path, capsys):
    file = tmp_path / "bug.race"
    file.write_text(ONE_PREEMPTION)
    options = [f"--{name}={value}" for name, value in arguments.items()]

    status = main(["race", "atomic", "--program", str(file), "--json", *options])

    report = refrace.ProgramRace.from_json(capsys.readouterr().out)
    assert (status, report.gaps) == (1, arguments["gaps"])
    assert report.seconds == arguments.get("seconds", 2.0)


def test_an_interrupt_among_widened_rounds_keeps_what_was_done():
    def interrupt(done, rounds):
        if done:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.race(
            "atomic",
            program=TWO_DROPS,
            gaps="widened",
            rounds=10**9,
            seconds=1000,
            progress=interrupt,
        )

    report = caught.value.report
    assert 0 < report.widened.rounds < 10**9
    assert "Stopped early" in str(report)
    assert report.judgement == "inconclusive"
