"""What the operations of a mode do to memory under C11, as far as probes show."""

from __future__ import annotations

from functools import cache

from refrace._native import explorer as native_explorer
from refrace.catalogue.mode import Mode
from refrace.explorer.memory import Memory, weak_of
from refrace.explorer.model.lower import lower
from refrace.programs import Program

__all__ = ["known_ways"]

PROBES = (
    """
    obj A stable
    slot S = A
    hold T1.x = A
    borrow T2.x = A
    T1: incref x ; decref x ; n = unique x ; decref x ; quiesce
    T2: t = try_incref x ; if t == 1 { decref x } ; y = upgrade S
      if y != null { decref y } ; z = swap S null ; if z != null { decref z }
    """,
    """
    slot S = A
    hold T1.x = A
    T1: decref x ; detach ; attach ; quiesce
    T2: z = swap S null ; if z != null { incref z ; decref z ; decref z } ; quiesce
    """,
    """
    hold T1.x = A
    hold T2.x = A
    T1: incref x ; incref x ; decref x ; decref x ; decref x
    T2: incref x ; incref x ; decref x ; decref x ; decref x
    """,
    """
    obj A rc 0 stable
    borrow T1.x = A
    borrow T2.x = A
    T1: setrc x 1 ; decref x
    T2: t = try_incref x ; if t == 1 { decref x }
    """,
)
"""Programs that show what the operations of a mode do."""

MOST_PROBED = 20_000
PROBE_BYTES = 2**26


@cache
def known_ways(mode: Mode) -> bytes:
    """Return what the operations of a mode do under C11, as far as probes show.

    The probes are always the same, so that no result depends on what was explored
    before.
    """
    ways = b""
    for probe in PROBES:
        program = Program.parse(probe)
        if not mode.has_operations_of(program):
            continue
        weak = weak_of(Memory("c11"), ways)
        image = native_explorer.Image(lower(program).image, weak)
        search = native_explorer.Search(
            image, mode.number, False, -1, True, MOST_PROBED, PROBE_BYTES
        )
        while search.advance() != "done":
            pass
        assert weak is not None
        ways = weak.ways()
    return ways
