"""Hunt in an extension that was built with a sanitizer, and read its reports back."""

from __future__ import annotations

import dataclasses
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from refrace.environment import gil_can_be_disabled
from refrace.errors import EnvironmentUnfit
from refrace.hunting.builds.build import Built, build
from refrace.hunting.finding import HuntFinding
from refrace.hunting.hunt import hunt_in
from refrace.hunting.hunt_report import HuntReport
from refrace.hunting.kinds import HuntKind, severity
from refrace.hunting.progress import HuntProgress
from refrace.hunting.sanitizers.reports import SanitizerReport, read_reports
from refrace.hunting.sanitizers.toolchain import (
    Toolchain,
    environ_of,
    find_toolchain,
)

__all__ = ["hunt_sanitized"]

MOST_FINDINGS = 10
"""Findings that are run again for their report."""
AGAIN_S = 5.0
MOST_NOTES = 5

_AFTER_FREE = ("use-after-free", "use-after-return", "use-after-scope", "poison")
_NO_MUTEX = (
    "ThreadSanitizer does not see the locks of a free-threaded interpreter that was "
    "built without it (PyMutex, critical sections), so it takes ordered accesses for "
    "races; each of these is a hint. A Python configured with --with-thread-sanitizer "
    "makes them certain"
)


def hunt_sanitized(
    target: str,
    source: str | PathLike[str],
    sanitizer: str,
    *,
    threads: Sequence[int] = (1, 2),
    seconds: float = 10.0,
    seed: int | None = None,
    repeats: int | None = None,
    store: str | PathLike[str] | Literal[False] | None = None,
    compiler: str | None = None,
    progress: Callable[[HuntProgress], object] | None = None,
) -> HuntReport:
    """Build an extension with a sanitizer and hunt in it.

    Parameters
    ----------
    target : str
        The subject, ``MODULE:NAME`` or ``FILE.py:NAME``; this process does not import
        it.
    source : path or str
        Where the extension comes from: the folder of its source tree, an sdist, or a
        requirement such as ``"package==1.0"``.
    sanitizer : str
        ``"address"``: AddressSanitizer and, with clang, UndefinedBehaviorSanitizer.
        ``"thread"``: ThreadSanitizer.
    threads, seconds, seed, repeats, store, progress
        As in :func:`refrace.hunt`.  The build comes on top of `seconds`.
    compiler : str, optional
        The C compiler.  Default: CC, or clang for addresses and gcc for threads.

    Returns
    -------
    HuntReport
        Like that of a hunt.  A finding that a sanitizer reported has the kind
        ``"use-after-free"``, ``"memory-error"``, ``"undefined-behaviour"`` or
        ``"data-race"``, and the line of the extension as its `c_location`.

    Raises
    ------
    InvalidArgument, InvalidArgumentType
        If an argument is wrong.
    EnvironmentUnfit
        If there is no compiler with that sanitizer, if the build fails, or if the
        subject does not load the extension that was built.
    Interrupted
        On Ctrl-C; its `report` has what was found so far.

    Notes
    -----
    Only the extension is instrumented, not the interpreter and other libraries: a
    wrong access in their code is not seen, except in functions of the C library that
    the sanitizer replaces, such as memcpy.  Under AddressSanitizer, Python takes all
    memory from malloc, so that uses of freed objects show.

    On a build with the GIL, ThreadSanitizer sees it handed from thread to thread:
    accesses under it are no races.  On a free-threaded build it does not see Python's
    locks; races are notes there, not findings, unless the interpreter itself was built
    with it.
    """
    toolchain = find_toolchain(sanitizer, compiler)
    hints_only = toolchain.sanitizer == "thread" and not _locks_are_seen()
    with tempfile.TemporaryDirectory(prefix="refrace-sanitized-") as folder:
        built = build(source, Path(folder, "site"), toolchain.build)
        sanitized = _Sanitized(target, str(source), toolchain, built, Path(folder))
        settings = {"threads": threads, "repeats": repeats, "progress": progress}
        report = sanitized.hunt(
            "hunt",
            halt=not hints_only,
            seconds=seconds,
            seed=seed,
            store=store,
            **settings,
        )
        if hints_only:
            return sanitized.with_hints(report)
        return sanitized.with_places(report, settings)


def _locks_are_seen() -> bool:
    if not gil_can_be_disabled():
        return True
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return "--with-thread-sanitizer" in arguments


