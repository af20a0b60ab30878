"""pytest plugin: hunts in tests, with the fixture ``refrace_hunt``.

pytest loads this module in every run, so it imports pytest and the standard library
only; refrace itself is imported when a test hunts.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from refrace.hunting.hunt_report import HuntReport

__all__ = ["RefraceHunt", "refrace_hunt"]

PROPERTY = "refrace"
"""Name of the property of a test report that has the results of its hunts."""
_MARKER = (
    "refrace(threads=(1, 2), seconds=10.0, seed=None, repeats=None, gil=None): "
    "settings of the hunts of a test, as in refrace.hunt; gil=True or False runs them "
    "with or without the GIL, and skips the test where this Python cannot"
)
_INTERRUPTED = pytest.StashKey[list[tuple[str, Any]]]()
"""The reports of hunts that Ctrl-C ended, with their tests."""
_SETTINGS = ("threads", "seconds", "seed", "repeats", "gil")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--refrace-seconds``, ``--refrace-seed`` and ``--refrace-inconclusive``."""
    group = parser.getgroup("refrace", "hunts for reference-count corruption")
    group.addoption(
        "--refrace-seconds",
        type=float,
        metavar="S",
        help="Time limit of each hunt in seconds, whatever its test says.",
    )
    group.addoption(
        "--refrace-seed",
        type=int,
        metavar="N",
        help="Seed of each hunt, whatever its test says.",
    )
    group.addoption(
        "--refrace-inconclusive",
        choices=("warn", "fail"),
        help="What a hunt without findings does that is inconclusive: warn (default) "
        "or fail the test.",
    )
    parser.addini(
        "refrace_inconclusive",
        "What an inconclusive hunt does: warn or fail.",
        default="warn",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; check the ini setting."""
    config.addinivalue_line("markers", _MARKER)
    if config.getini("refrace_inconclusive") not in ("warn", "fail"):
        raise pytest.UsageError(
            f"refrace_inconclusive={config.getini('refrace_inconclusive')!r} is "
            "neither 'warn' nor 'fail'"
        )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep pytest-run-parallel from running hunts in several threads at once."""
    if config.getoption("parallel_threads", None) is None:
        return
    for item in items:
        if "refrace_hunt" in getattr(item, "fixturenames", ()):
            reason = "refrace_hunt makes the threads itself"
            item.add_marker(pytest.mark.thread_unsafe(reason=reason))


class RefraceHunt:
    """What the fixture ``refrace_hunt`` returns: call it with a subject."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._item: pytest.Item = request.node
        self._config = request.config

    def __call__(self, subject: Any, **settings: Any) -> HuntReport:
        """Hunt in `subject`; fail the test if there are findings.

        Parameters
        ----------
        subject : type, callable or Subject
            As in :func:`refrace.hunt`.
        **settings
            Parameters of :func:`refrace.hunt`, and `gil`.  They override those of the
            marker, and the options of the command line override both.

        Returns
        -------
        HuntReport
            The report of a hunt without findings.  If it is inconclusive, an
            `InconclusiveWarning` is issued, or the test fails, as the option
            ``--refrace-inconclusive`` says.
        """
        import refrace

        settings = self._settings() | settings
        for name in ("seconds", "seed"):
            given = self._config.getoption(f"refrace_{name}")
            if given is not None:
                settings[name] = given
        with _gil(settings.pop("gil", None)):
            try:
                report = refrace.hunt(subject, **settings)
            except refrace.Interrupted as stopped:
                # An interrupted test has no report, so the summary shows the findings.
                if stopped.report is not None:
                    found = self._config.stash.setdefault(_INTERRUPTED, [])
                    found.append((self._item.nodeid, stopped.report))
                raise
        self._judge(report)
        return report

    def _settings(self) -> dict[str, Any]:
        """Return the settings of the markers; the closest one wins."""
        found: dict[str, Any] = {}
        for marker in self._item.iter_markers("refrace"):
            unknown = [name for name in marker.kwargs if name not in _SETTINGS]
            if unknown or marker.args:
                wrong = unknown[0] if unknown else repr(marker.args[0])
                raise pytest.UsageError(
                    f"{self._item.nodeid}: @pytest.mark.refrace has no {wrong}; it "
                    f"takes {', '.join(_SETTINGS)} by name"
                )
            found = {**marker.kwargs, **found}
        return found

    def _judge(self, report: HuntReport) -> None:
        from refrace.errors import InconclusiveWarning

        properties = {"judgement": report.judgement, "answer": report.answer}
        self._item.user_properties.append((PROPERTY, properties))
        if report.findings:
            self._item.add_report_section("call", "refrace", str(report))
            pytest.fail(report.answer, pytrace=False)
        if report.conclusive:
            return
        reason = f"{report.answer} Inconclusive: {report.inconclusive_because}."
        self._item.add_report_section("call", "refrace", str(report))
        option = self._config.getoption("refrace_inconclusive")
        if (option or self._config.getini("refrace_inconclusive")) == "fail":
            pytest.fail(reason, pytrace=False)
        warnings.warn(reason, InconclusiveWarning, stacklevel=3)


@contextmanager
def _gil(gil: object) -> Iterator[None]:
    """Let processes that start meanwhile run with or without the GIL; or skip."""
    if gil is None:
        yield
        return
    from refrace._base.arguments import check_bool
    from refrace.environment import gil_can_be_disabled

    wanted = check_bool("gil", gil)
    if not gil_can_be_disabled():
        if not wanted:
            pytest.skip("gil=False needs a free-threaded build of Python")
        yield
        return
    before = os.environ.get("PYTHON_GIL")
    os.environ["PYTHON_GIL"] = "1" if wanted else "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHON_GIL"]
        else:
            os.environ["PYTHON_GIL"] = before


@pytest.fixture
def refrace_hunt(request: pytest.FixtureRequest) -> RefraceHunt:
    """Hunt for reference-count corruption: ``refrace_hunt(subject, **settings)``.

    The test fails if the hunt finds something.  Settings are those of refrace.hunt; the
    marker ``refrace`` sets them too.
    """
    return RefraceHunt(request)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print one line for each hunt that found something or is inconclusive."""
    hunts = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                hunts += [
                    (report.nodeid, value)
                    for name, value in report.user_properties
                    if name == PROPERTY
                ]
    interrupted = terminalreporter.config.stash.get(_INTERRUPTED, [])
    if interrupted:
        terminalreporter.section("refrace: interrupted")
    for nodeid, report in interrupted:
        terminalreporter.write_line(f"{report.judgement}: {nodeid}")
        terminalreporter.write_line(str(report))
    if not hunts:
        return
    told = [(nodeid, one) for nodeid, one in hunts if one["judgement"] != "clean"]
    clean = len(hunts) - len(told)
    terminalreporter.section("refrace")
    for nodeid, one in told:
        terminalreporter.write_line(f"{one['judgement']}: {nodeid}: {one['answer']}")
    terminalreporter.write_line(
        f"{len(hunts)} hunt{'s' * (len(hunts) != 1)}, {clean} clean"
    )
