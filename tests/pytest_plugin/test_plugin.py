"""The pytest plugin, in runs of pytest of its own."""

import importlib.util
import subprocess
import sys
import textwrap

import pytest

pytest_plugins = ["pytester"]

# `refrace.hunt` of these runs: it answers at once, with its settings.
CONFTEST = """
import refrace, types

class Report:
    findings, conclusive, judgement = (), True, "clean"
    answer, inconclusive_because = "nothing found.", None
    def __str__(self):
        return "PROGRAM\\nTRACE\\nREPRODUCER"

def hunt(subject, **settings):
    import os
    report = Report()
    report.settings, report.gil = settings, os.environ.get("PYTHON_GIL")
    if subject == "buggy":
        report.findings, report.judgement = ("one",), "findings"
        report.answer = "buggy: leak in put: it kept a reference."
    if subject == "interrupted":
        report.judgement = "findings"
        raise refrace.Interrupted(report)
    if subject == "short":
        report.conclusive, report.judgement = False, "inconclusive"
        report.answer, report.inconclusive_because = "nothing.", "no overlap; wait"
    return report

refrace.hunt = hunt
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a test file in a process of its own, with the fake hunt."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makeconftest(CONFTEST)

    def run(source, *options):
        pytester.makepyfile(textwrap.dedent(source))
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    return run


def test_a_finding_fails_the_test_and_the_report_is_a_section(run):
    result = run("def test_it(refrace_hunt): refrace_hunt('buggy')")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "buggy: leak in put: it kept a reference.",
            "*- Captured refrace call -*",
            "PROGRAM",
            "TRACE",
            "REPRODUCER",
            "*= refrace =*",
            "findings: *::test_it: buggy: leak in put*",
            "1 hunt, 0 clean",
        ]
    )


def test_a_clean_hunt_passes_and_returns_the_report(run):
    result = run(
        """
        def test_it(refrace_hunt):
            assert refrace_hunt("fine").judgement == "clean"
        """
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 hunt, 1 clean"])


def test_the_marker_sets_the_call_overrides_and_the_command_line_has_the_last_word(run):
    source = """
        import pytest
        pytestmark = pytest.mark.refrace(threads=3, seconds=9)
        @pytest.mark.refrace(threads=(1, 4))
        def test_it(refrace_hunt):
            report = refrace_hunt("fine", repeats=7)
            print("SETTINGS", sorted(report.settings.items()))
        """
    told = "[('repeats', 7), ('seconds', {}), ('threads', (1, 4))]"

    run(source, "-s").stdout.fnmatch_lines([f"*SETTINGS {literal(told.format(9))}"])
    result = run(source, "-s", "--refrace-seconds=2", "--refrace-seed=5")
    result.stdout.fnmatch_lines(
        ["*" + literal("('seconds', 2.0), ('seed', 5), ('threads', (1, 4))") + "*"]
    )


def literal(text):
    return text.replace("[", "[[]")


@pytest.mark.parametrize(
    ("options", "failed", "warnings"),
    [((), 0, 1), (["--refrace-inconclusive=warn"], 0, 1),
     (["--refrace-inconclusive=fail"], 1, 0),
     (["-o", "refrace_inconclusive=fail"], 1, 0)],
)  # fmt: skip
def test_an_inconclusive_hunt_warns_or_fails(run, options, failed, warnings):
    result = run("def test_it(refrace_hunt): refrace_hunt('short')", *options)

    result.assert_outcomes(failed=failed, passed=1 - failed, warnings=warnings)
    result.stdout.fnmatch_lines(["*nothing. Inconclusive: no overlap; wait."])
    result.stdout.fnmatch_lines(["inconclusive: *::test_it: nothing."])


def test_gil_false_is_skipped_with_a_reason_or_given_to_the_processes(run):
    from refrace.environment import gil_can_be_disabled

    result = run(
        """
        import os, pytest
        @pytest.mark.refrace(gil=False)
        def test_without(refrace_hunt):
            assert refrace_hunt("fine").gil == "0"
            assert os.environ.get("PYTHON_GIL") is None
        @pytest.mark.refrace(gil=True)
        def test_with(refrace_hunt):
            assert refrace_hunt("fine").gil in (None, "1")
        """,
        "-rs",
    )

    if gil_can_be_disabled():
        result.assert_outcomes(passed=2)
    else:
        result.assert_outcomes(passed=1, skipped=1)
        result.stdout.fnmatch_lines(["*gil=False needs a free-threaded build*"])


def test_hunts_of_workers_are_reported_by_the_controller(run):
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("needs pytest-xdist")
    result = run(
        """
        import pytest
        @pytest.mark.parametrize("subject", ["fine", "buggy", "short", "fine"])
        def test_it(refrace_hunt, subject): refrace_hunt(subject)
        """,
        *("-p", "xdist", "-n2"),
    )

    result.assert_outcomes(passed=3, failed=1, warnings=1)
    result.stdout.fnmatch_lines(["REPRODUCER", "4 hunts, 2 clean"])


@pytest.mark.parametrize(
    ("marker", "message"),
    [("treads=2", "has no treads; it takes threads, seconds"),
     ("2", "has no 2; it takes threads, seconds")],
)  # fmt: skip
def test_a_marker_with_an_unknown_setting_is_refused(run, marker, message):
    result = run(
        f"""
        import pytest
        @pytest.mark.refrace({marker})
        def test_it(refrace_hunt): refrace_hunt("fine")
        """
    )

    assert message in result.stdout.str() + result.stderr.str()
    assert result.ret != 0


def test_a_bad_ini_setting_is_refused(run):
    result = run("def test_it(): pass", "-o", "refrace_inconclusive=maybe")

    result.stderr.fnmatch_lines(["*refrace_inconclusive='maybe' is neither*"])


def test_the_marker_is_registered(run):
    result = run("def test_it(): pass", "--markers")

    result.stdout.fnmatch_lines(["@pytest.mark.refrace(threads=(1, 2), seconds=*"])


def test_a_run_that_does_not_hunt_imports_nothing_of_refrace_and_says_nothing(pytester):
    pytester.makepyfile(
        """
        import sys
        def test_it():
            names = [name for name in sys.modules if name.startswith("refrace")]
            assert sorted(names) == ["refrace", "refrace.pytest_plugin"]
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)
    assert "= refrace =" not in result.stdout.str()


def test_loading_the_plugin_loads_nothing_but_the_standard_library():
    script = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import refrace.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == ["refrace", "refrace.pytest_plugin"]


def test_the_summary_has_what_an_interrupted_hunt_found(run):
    result = run("def test_it(refrace_hunt): refrace_hunt('interrupted')")

    result.stdout.fnmatch_lines(
        ["*refrace: interrupted*", "findings: *::test_it", "PROGRAM", "TRACE"]
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
