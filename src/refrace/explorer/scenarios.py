"""Small programs in which a scheme has to do more than count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent

from refrace.catalogue.mode import Mode
from refrace.programs import Program

__all__ = ["SCENARIOS", "Scenario"]


@dataclass(frozen=True)
class Scenario:
    """A program in which a scheme has to do more than count.

    Attributes
    ----------
    name : str
        What happens in it, in a few words.
    text : str
        The program; right where an operation is one step.
    reads : bool
        Whether it counts what it has only read, which is right where reads are
        protected (:attr:`Mode.protects_reads`) and nowhere else.  Default: False.
    sleeps : bool
        Whether a thread sleeps until another has freed what it had, which is right
        where nothing waits for sleepers (:attr:`Mode.waits_for_sleepers`), and a
        deadlock anywhere else.  Default: False.
    """

    name: str
    text: str
    reads: bool = False
    sleeps: bool = False

    @cached_property
    def program(self) -> Program:
        """The text as a program."""
        return Program.parse(dedent(self.text))

    def why_not_in(self, mode: Mode) -> str | None:
        """Say why a mode is not held to it; None: by what it says of itself it is."""
        if not mode.has_operations_of(self.program):
            return "the count is written, which is no single word here"
        if self.reads and not mode.protects_reads:
            return "what was only read is counted, which this mode does not protect"
        if self.sleeps and mode.waits_for_sleepers:
            return "a sleeper's object is waited for, and here it waits for the sleeper"
        return None


SCENARIOS = (
    Scenario(
        "the owner hands over and ends",
        """
        slot S = null
        hold T1.x = A
        T1: S = x
        T2: await S ; z = swap S null ; use z ; decref z
        """,
    ),
    Scenario(
        "the owner sleeps",
        """
        int DONE = 0
        hold T1.x = A
        hold T2.x = A
        T1: decref x ; await DONE
        T2: decref x ; DONE = 1
        """,
    ),
    Scenario(
        "the owner sleeps, and wakes up while another drops",
        """
        hold T1.x = A
        hold T2.x = A
        T1: detach ; attach ; incref x ; decref x ; decref x
        T2: use x ; decref x
        """,
    ),
    Scenario(
        "the owner sleeps with what it has put off",
        """
        slot S = null
        hold T1.x = A
        T1: incref x ; S = x ; decref x ; detach ; attach ; quiesce
        T2: await S ; z = swap S null ; use z ; decref z ; quiesce
        """,
    ),
    Scenario(
        "two drop what a sleeper has",
        """
        hold T1.x = A
        hold T1.y = B
        hold T2.x = A
        hold T3.y = B
        T1: detach ; attach ; decref x ; decref y
        T2: decref x
        T3: decref y
        """,
    ),
    Scenario(
        "the owner sleeps until another has freed",
        """
        slot S = null
        int ASLEEP = 0
        int GONE = 0
        obj A final f
        hold T1.x = A
        fn f: GONE = 1
        T1: S = x ; detach ; ASLEEP = 1 ; await GONE ; attach
        T2: await ASLEEP ; z = swap S null ; decref z ; quiesce
        """,
        sleeps=True,
    ),
    Scenario(
        "two drop what the owner has, and one counts on",
        """
        hold T1.x = A
        hold T2.x = A
        hold T3.x = A
        T1: decref x
        T2: decref x
        T3: incref x ; decref x ; decref x
        """,
    ),
    Scenario(
        "dropped, had again, and given to the owner",
        """
        obj A stable
        raw W = A
        slot S = null
        hold T1.x = A
        hold T2.x = A
        T1: decref x ; z = swap S null ; if z != null { decref z }
        T2: decref x ; y = upgrade W ; S = y
        """,
    ),
    Scenario(
        "two upgrade while the last reference goes",
        """
        obj A stable
        raw W = A
        hold T1.x = A
        T1: decref x
        T2: y = upgrade W ; if y != null { use y ; decref y }
        T3: y = upgrade W ; if y != null { use y ; decref y }
        """,
    ),
    Scenario(
        "the owner is quiescent in between",
        """
        hold T1.x = A
        hold T2.x = A
        T1: quiesce ; decref x ; quiesce
        T2: incref x ; decref x ; decref x ; quiesce
        """,
    ),
    Scenario(
        "copied in one thread, dropped in the other, and both come by",
        """
        slot S = null
        hold T1.x = A
        T1: incref x ; S = x ; decref x ; quiesce
        T2: await S ; z = swap S null ; use z ; decref z ; quiesce
        """,
    ),
    Scenario(
        "a finaliser counts what it makes",
        """
        obj A final f
        hold T1.x = A
        hold T2.x = A
        T1: decref x
        T2: decref x
        fn f: n = new N ; incref n ; decref n ; decref n
        """,
    ),
    Scenario(
        "one object owns another",
        """
        obj A field f=B
        hold T1.x = A
        hold T2.y = B
        T1: decref x
        T2: use y ; decref y
        """,
    ),
    Scenario(
        "made by one thread, dropped by the other",
        """
        type N
        slot S = null
        T1: x = new N ; incref x ; S = x ; use x ; decref x
        T2: await S ; z = swap S null ; use z ; decref z
        """,
    ),
    Scenario(
        "a finaliser brings its object back",
        """
        int ONCE = 0
        slot S = null
        obj A final f
        hold T1.x = A
        fn f:
          n = ONCE
          if n == 0 {
            ONCE = 1
            setrc self 2
            S = self
            resurrect_end self
          }
        T1: decref x
        T2: await S ; z = swap S null ; use z ; decref z
        """,
    ),
    Scenario(
        "read, dropped by the other, and then counted",
        """
        slot S = A
        T1: y = S ; if y != null { incref y ; use y ; decref y }
        T2: z = swap S null ; decref z
        """,
        reads=True,
    ),
    Scenario(
        "read by one that is an epoch ahead of the one that drops",
        """
        slot S = A
        hold T2.b = B
        T1: z = swap S null ; decref z ; quiesce
        T2: decref b ; quiesce ; y = S ; if y != null { incref y ; use y ; decref y }
        """,
        reads=True,
    ),
    Scenario(
        "dropped by one that has slept, read by one that goes through epochs",
        """
        slot S = A
        hold T2.b = B
        T1: detach ; attach ; z = swap S null ; decref z ; quiesce
        T2: decref b ; quiesce ; y = S ; if y != null { incref y ; use y ; decref y }
        """,
        reads=True,
    ),
    Scenario(
        "two read what the third drops, and all come by",
        """
        slot S = A
        T1: y = S ; if y != null { incref y ; use y ; decref y } ; quiesce
        T2: y = S ; if y != null { incref y ; use y ; decref y } ; quiesce
        T3: z = swap S null ; decref z ; quiesce
        """,
        reads=True,
    ),
)
"""Right in `atomic`, but for those that read.  A mode that lacks an operation, does not
protect reads, or waits for sleepers, leaves out what it does not claim."""
