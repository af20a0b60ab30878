"""Programs beyond the corpus that exercise more than incref and decref."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent

from refrace.catalogue.mode import Mode
from refrace.programs import Program

__all__ = [
    "SCENARIOS",
    "Scenario",
    "current_name",
    "meaning_of",
    "scenarios_of",
]


@dataclass(frozen=True)
class Scenario:
    """A program that exercises more of a mode than incref and decref.

    Attributes
    ----------
    name : str
        A short, stable id.
    meaning : str
        What happens in it, in one sentence.
    text : str
        The program; correct if each operation is one step.
    reads : bool
        Whether it increments a pointer that it only read.  That is correct only in a
        mode that protects reads (:attr:`Mode.protects_reads`).  Default: False.
    detaches : bool
        Whether a thread stays detached until another has freed its object.  That is a
        deadlock in a mode that waits for detached owners
        (:attr:`Mode.needs_attached_owner`).  Default: False.
    drops_order : bool
        Whether it needs that a `try_incref` is ordered after the drops before it.  A
        mode that settles later (:attr:`Mode.settles`) may keep a drop in the thread
        that made it.  Default: False.
    """

    name: str
    meaning: str
    text: str
    reads: bool = False
    detaches: bool = False
    drops_order: bool = False

    @cached_property
    def program(self) -> Program:
        """The text as a program."""
        return Program.parse(dedent(self.text))

    def why_not_in(self, mode: Mode) -> str | None:
        """Return why a mode is not checked against it; None if it is."""
        if not mode.has_operations_of(self.program):
            return "it writes the count, which is not a single word in this mode"
        if self.reads and not mode.protects_reads:
            return (
                "it increments a pointer it does not own, which this mode does not "
                "support"
            )
        if self.detaches and mode.needs_attached_owner:
            return (
                "the detached owner waits for the free, which in this mode waits for "
                "the owner"
            )
        if self.drops_order and mode.settles:
            return "a drop in this mode may stay in its thread, and orders nothing then"
        return None


SCENARIOS = (
    Scenario(
        "handoff-then-exit",
        "The owner stores its reference in a slot and ends; another thread drops it.",
        """
        slot S = null
        hold T1.x = A
        T1: S = x
        T2: await S ; z = swap S null ; use z ; decref z
        """,
    ),
    Scenario(
        "owner-waits",
        "The owner waits until another thread has dropped its reference.",
        """
        int DONE = 0
        hold T1.x = A
        hold T2.x = A
        T1: decref x ; await DONE
        T2: decref x ; DONE = 1
        """,
    ),
    Scenario(
        "owner-detaches",
        "The owner detaches and attaches again while another thread drops a reference.",
        """
        hold T1.x = A
        hold T2.x = A
        T1: detach ; attach ; incref x ; decref x ; decref x
        T2: use x ; decref x
        """,
    ),
    Scenario(
        "detach-with-deferred-work",
        "The owner detaches with deferred work; another thread drops a reference.",
        """
        slot S = null
        hold T1.x = A
        T1: incref x ; S = x ; decref x ; detach ; attach ; quiesce
        T2: await S ; z = swap S null ; use z ; decref z ; quiesce
        """,
    ),
    Scenario(
        "two-objects-one-detached",
        "Two threads drop references to two objects of an owner that detaches.",
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
        "detached-until-freed",
        "The owner stays detached until another thread has freed its object.",
        """
        slot S = null
        int DETACHED = 0
        int GONE = 0
        obj A final f
        hold T1.x = A
        fn f: GONE = 1
        T1: S = x ; detach ; DETACHED = 1 ; await GONE ; attach
        T2: await DETACHED ; z = swap S null ; decref z ; quiesce
        """,
        detaches=True,
    ),
    Scenario(
        "two-drop-one-counts",
        "Each of three threads drops a reference; one also takes and drops another.",
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
        "drop-upgrade-handoff",
        "A thread drops its reference, upgrades a raw pointer, and stores the result.",
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
        "two-upgrades",
        "Two threads upgrade a raw pointer while a third drops the last reference.",
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
        "owner-quiesces",
        "The owner passes quiescent points while another thread counts the object.",
        """
        hold T1.x = A
        hold T2.x = A
        T1: quiesce ; decref x ; quiesce
        T2: incref x ; decref x ; decref x ; quiesce
        """,
    ),
    Scenario(
        "copy-then-quiesce",
        "One thread publishes a copy, another thread drops it, and both quiesce.",
        """
        slot S = null
        hold T1.x = A
        T1: incref x ; S = x ; decref x ; quiesce
        T2: await S ; z = swap S null ; use z ; decref z ; quiesce
        """,
    ),
    Scenario(
        "finaliser-counts",
        "A finaliser allocates an object and counts it.",
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
        "owned-field",
        "The destruction of one object drops a reference to another.",
        """
        obj A field f=B
        hold T1.x = A
        hold T2.y = B
        T1: decref x
        T2: use y ; decref y
        """,
    ),
    Scenario(
        "new-then-handoff",
        "One thread allocates an object and shares it; another drops a reference.",
        """
        type N
        slot S = null
        T1: x = new N ; incref x ; S = x ; use x ; decref x
        T2: await S ; z = swap S null ; use z ; decref z
        """,
    ),
    Scenario(
        "finaliser-resurrects",
        "A finaliser resurrects its object once.",
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
        "read-then-dropped",
        "One thread counts what it only read while another drops the last reference.",
        """
        slot S = A
        T1: y = S ; if y != null { incref y ; use y ; decref y }
        T2: z = swap S null ; decref z
        """,
        reads=True,
    ),
    Scenario(
        "reader-ahead",
        "The reader is an epoch ahead of the thread that drops the last reference.",
        """
        slot S = A
        hold T2.b = B
        T1: z = swap S null ; decref z ; quiesce
        T2: decref b ; quiesce ; y = S ; if y != null { incref y ; use y ; decref y }
        """,
        reads=True,
    ),
    Scenario(
        "dropped-after-detach",
        "A thread that was detached drops what another reads after a quiescent point.",
        """
        slot S = A
        hold T2.b = B
        T1: detach ; attach ; z = swap S null ; decref z ; quiesce
        T2: decref b ; quiesce ; y = S ; if y != null { incref y ; use y ; decref y }
        """,
        reads=True,
    ),
    Scenario(
        "two-readers",
        "Two threads count what they only read, a third drops it, and all quiesce.",
        """
        slot S = A
        T1: y = S ; if y != null { incref y ; use y ; decref y } ; quiesce
        T2: y = S ; if y != null { incref y ; use y ; decref y } ; quiesce
        T3: z = swap S null ; decref z ; quiesce
        """,
        reads=True,
    ),
)
"""All but those that read are correct in `atomic`.  `prove` leaves out what a mode
does not claim: a missing operation, protected reads, or frees for detached owners."""

ABOUT_ORDERS = (
    Scenario(
        "count-raised-from-zero",
        "A thread writes an object and raises its count from 0; another tries it.",
        """
        obj A rc 0 stable
        borrow T1.x = A
        borrow T2.x = A
        T1: put x ; setrc x 1 ; decref x
        T2: t = try_incref x ; if t == 1 { use x ; decref x }
        """,
    ),
    Scenario(
        "borrower-counts",
        "A thread counts a borrowed reference while the owner waits to drop its own.",
        """
        int COUNTED = 0
        hold T1.x = A
        borrow T2.x = A
        T1: await COUNTED ; decref x
        T2: incref x ; COUNTED = 1 ; use x ; decref x
        """,
    ),
    Scenario(
        "dropped-then-tried",
        "A thread writes an object and drops it; another then tries it and reads it.",
        """
        obj A stable
        int DROPPED = 0
        hold T1.x = A
        hold T2.y = A
        T1: put x ; decref x ; DROPPED = 1 relaxed
        T2: await DROPPED relaxed ; t = try_incref y
          if t == 1 { use y ; decref y }
          decref y
        """,
        drops_order=True,
    ),
    Scenario(
        "counted-then-unique",
        "An owner writes if it is alone, after a thread has counted a borrowed object.",
        """
        int COUNTED = 0
        hold T1.x = A
        borrow T2.y = A
        T1: await COUNTED acquire ; b = unique x ; if b == 1 { put x } ; decref x
        T2: incref y ; COUNTED = 1 release ; use y ; decref y
        """,
    ),
)
"""What only C11 can show; correct in `atomic`."""


FORMER_NAMES = {
    "the owner hands over and ends": "handoff-then-exit",
    "the owner sleeps": "owner-waits",
    "the owner sleeps, and wakes up while another drops": "owner-detaches",
    "the owner sleeps with what it has put off": "detach-with-deferred-work",
    "two drop what a sleeper has": "two-objects-one-detached",
    "the owner sleeps until another has freed": "detached-until-freed",
    "two drop what the owner has, and one counts on": "two-drop-one-counts",
    "dropped, had again, and given to the owner": "drop-upgrade-handoff",
    "two upgrade while the last reference goes": "two-upgrades",
    "the owner is quiescent in between": "owner-quiesces",
    "copied in one thread, dropped in the other, and both come by": "copy-then-quiesce",
    "a finaliser counts what it makes": "finaliser-counts",
    "one object owns another": "owned-field",
    "made by one thread, dropped by the other": "new-then-handoff",
    "a finaliser brings its object back": "finaliser-resurrects",
    "read, dropped by the other, and then counted": "read-then-dropped",
    "read by one that is an epoch ahead of the one that drops": "reader-ahead",
    "dropped by one that has slept, read by one that goes through epochs": (
        "dropped-after-detach"
    ),
    "two read what the third drops, and all come by": "two-readers",
}
"""The names in reports stored by earlier versions, and the ids that replaced them."""

_MEANINGS = {one.name: one.meaning for one in (*SCENARIOS, *ABOUT_ORDERS)}


def scenarios_of(model: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a memory model, "sc" or "c11"."""
    return SCENARIOS + (ABOUT_ORDERS if model == "c11" else ())


def current_name(name: str) -> str:
    """Return the id of the scenario that an earlier version called `name`."""
    return FORMER_NAMES.get(name, name)


def meaning_of(name: str) -> str:
    """Return what happens in a scenario; "" if this version does not have it."""
    return _MEANINGS.get(name, "")
