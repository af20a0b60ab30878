"""Read the reports of AddressSanitizer, UndefinedBehaviorSanitizer, ThreadSanitizer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from refrace.hunting.builds.build import PREFIX

__all__ = ["SanitizerFrame", "SanitizerReport", "SanitizerStack", "read_reports"]


@dataclass(frozen=True, slots=True)
class SanitizerFrame:
    """One line of a stack.

    Attributes
    ----------
    function : str
        The C function; empty if the report does not name it.
    file : str
        The source file, or the module if there is no debug information.
    line : int or None
        The line, from 1; None without debug information.
    """

    function: str
    file: str
    line: int | None

    @property
    def is_ours(self) -> bool:
        """Whether it is in the extension that was built for the hunt."""
        return PREFIX in self.file

    def __str__(self) -> str:
        name = Path(self.file).name
        place = name if self.line is None else f"{name}:{self.line}"
        return f"{self.function} ({place})" if self.function else place


@dataclass(frozen=True, slots=True)
class SanitizerStack:
    """A stack of a report with its heading, such as "freed by thread T0 here"."""

    title: str
    frames: tuple[SanitizerFrame, ...]


@dataclass(frozen=True, slots=True)
class SanitizerReport:
    """One report.

    Attributes
    ----------
    tool : str
        ``"AddressSanitizer"``, ``"ThreadSanitizer"`` or
        ``"UndefinedBehaviorSanitizer"``.
    error : str
        What it is, for example ``"heap-use-after-free"`` or ``"data race"``.
    stacks : tuple of SanitizerStack
        The access first, then what the report says about it.
    place : SanitizerFrame or None
        Where a report without stacks places the error.
    text : str
        The report as it was written.
    """

    tool: str
    error: str
    stacks: tuple[SanitizerStack, ...]
    place: SanitizerFrame | None
    text: str

    @property
    def location(self) -> SanitizerFrame | None:
        """The innermost frame of the access in the extension; else the innermost."""
        frames = [frame for stack in self.stacks[:1] for frame in stack.frames]
        ours = [frame for frame in frames if frame.is_ours]
        known = [frame for frame in frames if "libsanitizer" not in frame.file]
        return next(iter(ours or ([self.place] if self.place else known)), None)

    @property
    def is_ours(self) -> bool:
        """Whether a frame of the access is in the extension."""
        return self.location is not None and self.location.is_ours

    @property
    def places(self) -> tuple[str, ...]:
        """For each stack, its heading and its innermost frame in the extension."""
        found = []
        for stack in self.stacks:
            ours = next((frame for frame in stack.frames if frame.is_ours), None)
            if ours is not None:
                found.append(f"{stack.title}: {ours}" if stack.title else f"in {ours}")
        return tuple(found)


_ADDRESS = re.compile(
    r"ERROR: AddressSanitizer: (?:attempting )?(?P<error>[A-Za-z0-9_-]+)"
)
_THREAD = re.compile(r"WARNING: ThreadSanitizer: (?P<error>.+?) \(pid=\d+\)")
_UNDEFINED = re.compile(
    r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): runtime error: (?P<error>.+)$"
)
_FRAME = re.compile(r"^\s+#(?P<number>\d+) (?:0x[0-9a-f]+ (?:in )?)?(?P<rest>.+)$")
_SOURCE = re.compile(
    r"^(?P<function>.*?)\s*(?P<file>[^\s()]\S*?):(?P<line>\d+)(?::\d+)?(?: \(.*\))?$"
)
_MODULE = re.compile(r"^(?P<function>.*?)\s*\((?P<file>[^()]+?)\+0x[0-9a-f]+\)")
_RULE = re.compile(r"^={10,}$")


def read_reports(text: str) -> list[SanitizerReport]:
    """Return all reports in the text of a log; what is no report is skipped."""
    found = []
    for lines in _split(text.splitlines()):
        report = _report_of(lines)
        if report is not None:
            found.append(report)
    return found


def _split(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines of each report, from its first line to the next report."""
    part: list[str] = []
    for line in lines:
        starts = _ADDRESS.search(line) or _THREAD.search(line) or _UNDEFINED.match(line)
        if starts or _RULE.match(line):
            yield part
            part = []
        part.append(line)
    yield part


def _report_of(lines: list[str]) -> SanitizerReport | None:
    if lines and _RULE.match(lines[0]):
        lines = lines[1:]
    if not lines:
        return None
    place = None
    if found := _ADDRESS.search(lines[0]):
        tool = "AddressSanitizer"
    elif found := _THREAD.search(lines[0]):
        tool = "ThreadSanitizer"
    elif found := _UNDEFINED.match(lines[0]):
        tool = "UndefinedBehaviorSanitizer"
        place = SanitizerFrame("", found["file"], int(found["line"]))
    else:
        return None
    return SanitizerReport(
        tool=tool,
        error=found["error"],
        stacks=tuple(_stacks(lines)),
        place=place,
        text="\n".join(lines).strip() + "\n",
    )


def _stacks(lines: list[str]) -> Iterator[SanitizerStack]:
    title = ""
    frames: list[SanitizerFrame] = []
    for line in lines[1:]:
        found = _FRAME.match(line)
        if found is None:
            if frames:
                yield SanitizerStack(title, tuple(frames))
                title, frames = "", []
            if line.strip():
                title = _title(line)
            continue
        if found["number"] == "0" and frames:
            yield SanitizerStack(title, tuple(frames))
            frames = []
        frames.append(_frame(found["rest"]))
    if frames:
        yield SanitizerStack(title, tuple(frames))


def _title(line: str) -> str:
    """Return a heading without addresses and trailing punctuation."""
    words = re.sub(r"0x[0-9a-f]+", "", line.strip().rstrip(":"))
    return " ".join(re.sub(r"\s+at\s+(by|thread)", r" \1", words).split())


def _frame(rest: str) -> SanitizerFrame:
    if found := _SOURCE.match(rest):
        return SanitizerFrame(found["function"], found["file"], int(found["line"]))
    if found := _MODULE.match(rest):
        return SanitizerFrame(found["function"], found["file"], None)
    return SanitizerFrame(rest.split()[0], "", None)
