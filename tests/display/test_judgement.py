"""Every kind of result is judged by one rule: findings, clean, or inconclusive."""

import dataclasses
import html
import importlib
import json
import pickle
import pkgutil
import re
from importlib.util import find_spec
from xml.etree import ElementTree

import pytest
from explorer.programs import MANY_STATES
from hunting.fakes.reports import hunt_report

import refrace
from refrace.cli import output
from refrace.cli.exit_codes import ExitCode
from refrace.display.judged import Judged
from refrace.display.report import Report
from refrace.explorer.check_report import ThreadCheck
from refrace.gallery.matrix_report import GalleryMatrix
from refrace.story.story_report import Story

DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
HERE = refrace.Environment.current()


def unfinished():
    return refrace.explore(MANY_STATES, max_states=1000)


def stopped_trace():
    trace = refrace.explore(DROPS, "unlocked").counterexample()
    return trace.replace(finding=None, others=(), is_whole=False)


def stopped_check():
    check = refrace.Program.parse(DROPS).check("atomic")
    threads = (ThreadCheck("T1", "unfinished", ()), *check.threads[1:])
    return check.replace(threads=threads, limit="states")


def stopped_program_race():
    race = refrace.race("atomic", program=DROPS, rounds=3)
    return race.replace(rounds_requested=9)


def stopped_proof():
    proof = refrace.prove("free_by_second_load")
    return proof.replace(witness=None, limit="seconds")


# For each class of results one without findings that tells nothing.
INCONCLUSIVE = {
    "AppendReport": lambda: refrace.lost_append(1, 10),
    "Comparison": lambda: refrace.compare(["atomic"], [1], rounds=1).replace(
        rounds_requested=2
    ),
    "DeadlockReport": lambda: refrace.deadlock(timeout=10).replace(
        cycle=(), finished=0, timed_out=True
    ),
    "Exploration": unfinished,
    "GalleryMatrix": lambda: GalleryMatrix((), 3, 0.0, HERE),
    "Growth": lambda: refrace.growth(pairs=1, rounds=0).replace(rows=()),
    "HuntReport": lambda: hunt_report(limit="interrupt"),
    "LeakReport": lambda: refrace.refleaks(lambda: None, calls=50).replace(
        is_complete=False
    ),
    "Lesson": lambda: refrace.lesson(1).replace(proof=unfinished()),
    "ParallelismReport": lambda: refrace.parallelism(
        ["pure_python"], rounds=1, run_s=0.005
    ).replace(workloads_requested=9),
    "PatternExplanation": lambda: refrace.explain_pattern("borrow-then-incref").replace(
        variants=()
    ),
    "ProgramCheck": stopped_check,
    "ProgramRace": stopped_program_race,
    "Proof": stopped_proof,
    "RaceReport": lambda: refrace.race("atomic", threads=1, objects=3),
    "RefcountExplanation": lambda: refrace.explain_refcount(object()).replace(moved=1),
    "Sample": lambda: refrace.sample(DROPS, runs=5, seed=1),
    "Story": lambda: Story((), 3, 0.0, HERE),
    "Timeline": lambda: refrace.timeline("atomic", threads=1, objects=3),
    "Trace": stopped_trace,
    "WeakeningReport": lambda: refrace.weaken("atomic", max_seconds=0),
}


@pytest.fixture(scope="module")
def results():
    return {name: make() for name, make in INCONCLUSIVE.items()}


each_kind = pytest.mark.parametrize("kind", INCONCLUSIVE)


def words(text):
    return " ".join(text.split())


def test_there_is_one_for_each_class_of_results():
    for module in pkgutil.walk_packages(refrace.__path__, "refrace."):
        if module.name.endswith("_report"):
            importlib.import_module(module.name)

    assert {kind.__name__ for kind in results_below(Report)} == set(INCONCLUSIVE)


def results_below(base):
    """The classes of results, without the bases that some of them share."""
    for kind in base.__subclasses__():
        yield from results_below(kind)
        if dataclasses.is_dataclass(kind):
            yield kind


@each_kind
def test_what_conclusive_means_is_documented_with_each_class(kind, results):
    described = type(results[kind]).conclusive.__doc__

    assert type(results[kind]).conclusive is not Judged.conclusive
    assert described.startswith("Whether ")


@each_kind
def test_a_result_that_tells_nothing_is_inconclusive(kind, results):
    result = results[kind]

    assert (result.findings, result.conclusive, result.is_conclusive) == (
        (), False, False,
    )  # fmt: skip
    assert (result.judgement, result.proved) == ("inconclusive", False)


@each_kind
def test_text_html_and_json_give_the_same_reason(kind, results):
    result = results[kind]
    reason = f"Inconclusive: {result.inconclusive_because}."

    assert reason in words(str(result))
    with_backticks = re.sub(r"</?code>", "`", result._repr_html_())
    shown = html.unescape(re.sub(r"<[^>]*>", " ", with_backticks))
    assert reason in words(shown)
    assert json.loads(result.to_json())["judgement"] == "inconclusive"
    assert type(result).from_json(result.to_json()) == result


@each_kind
def test_every_kind_has_a_picture_that_is_saved_as_svg_html_and_png(
    kind, results, tmp_path
):
    result = results[kind]
    assert callable(result.plot)
    svg, page, image = (tmp_path / f"result.{name}" for name in ("svg", "html", "png"))

    result.save(svg)
    assert svg.read_text(encoding="utf-8") == result.svg()
    root = ElementTree.fromstring(result.svg())
    assert root.get("role") == "img"
    result.save(page)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>")
    assert result._repr_html_() in written
    assert not re.search(r"(?:src|href)=.https?:", written)
    if find_spec("vl_convert") is not None:
        result.save(image)
        assert image.read_bytes().startswith(b"\x89PNG\r\n")


