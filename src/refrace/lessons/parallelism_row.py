"""The measurements of one workload and their verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from refrace._base.spread import Spread
from refrace.environment import Environment

__all__ = ["Pair", "ParallelismRow", "Verdict"]

Verdict = Literal[
    "parallel", "serial", "partial", "waiting", "competing", "noisy", "skipped"
]
"""Verdict of the pairs of one workload; see :meth:`ParallelismRow.verdict`."""

MOST_SPREAD = 0.3
"""Relative spread of the speedup above which the pairs are inconclusive."""
ALL = 0.75
"""Share of the cores from which a workload counts as using all of them."""
ONE = 1.25
"""Cores and speedup up to which a workload counts as one thread at a time."""
HARDLY_ANY = 0.25
"""Cores below which a workload counts as waiting."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A run of one thread and a run of several threads, each with the same work.

    Attributes
    ----------
    one_wall_s, one_cpu_s : float
        Elapsed time and processor time of the run of one thread, in seconds.
    many_wall_s, many_cpu_s : float
        The same for the run of all threads.
    """

    one_wall_s: float
    one_cpu_s: float
    many_wall_s: float
    many_cpu_s: float

    def speedup(self, threads: int) -> float:
        """Return the work of `threads` threads per time, relative to one thread."""
        if not self.many_wall_s:
            return 0.0
        return threads * self.one_wall_s / self.many_wall_s

    @property
    def cores_used(self) -> float:
        """Processor time per elapsed time of the run of several threads."""
        return self.many_cpu_s / self.many_wall_s if self.many_wall_s else 0.0


@dataclass(frozen=True, slots=True)
class ParallelismRow:
    """The measurements of one workload.

    Attributes
    ----------
    workload : str
        Its name.
    title : str
        A short description.
    holding : {"gil", "released", "waits", "unknown"}
        Whether it keeps the GIL, releases it, or waits without it.
    threads : int
        Number of threads that were compared with one.
    amount : int
        Steps that each thread did in each run; 0 if skipped.
    pairs : tuple of Pair
        One for each round, in order; empty if skipped.
    skipped : str or None
        Reason why it was not measured; None if it was measured.
    """

    workload: str
    title: str
    holding: Literal["gil", "released", "waits", "unknown"]
    threads: int
    amount: int
    pairs: tuple[Pair, ...]
    skipped: str | None = None

    @property
    def speedup(self) -> Spread:
        """Work per time relative to one thread, over the pairs; a zero if skipped."""
        return Spread.of([pair.speedup(self.threads) for pair in self.pairs] or [0.0])

    @property
    def cores_used(self) -> Spread:
        """Processor time per elapsed time, over the pairs; a zero if skipped."""
        return Spread.of([pair.cores_used for pair in self.pairs] or [0.0])

    @property
    def is_noisy(self) -> bool:
        """Whether the speedups vary too much for their median to be meaningful."""
        speedup = self.speedup
        return speedup.high - speedup.low > MOST_SPREAD * speedup.median

    def verdict(self, cores: int) -> Verdict:
        """Judge the pairs, on a machine with `cores` cores.

        ``"noisy"``: the middle half of the speedups is wider than 30 % of the median.
        ``"waiting"``: less than a quarter of a core used, and full speedup.
        ``"parallel"``: at least three quarters of the cores and of the speedup.
        ``"competing"``: that many cores used, but less speedup.  ``"serial"``: at most
        1.25 for both.  ``"partial"``: anything between.
        """
        if self.skipped is not None or not self.pairs:
            return "skipped"
        if self.is_noisy:
            return "noisy"
        speedup, used = self.speedup.median, self.cores_used.median
        all_of_them = ALL * min(self.threads, cores)
        if used < HARDLY_ANY and speedup >= ALL * self.threads:
            return "waiting"
        if used >= all_of_them:
            return "parallel" if speedup >= all_of_them else "competing"
        if used <= ONE and speedup <= ONE:
            return "serial"
        return "partial"

    def cause(self, environment: Environment, machine_is_fit: bool = True) -> str:
        """Return in a few words why the workload used this number of cores.

        Parameters
        ----------
        environment : Environment
            Where it was measured: its cores, and whether there was a GIL.
        machine_is_fit : bool
            Whether the machine provided its cores to the yardstick, which needs no GIL.
            If not, that is the only known cause.  Default: True.

        Returns
        -------
        str
            Some words without a full stop, such as ``"the GIL lets one run"``.
        """
        gil = environment.gil_enabled
        verdict = self.verdict(environment.cores)
        if verdict == "skipped":
            return self.skipped or "not measured"
        if verdict == "noisy":
            low, high = self.speedup.low, self.speedup.high
            return f"too noisy: speedup {low:.2f} to {high:.2f}"
        if min(self.threads, environment.cores) == 1:
            return "inconclusive on one core"
        if verdict == "waiting":
            return "waiting needs neither core nor GIL" if gil else "waits, no core"
        if not machine_is_fit:
            return "the machine was busy: no answer"
        if verdict == "parallel":
            if gil and self.holding == "released":
                return "it releases the GIL"
            return "threads run in parallel" if gil else "no GIL: in parallel"
        if verdict == "competing":
            return "cores busy, little gained: threads slow each other down"
        if verdict == "serial" and gil:
            if self.holding == "gil":
                return "the GIL lets one run"
            if self.holding == "released":
                return "one at a time, though it releases the GIL"
            return "one at a time: the GIL, or a lock of its own"
        if verdict == "serial":
            return "one at a time, though there is no GIL: a lock, or memory"
        return "partly in parallel"

    def sentence(self, environment: Environment) -> str:
        """Return in one sentence how many cores were used and why."""
        cause = self.cause(environment)
        if self.verdict(environment.cores) == "skipped":
            return f"skipped: {cause}"
        possible = min(self.threads, environment.cores)
        cores = "1 core" if possible == 1 else f"{possible} cores"
        return f"{self.cores_used.median:.2f} of {cores}: {cause}"
