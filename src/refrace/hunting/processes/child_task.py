"""What a child is asked to do; it travels from the parent through the zygote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from refrace.hunting.limits import CHILD_MEMORY

__all__ = ["ChildTask"]


@dataclass(frozen=True)
class ChildTask:
    """The work of one child.

    Attributes
    ----------
    work : {"draw", "run", "smaller"}
        Draw programs, send them, and run them; run the given programs; send the
        candidates that are smaller than the given program.
    seed : int
        Seed of the draws.
    threads : tuple of int
        Numbers of threads of the programs to draw.
    count : int
        How many programs to draw.
    programs : tuple of dict
        For ``"run"`` and ``"smaller"``, in the stored form.
    rounds : int or None
        Rounds of each program; None is the default for its number of threads.
    seconds : float
        Time limit of the whole work.
    seconds_each : float
        Time limit of one program.
    traps : bool
        Whether canaries are trapped, which names the instruction of a wrong access.
    memory : int
        Bytes that the child may add to its memory; 0 is no limit.
    subject : str
        The name of a subject other than the one that the zygote has loaded.
    schedule : tuple of (int, int) or None
        The decisions of the only schedule to run, `rounds` times; None: no particular
        one.
    accepted : tuple of str
        Groups of arguments that earlier calls have taken, such as ``"key:text"``.
    """

    work: Literal["draw", "run", "smaller"]
    seed: int = 0
    threads: tuple[int, ...] = (1,)
    count: int = 10
    programs: tuple[dict[str, Any], ...] = field(default=())
    rounds: int | None = None
    seconds: float = 1.0
    seconds_each: float = 1.0
    traps: bool = False
    memory: int = CHILD_MEMORY
    subject: str = ""
    schedule: tuple[tuple[int, int], ...] | None = None
    accepted: tuple[str, ...] = ()