@dataclasses.dataclass
class _Sanitized:
    """A built extension and the environment to run it in."""

    target: str
    source: str
    toolchain: Toolchain
    built: Built
    folder: Path

    def hunt(self, logs: str, *, halt: bool, **settings: Any) -> HuntReport:
        """Hunt with reports in the folder `logs`; check what was loaded."""
        where = self.folder / logs
        where.mkdir()
        environ = environ_of(self.toolchain, where, halt=halt)
        if self.toolchain.sanitizer == "address":
            environ["PYTHONMALLOC"] = "malloc"
        report = hunt_in(
            self.target,
            environ=environ,
            path=(self.built.folder,),
            memory=0,  # a sanitizer reserves terabytes
            **settings,
        )
        self._check(report)
        return report

    def reports(self, logs: str) -> list[SanitizerReport]:
        """Return the reports in a folder that are about the extension, once each."""
        found: dict[tuple[str, str], SanitizerReport] = {}
        for path in sorted((self.folder / logs).iterdir()):
            for one in read_reports(path.read_text(encoding="utf-8", errors="replace")):
                if one.is_ours:
                    found.setdefault((one.error, str(one.location)), one)
        return list(found.values())

    def _check(self, report: HuntReport) -> None:
        names = {_module_name(path) for path in self.built.extensions}
        loaded = report.loaded
        if loaded is None or names & set(loaded.extensions):
            return
        raise EnvironmentUnfit(
            f"the subject {self.target} did not load {' or '.join(sorted(names))}, "
            f"which was built from {self.source}; it loaded "
            f"{', '.join(loaded.extensions) or 'no extension'}; pass the source of the "
            "extension that the subject imports"
        )

    def with_hints(self, report: HuntReport) -> HuntReport:
        """Return the report with what the sanitizer said as notes."""
        said = [_sentence(one) for one in self.reports("hunt")]
        if not said:
            return report
        more = len(said) - MOST_NOTES
        notes = [*said[:MOST_NOTES], *([f"{more} more of these"] if more > 0 else [])]
        return report.replace(notes=(*report.notes, *notes, _NO_MUTEX))

    def with_places(self, report: HuntReport, settings: dict[str, Any]) -> HuntReport:
        """Return the report in which crashes say what the sanitizer said."""
        found: list[HuntFinding] = []
        notes = list(report.notes)
        for i, finding in enumerate(report.found):
            if finding.kind != "crash" or i >= MOST_FINDINGS:
                found.append(finding)
                continue
            logs = f"again-{i}"
            self.hunt(
                logs,
                halt=True,
                seconds=AGAIN_S,
                seed=report.seed,
                store=False,
                program=finding.token,
                **settings,
            )
            said = self.reports(logs)
            if said:
                found.append(self._explained(finding, said[0]))
            elif any((self.folder / logs).iterdir()):
                notes.append(
                    f"the sanitizer reported something outside of the extension in "
                    f"{', '.join(finding.operations)}; it is left out"
                )
            else:
                found.append(finding)
        return report.replace(found=_once_each(found), notes=tuple(notes))

    def _explained(self, finding: HuntFinding, said: SanitizerReport) -> HuntFinding:
        command = (
            f"refrace hunt {self.target} --sanitize {self.toolchain.sanitizer} "
            f"--source {self.source}"
        )
        return dataclasses.replace(
            finding,
            kind=_kind_of(said),
            message=_sentence(said),
            c_location=str(said.location),
            reproducer=(
                f"# A sanitizer found it: it may pass in a build without one.\n"
                f"# {command}\n{finding.reproducer}"
            ),
        )


def _once_each(found: list[HuntFinding]) -> tuple[HuntFinding, ...]:
    """Return one finding for each kind and place in C, the most severe first."""
    kept: dict[tuple[Any, ...], HuntFinding] = {}
    for one in sorted(found, key=lambda each: (len(each.source), each.token)):
        place = one.c_location or one.operations
        kept.setdefault((one.kind, place), one)
    return tuple(sorted(kept.values(), key=lambda each: severity(each.kind)))


def _module_name(path: str) -> str:
    return path.partition(".")[0].replace("/", ".")


def _kind_of(report: SanitizerReport) -> HuntKind:
    if any(word in report.error for word in _AFTER_FREE):
        return "use-after-free"
    if report.tool == "ThreadSanitizer":
        return "data-race"
    if report.tool == "UndefinedBehaviorSanitizer":
        return "undefined-behaviour"
    return "crash" if report.error == "SEGV" else "memory-error"


def _sentence(report: SanitizerReport) -> str:
    """Return tool, error and places of a report."""
    places = "; ".join(report.places) or str(report.location)
    return f"{report.tool}: {report.error}: {places}"