@each_kind
def test_the_lenient_method_warns_with_the_reason_and_the_strict_ones_raise(
    kind, results
):
    result = results[kind]

    with pytest.warns(refrace.InconclusiveWarning) as warned:
        result.raise_for_findings()
    assert result.inconclusive_because in str(warned[0].message)
    assert warned[0].filename == __file__
    with pytest.raises(refrace.Inconclusive) as raised:
        result.raise_unless_conclusive()
    assert raised.value.report is result
    assert str(raised.value).startswith(result.answer)
    assert result.inconclusive_because in str(raised.value)
    with pytest.raises(refrace.NotProved) as raised:
        result.raise_unless_proved()
    assert raised.value.report is result
    assert result.inconclusive_because in str(raised.value)


@each_kind
def test_the_command_line_exits_with_3(kind, results, capsys):
    assert output.show_and_judge(results[kind], as_json=True) == ExitCode.INCONCLUSIVE
    assert json.loads(capsys.readouterr().out)["judgement"] == "inconclusive"


CORRUPT = {
    "AppendReport": lambda clean: clean.replace(kept=9, overwritten=1),
    "RaceReport": lambda clean: clean.replace(intact=2, leaked=1, overlap=0.0),
    "Exploration": lambda clean: refrace.explore(DROPS, "unlocked").replace(
        limit="seconds"
    ),
    "Sample": lambda clean: refrace.sample(DROPS, "unlocked", runs=40, seed=1),
    "ProgramCheck": lambda clean: refrace.Program.parse(
        "hold T1.x = A\nT1: decref x ; decref x"
    ).check("atomic"),
    "Trace": lambda clean: refrace.explore(DROPS, "unlocked").counterexample(),
    "DeadlockReport": lambda clean: refrace.deadlock(timeout=10),
}


@pytest.mark.parametrize("kind", CORRUPT)
def test_a_result_with_findings_is_conclusive_and_every_method_raises_them(
    kind, results
):
    result = CORRUPT[kind](results[kind])

    assert type(result).__name__ == kind
    assert (result.judgement, result.conclusive) == ("findings", True)
    assert result.inconclusive_because is None
    assert "Inconclusive" not in str(result)
    for method in ("raise_for_findings", "raise_unless_conclusive",
                   "raise_unless_proved"):  # fmt: skip
        with pytest.raises(refrace.CorruptionFound) as raised:
            getattr(result, method)()
        assert raised.value.report is result
    assert ExitCode.of(result.judgement) == ExitCode.FINDINGS


def test_a_proof_passes_every_method_and_its_codes_are_those_of_a_clean_result():
    found = refrace.explore(DROPS)

    found.raise_for_findings()
    found.raise_unless_conclusive()
    found.raise_unless_proved()
    assert (found.judgement, found.proved, found.is_proof) == ("clean", True, True)
    assert ExitCode.of(found.judgement) == ExitCode.CLEAN


def test_a_lesson_and_a_pattern_are_proved_by_their_fixed_programs():
    refrace.lesson(1).raise_unless_proved()
    refrace.explain_pattern("borrow-then-incref").raise_unless_proved()


def test_a_gallery_is_proved_where_every_fixed_program_is():
    whole = refrace.check_gallery(["atomic"], patterns=["borrow-then-incref"])
    wrong = refrace.check_gallery(["unlocked"], patterns=["borrow-then-incref"])

    whole.raise_unless_proved()
    wrong.raise_unless_conclusive()
    with pytest.raises(refrace.NotProved):
        wrong.raise_unless_proved()


def test_a_conclusive_result_of_real_threads_is_not_a_proof_and_says_what_is():
    alone = refrace.compare(["atomic"], [1], rounds=1)

    alone.raise_unless_conclusive()
    with pytest.raises(refrace.NotProved, match=r"never a proof; use refrace\.explore"):
        alone.raise_unless_proved()


def test_one_thread_with_the_gil_held_cannot_race_either(results):
    alone = results["RaceReport"].replace(gil="held")

    assert not alone.conclusive
    assert "one thread cannot race" in alone.answer


def test_a_result_that_was_stored_without_its_judgement_still_reads(results):
    for result in results.values():
        stored = result.to_dict()
        del stored["judgement"]

        assert type(result).from_dict(stored) == result


@pytest.mark.parametrize("value", ["clean", "findings", None, 3, "Inconclusive", []])
def test_a_stored_judgement_that_does_not_fit_is_refused(value, results):
    stored = {**results["Sample"].to_dict(), "judgement": value}

    with pytest.raises(refrace.InvalidData, match="amounts to 'inconclusive'"):
        refrace.Sample.from_dict(stored)


def test_the_exceptions_are_what_those_who_catch_them_expect(results):
    assert issubclass(refrace.Inconclusive, AssertionError)
    assert issubclass(refrace.NotProved, refrace.Inconclusive)
    assert issubclass(refrace.NotProved, refrace.LimitReached)
    assert issubclass(refrace.InconclusiveWarning, UserWarning)

    for method in ("raise_unless_conclusive", "raise_unless_proved"):
        with pytest.raises(refrace.Inconclusive) as raised:
            getattr(results["RaceReport"], method)()
        again = pickle.loads(pickle.dumps(raised.value))
        assert type(again) is type(raised.value)
        assert (str(again), again.report) == (str(raised.value), raised.value.report)
