"""What a canary does when one of its slots is called, or when it dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from refrace._base.arguments import check_choice, check_integer
from refrace.canaries.protocols import SLOTS
from refrace.errors import InvalidArgument

__all__ = ["ACTIONS", "ANY", "DEATH", "MOST_HOOKS", "MOST_NTH", "Action", "Hook"]

Action = Literal["yield", "reenter", "mutate", "raise", "drop"]
ACTIONS: tuple[Action, ...] = get_args(Action)

ANY = "any"
"""Stands for every slot, but not for the death."""
DEATH = "death"
"""Stands for the death of the canary, which is no slot."""

MOST_HOOKS = 8
"""Hooks that one canary can have."""
MOST_NTH = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Hook:
    """An action of a canary inside a slot call or inside its death.

    Parameters
    ----------
    slot : str
        The slot: a name from ``refrace.canaries.protocols.SLOTS``, ``"any"`` for every
        slot, or ``"death"``.
    action : {"yield", "reenter", "mutate", "raise", "drop"}
        ``"yield"`` detaches the thread for a moment, so that other threads run;
        ``"raise"`` raises RuntimeError, which is impossible in ``"death"``.  The other
        actions call the handler of :func:`refrace.canaries.set_hook_handler`; without
        a handler they do nothing.
    nth : int, default 1
        The hook acts in the n-th call of the slot, counted from 1; 0: in every call.

    Raises
    ------
    InvalidArgument, InvalidArgumentType
        For an unknown slot or action, an `nth` out of range, or ``"raise"`` in
        ``"death"``.
    """

    slot: str
    action: Action
    nth: int = 1

    def __post_init__(self) -> None:
        check_choice("slot", self.slot, [*SLOTS, ANY, DEATH])
        check_choice("action", self.action, ACTIONS)
        check_integer("nth", self.nth, low=0, high=MOST_NTH)
        if self.slot == DEATH and self.action == "raise":
            raise InvalidArgument(
                "action='raise' is impossible in slot='death', since nothing can catch "
                "an exception of a destructor; choose another action or another slot"
            )
