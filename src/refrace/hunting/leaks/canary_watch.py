"""Canaries among the arguments: how many outlive their call, and which are harmed."""

from __future__ import annotations

from refrace.canaries import harness
from refrace.canaries.record import CanaryRecord
from refrace.hunting.leaks.meters import Meter

__all__ = ["CanaryWatch"]


class CanaryWatch:
    """The canaries of all calls: those that live on, and those that were harmed.

    Attributes
    ----------
    made, alive, harmed : int
        Canaries made, alive after their call, and miscounted or touched when dead.
    harm : str or None
        What happened to the first harmed one.
    """

    def __init__(self) -> None:
        harness.reset()
        self.made = self.alive = self.harmed = 0
        self.harm: str | None = None

    def read(self) -> int:
        """Judge the canaries since the last reading; return how many live on in all."""
        harness.quiesce()
        for number in harness.numbers():
            record = harness.record(number)
            self.made += record.made_by is None
            if record.state == "live" and record.made_by is None:
                self.alive += 1
            said = _harm(record)
            if said is not None:
                self.harmed += 1
                self.harm = self.harm or said
        harness.reset()
        return self.alive

    @property
    def meter(self) -> Meter:
        """The number of canaries that live on, as a level."""
        return Meter("canaries", "canaries alive after the call", "canaries", self.read)


def _harm(record: CanaryRecord) -> str | None:
    """Return what harmed a canary; None if it was counted right, or leaked."""
    if record.state != "dead":
        return None
    if record.dead_touches:
        return f"its slot {record.first_dead_slot!r} was called after its death"
    if record.died_in_slot:
        return "it died while one of its own slots was running"
    if record.died_detached:
        return "a thread without the GIL dropped its last reference"
    if record.deaths > 1:
        return f"it was freed {record.deaths} times"
    if record.drift < 0:
        return (
            f"it was dropped {-record.drift} time"
            f"{'s' * (record.drift != -1)} after its last reference was gone"
        )
    if record.drift > 0:
        return "a reference to it was taken after its death"
    return None
