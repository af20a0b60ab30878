"""The places of a mode's source that have a memory order, and what is weaker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from refrace.explorer.limits import ProofLimit
from refrace.explorer.memory import Weakening
from refrace.traces.trace import Trace

__all__ = ["Site", "Tried", "Weaker", "at_once", "weaker_orders"]

NO_FENCE = "relaxed"
"""The order of a fence that is left out, in the core; as weak as any."""


class Site(NamedTuple):
    """An access or fence of a mode's source.

    Attributes
    ----------
    file : str
        As the compiler knows it.
    line : int
    text : str
        The C text.
    order : str
    """

    file: str
    line: int
    text: str
    order: str

    @property
    def is_fence(self) -> bool:
        """Whether it is a fence and not an access."""
        return self.text.startswith("rc_fence")

    def weakened(self, order: str) -> Weakening:
        """Return the setting that gives it another order."""
        return Weakening(self.file, self.line, self.text, order)


class Weaker(NamedTuple):
    """A place, and an order one step weaker than it has."""

    site: Site
    order: str


@dataclass(slots=True)
class Tried:
    """What is known of a weaker order.

    Attributes
    ----------
    programs : int
        How many programs were explored with it, alone or with others.
    witness : Trace or None
        A run that goes wrong.
    limit : ProofLimit or None
        What stopped an exploration.
    """

    programs: int = 0
    witness: Trace | None = None
    limit: ProofLimit | None = None


def at_once(some: Iterable[Weaker]) -> tuple[Weakening, ...]:
    """Return the setting that makes several orders weaker at the same time.

    A place that could lose its acquire or its release loses both.
    """
    orders: dict[Site, str] = {}
    for site, order in some:
        orders[site] = NO_FENCE if site in orders else order
    return tuple(site.weakened(order) for site, order in orders.items())


def weaker_orders(site: Site) -> tuple[str, ...]:
    """Return the orders one step weaker; none if there is no weaker one."""
    if site.is_fence:
        return {
            "seq_cst": ("acq_rel",),
            "acq_rel": ("acquire", "release"),
        }.get(site.order, (NO_FENCE,))
    if site.order == "seq_cst":
        if site.text.startswith("rc_load"):
            return ("acquire",)
        return ("release",) if site.text.startswith("rc_store") else ("acq_rel",)
    return {
        "acq_rel": ("acquire", "release"),
        "acquire": ("relaxed",),
        "release": ("relaxed",),
    }.get(site.order, ())
