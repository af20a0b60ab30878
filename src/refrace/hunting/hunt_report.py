"""What a hunt found, or what it ran without finding anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace._base.confidence import CONFIDENCE, upper_bound
from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.hunting.describing.finding_text import finding_blocks
from refrace.hunting.finding import HuntFinding
from refrace.hunting.kinds import MEANING
from refrace.hunting.limits import LEAST_OVERLAP
from refrace.hunting.processes.loaded_code import LoadedCode
from refrace.hunting.schedules.explored import ExploredSchedules
from refrace.hunting.schedules.native_picture import native_picture

__all__ = ["HuntReport"]

_NOT_WATCHED = (
    "Not watched: objects that are not canaries (only their crashes and the memory "
    "that they leave), errors that cancel out within a round, counts of immortal "
    "objects, raw buffers (AddressSanitizer finds those), answers that are wrong every "
    "time (unless check() of the subject raises), and schedules that did not happen."
)
_COARSER = (
    "Coarser than it could be: no extension module has hooks, so threads were "
    "preempted only at calls of Python, locks and libc, and no memory access was "
    "seen. refrace.build_instrumented builds the extension with hooks."
)
_IN_PROCESS = (
    "Ran in this process (isolate=False): a crash or a hang would have ended or "
    "blocked it, and what earlier programs corrupted may have changed later ones."
)


@dataclass(frozen=True, slots=True)
class HuntReport(Report):
    """Outcome of :func:`refrace.hunt`.

    Attributes
    ----------
    subject : str
        The name of the subject.
    found : tuple of HuntFinding
        The findings, most severe first; the same as `findings`.
    threads : tuple of int
        Numbers of threads of the programs.
    seconds : float
        Time limit of the search in seconds.
    seed : int
        Seed of the programs.  The machine schedules the threads, and time ends the
        search, so the same seed gives the same programs but not the same run.
    repeats : int or None
        Rounds of each program; None is 17 with one thread, and 300 with more.
    isolated : bool
        Whether the programs ran in child processes.
    programs, programs_threads : int
        Programs that ran to their end, and those with more than one thread.
    rounds, rounds_threads : int
        Rounds of these programs.
    run_s, single_s : float
        Time in seconds that programs ran, and the part of it with one thread.
    overlap : float
        Share of the time of programs with several threads in which at least two
        threads were inside operations, 0 to 1.
    children : int
        Child processes that ran programs.
    batches, batches_lost, batches_resumed : int
        Batches of the search; those lost with a worker of an executor; those that an
        earlier hunt had done when it was killed.
    stored_tried : int
        Stored findings that were run first.
    limit : {"interrupt"} or None
        What ended the search before its time.
    notes : tuple of str
        Other events: children whose end is not a finding, problems with the store.
    not_compared : tuple of str
        Operations whose answers were not compared with a sequential order, and why.
    returned : tuple of str
        Operations that returned at least once.
    only_raised : tuple of str
        Operations that always raised, each with an exception: ``"pop: IndexError"``.
    explored : ExploredSchedules or None
        What was tried if schedules were chosen; None for real threads.
    loaded : LoadedCode or None
        What loading the subject did: the GIL, extensions, threads.
    store : str or None
        The folder in which findings are kept; None if there is none.
    elapsed_s : float
        Wall time in seconds.
    environment : Environment
        The interpreter and machine that hunted.
    """

    format_name: ClassVar[str] = "refrace/hunt"

    subject: str
    found: tuple[HuntFinding, ...]
    threads: tuple[int, ...]
    seconds: float
    seed: int
    repeats: int | None
    isolated: bool
    programs: int
    programs_threads: int
    rounds: int
    rounds_threads: int
    run_s: float
    single_s: float
    overlap: float
    children: int
    batches: int
    batches_lost: int
    batches_resumed: int
    stored_tried: int
    limit: Literal["interrupt"] | None
    notes: tuple[str, ...]
    not_compared: tuple[str, ...]
    explored: ExploredSchedules | None
    returned: tuple[str, ...]
    only_raised: tuple[str, ...]
    loaded: LoadedCode | None
    store: str | None
    elapsed_s: float
    environment: Environment

    def _misfit(self) -> str | None:
        if self.programs_threads > self.programs:
            return "more programs had several threads than there were"
        return None

    @property
    def findings(self) -> tuple[HuntFinding, ...]:  # type: ignore[override]
        """The findings, most severe first; empty if there are none."""
        return self.found

    @property
    def conclusive(self) -> bool:
        """Whether there is a finding, or the search was complete with enough overlap.

        Without findings, the search must have used its time.  With more than one
        thread, at least two must have been inside operations at once for 1% of the
        time.  A conclusive search is still not a proof.
        """
        return self.inconclusive_because is None

    @property
    def bound(self) -> float:
        """Upper bound, at 95% confidence, for the share of programs with a finding.

        It holds for programs drawn and run like these, if none of these had a finding.
        It is about 3/n for n programs, and 1 without any.  It says nothing about
        programs that are never drawn.
        """
        return upper_bound(0, self.programs) if self.programs else 1.0

    @property
    def single_share(self) -> float:
        """Share of the time in which programs ran with one thread, 0 to 1."""
        return self.single_s / self.run_s if self.run_s else 0.0

    def _missing(self) -> str | None:
        if self.limit == "interrupt":
            return "it was interrupted; let it run to the end"
        if not self.programs or not self.rounds:
            return "no program ran to its end; raise seconds, or see the notes below"
        if self.only_raised and not self.returned:
            return (
                f"every call raised ({', '.join(self.only_raised)}); give the "
                "arguments strategies for what the operations accept"
            )
        if self.explored is not None and not self.explored.complete:
            return "no program had all of its schedules tried; raise seconds"
        if max(self.threads) == 1:
            return None
        if not self.programs_threads:
            return "no program with several threads ran to its end; raise seconds"
        if self.overlap < LEAST_OVERLAP:
            return (
                f"two threads were inside operations at once in only "
                f"{self.overlap:.2%} of the time; raise repeats or threads, use a "
                "machine with idle cores, or pass operations that take longer"
            )
        return None

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        programs = "1 program" if self.programs == 1 else f"{self.programs:,} programs"
        if not self.found:
            said = f"nothing found in {programs} ({self.rounds:,} rounds)"
            end = "which is not a proof" if self.conclusive else "which is inconclusive"
            return f"{self.subject}: {said}, {end}."
        first = self.found[0]
        said = f"{first.kind} in {', '.join(first.operations)}: {MEANING[first.kind]}"
        more = len(self.found) - 1
        rest = f" And {more} other finding{'s' * (more > 1)}." if more else ""
        return f"{self.subject}: {said}.{rest}"

    def _picture(self) -> Picture:
        """Return the first trace of native code, if there is one."""
        for one in self.found:
            if one.native_trace:
                title = f"{one.kind} in {', '.join(one.operations)}"
                verdict = one.message
                return native_picture(one.native_trace, one.threads, title, verdict)
        return super(HuntReport, self)._picture()  # slots=True makes a new class

    def body(self) -> list[Block]:
        """Return the findings, the figures, and what was not watched."""
        blocks: list[Block] = []
        for number, finding in enumerate(self.found, start=1):
            blocks += finding_blocks(finding, number, len(self.found))
        blocks.append(self._figures())
        blocks += [Paragraph(said) for said in self._said()]
        blocks += [Paragraph(f"- {note}", indent=2, hang=2) for note in self.notes]
        blocks.append(Paragraph(_NOT_WATCHED))
        blocks += [
            Paragraph(f"- {said}", indent=2, hang=2) for said in self.not_compared
        ]
        threads = ", ".join(map(str, self.threads))
        blocks.append(
            Paragraph(
                f"{self.environment}; threads {threads}; seed {self.seed}; "
                f"{self.elapsed_s:.1f} s."
            )
        )
        return blocks

    def _figures(self) -> Table:
        rows = [
            (
                "programs",
                f"{self.programs:,}",
                f"{self.programs_threads:,} with several threads",
            ),
            (
                "rounds" if self.explored is None else "schedules",
                f"{self.rounds:,}",
                f"{self.rounds_threads:,} with several threads",
            ),
            ("time", f"{self.run_s:.1f} s", f"{self.single_share:.0%} with one thread"),
        ]
        if self.explored is not None:
            rows += [
                ("complete", f"{self.explored.complete:,}", "all schedules tried"),
                ("points", f"{self.explored.points:,}", "in the longest run"),
                (
                    "hints",
                    f"{self.explored.hints:,}",
                    "unordered accesses; no findings",
                ),
            ]
        elif max(self.threads) > 1:
            rows.append(
                (
                    "overlap",
                    f"{self.overlap:.1%}",
                    "time with two threads in operations",
                )
            )
        if self.isolated:
            rows.append(("processes", f"{self.children:,}", "children"))
        if self.batches_lost:
            rows.append(
                ("lost", f"{self.batches_lost:,}", "batches, with their workers")
            )
        if self.batches_resumed:
            rows.append(
                (
                    "resumed",
                    f"{self.batches_resumed:,}",
                    "batches of a hunt that was killed",
                )
            )
        if self.stored_tried:
            rows.append(("stored", f"{self.stored_tried:,}", "findings run first"))
        return Table(("", "", ""), rows, align="<><")

    def _said(self) -> list[str]:
        said = []
        if not self.found and self.programs:
            said.append(
                f"At {CONFIDENCE:.0%} confidence, fewer than {self.bound:.2%} of "
                "programs drawn and run like these have a finding."
            )
        if self.explored is not None:
            said.append(self.explored.sentence)
            if self.explored.level == "calls":
                said.append(_COARSER)
        if not self.conclusive:
            said.append(self._reason())
        if self.only_raised and self.returned:
            said.append(
                f"Some operations only raised ({', '.join(self.only_raised)}): their "
                "work was not tested; check the strategies of their arguments."
            )
        if not self.isolated:
            said.append(_IN_PROCESS)
        if self.loaded is not None:
            said += _loaded_text(self.loaded)
        if self.store is not None and self.found:
            said.append(f"Kept in {self.store}: the next hunt runs these first.")
        if self.notes:
            said.append("Notes:")
        return said


def _loaded_text(loaded: LoadedCode) -> list[str]:
    said = []
    if loaded.gil_after and not loaded.gil_before:
        said.append(
            "Loading the subject enabled the GIL: an extension does not declare that "
            "it runs without one. Set PYTHON_GIL=0 to hunt without the GIL."
        )
    if loaded.missing_extensions:
        listed = ", ".join(loaded.missing_extensions[:5])
        said.append(
            f"Could not be imported: {listed}. The hunt may have tested a fallback in "
            "Python instead of the extension; install a build with the extension."
        )
    elif not loaded.extensions:
        said.append(
            "The subject loaded no extension module outside the standard library: "
            "this hunt tested Python code, or the interpreter itself."
        )
    if loaded.extensions:
        listed = ", ".join(loaded.extensions[:5])
        more = len(loaded.extensions) - 5
        said.append(
            f"Extension modules of the subject: {listed}"
            + (f" and {more} more." if more > 0 else ".")
        )
    if loaded.python_threads:
        said.append(
            f"Loading the subject started {loaded.python_threads} Python "
            f"thread{'s' * (loaded.python_threads > 1)}, which the children lack."
        )
    return said
