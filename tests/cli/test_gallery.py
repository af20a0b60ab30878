"""``refrace gallery``: the list, one pattern explained, the check, and wrong usage."""

import dataclasses
import json

import pytest

import refrace
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main(["gallery", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_list_has_every_pattern_with_its_rule(run):
    code, out, err = run()

    assert (code, err) == (ExitCode.CLEAN, "")
    assert max(map(len, out.splitlines())) <= 80
    assert all(f"  {slug} " in out for slug in refrace.gallery)
    assert all(pattern.rule.split()[0] in out for pattern in refrace.gallery.values())


def test_the_list_as_json_has_what_one_chooses_by(run):
    stored = json.loads(run("--json")[1])

    assert (stored["format"], stored["version"]) == ("refrace/gallery", 1)
    assert [one["slug"] for one in stored["patterns"]] == list(refrace.gallery)
    assert stored["patterns"][0]["classes"] == list(
        refrace.gallery["borrow-then-incref"].classes
    )


def test_a_class_narrows_the_list(run):
    _, out, _ = run("--class", "lock-order")

    assert out.startswith("2 patterns, 3 pairs of a buggy and a fixed program, 5 real")
    assert "abba-two-objects" in out
    assert "plain-counter" not in out


def test_a_pattern_is_explained_from_its_rule_to_its_real_bugs(run):
    code, out, _ = run("abba-two-objects")
    pattern = refrace.gallery["abba-two-objects"]

    assert code == ExitCode.CLEAN
    pieces = [
        f"23. abba-two-objects: {pattern.rule}",
        "P23a, lock-order",
        "atomic: corrupt: deadlock, in 2 of 6 interleavings",
        "The smallest run to deadlock:",
        "The fix: Take the locks in the same order everywhere.",
        "atomic: safe: none of its 2 interleavings corrupts anything.",
        "In C: Py_BEGIN_CRITICAL_SECTION2",
        "Better:",
        "Real bugs:",
        pattern.bugs[-1].link,
    ]
    places = [out.index(piece) for piece in pieces]
    assert places == sorted(places)


@pytest.mark.parametrize("slug", list(refrace.gallery))
def test_every_pattern_s_story_fits_but_for_c_code_and_long_links(run, slug):
    code, out, _ = run(slug)
    pattern = refrace.gallery[slug]
    code_lines = {
        f"  {line}"
        for text in (pattern.idiom.buggy, pattern.idiom.better)
        for line in text.splitlines()
    }

    assert code == ExitCode.CLEAN
    assert all(bug.link in out for bug in pattern.bugs)
    for line in out.splitlines():
        assert len(line) <= 80 or line in code_lines or line.strip().startswith("http")


def test_a_pattern_that_needs_the_gil_is_explained_with_the_gil(run):
    _, out, _ = run("native-lock-against-gil")
    _, asked, _ = run("native-lock-against-gil", "--gil", "released")

    assert "atomic, GIL held: corrupt: deadlock" in out
    assert "atomic: safe" in asked


def test_a_pattern_about_memory_orders_says_so(run):
    _, out, _ = run("no-acquire-before-free")

    assert "atomic, C11: corrupt: unsynchronised-free" in out
    assert "Steps have the memory orders of C11" in out


def test_a_pattern_is_explained_under_the_memory_model_asked_for(run):
    code, out, _ = run("collector-acts-on-old-count", "--memory", "c11")

    assert code == ExitCode.FINDINGS
    assert "atomic, C11: corrupt: null-dereference" in out


def test_the_check_under_c11_prints_the_matrix_and_exits_with_0(run):
    code, out, _ = run(
        "collector-acts-on-old-count", "--check", "--mode", "atomic", "--memory", "c11"
    )

    assert code == ExitCode.CLEAN
    assert "All programs with the memory model of C11." in out
    assert "P45a  collector-acts-on-old-count  ~" in out


def test_a_pattern_as_json_is_the_explanation(run):
    report = refrace.PatternExplanation.from_json(
        run("borrow-then-incref", "--json")[1]
    )

    assert report.variants[0].buggy.verdict == "corrupt"
    assert report.bugs == refrace.gallery["borrow-then-incref"].bugs


def test_a_fixed_program_that_a_mode_breaks_exits_with_1(run):
    assert run("plain-counter", "--mode", "unlocked")[0] == ExitCode.FINDINGS
    held = run("plain-counter", "--mode", "unlocked", "--gil", "held")
    assert held[0] == ExitCode.CLEAN


def test_a_proof_that_was_cut_short_exits_with_3(run):
    code, out, _ = run("unique-check-then-reuse", "--max-states", "1")

    assert code == ExitCode.INCONCLUSIVE
    assert "unfinished" in out


def test_the_check_of_a_class_prints_the_matrix_and_exits_with_0(run):
    code, out, _ = run("--check", "--class", "borrowed-reference", "--gil", "released")

    assert code == ExitCode.CLEAN
    assert out.startswith("gallery: every expectation holds")
    assert "P01a  borrow-then-incref" in out
    assert "plain-counter" not in out


def test_the_check_takes_modes_and_gives_the_report_as_json(run):
    code, out, _ = run(
        "plain-counter", "--check", "--mode", "atomic", "--mode", "unlocked", "--json"
    )
    matrix = refrace.GalleryMatrix.from_json(out)

    assert code == ExitCode.CLEAN
    assert matrix.modes == ("atomic", "unlocked")
    assert {cell.pattern for cell in matrix.cells} == {"plain-counter"}


def test_an_expectation_that_does_not_hold_exits_with_1(run, monkeypatch):
    matrix = refrace.check_gallery(["atomic"], "released", patterns=["plain-counter"])
    first, *others = matrix.cells
    missed = dataclasses.replace(first, buggy=frozenset())
    spoiled = matrix.replace(cells=(missed, *others))
    monkeypatch.setattr("refrace.cli.gallery.check_gallery", lambda *_, **__: spoiled)

    code, out, _ = run("--check")

    assert code == ExitCode.FINDINGS
    assert out.startswith("gallery: 2 expectations do not hold.")


def test_an_interrupted_check_prints_what_it_has_and_exits_with_3(run, monkeypatch):
    partial = refrace.check_gallery(
        ["atomic"], "released", patterns=["plain-counter"]
    ).replace(cells_planned=90)

    def interrupted(*arguments, **options):
        raise refrace.Interrupted(partial)

    monkeypatch.setattr("refrace.cli.gallery.check_gallery", interrupted)

    code, out, err = run("--check")

    assert code == ExitCode.INCONCLUSIVE
    assert "stopped after 2 of 90" in out
    assert "interrupted" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("plain-count",),
        ("--class", "unheard-of"),
        ("plain-counter", "--class", "lock-order"),
        ("plain-counter", "--mode", "nolock"),
        ("plain-counter", "--mode", "atomic", "--mode", "unlocked"),
        ("plain-counter", "--gil", "half"),
        ("--mode", "atomic"),
        ("--gil", "held"),
        ("--memory", "c11"),
        ("--check", "--memory", "tso"),
        ("--check", "--mode", "nolock"),
        ("--check", "--max-seconds", "-1"),
        ("plain-counter", "abba-two-objects"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_complains_on_standard_error(run, arguments):
    code, out, err = run(*arguments)

    assert code == ExitCode.USAGE
    assert out == ""
    assert err


def test_an_interrupt_of_a_pattern_keeps_the_variants_explained_so_far():
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.explain_pattern("plain-counter", progress=stop)

    report = caught.value.report
    assert (len(report.variants), report.variants_planned) == (1, 2)
    assert not report.is_conclusive
    assert "1 of 2 variants" in str(report)
