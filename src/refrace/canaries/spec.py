"""What a canary is, as data that can be stored and sent to another process."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

from refrace._base.arguments import (
    a_kind,
    check_bool,
    check_choice,
    check_integer,
)
from refrace._base.safe_repr import shown
from refrace.canaries.hook import ANY, DEATH, MOST_HOOKS, Hook
from refrace.canaries.protocols import DEFAULT_SUPPORTS, EVERY_CANARY, PROTOCOLS
from refrace.errors import InvalidArgument, InvalidArgumentType

__all__ = ["OWNERS", "CanarySpec", "Owner"]

Owner = Literal["main", "worker", "merged"]
OWNERS: tuple[Owner, ...] = get_args(Owner)


@dataclass(frozen=True, slots=True)
class CanarySpec:
    """The properties of a canary.

    Parameters
    ----------
    supports : collection of str, default {"hash", "eq"}
        Protocols, names from ``refrace.canaries.protocols.PROTOCOLS``.  The canary has
        no slots of the other protocols.
    tracked : bool, default False
        Whether the cyclic garbage collector tracks the canary.
    owner : {"main", "worker", "merged"}, default "main"
        Free-threaded builds only, otherwise without effect: the thread whose references
        are counted without atomic operations.  ``"main"``: the thread that makes the
        canary.  ``"worker"``: a thread other than the main one; if the main thread
        makes the canary, a short thread that has ended.  ``"merged"``: no thread.
    held : bool, default False
        Whether the harness keeps a reference of its own.
    trap : bool, default False
        Whether the memory page of the canary becomes inaccessible when it dies, so that
        every later access is recorded.  Not for a tracked canary.
    hooks : sequence of Hook, default ()
        At most 8, for slots that the canary has, for ``"any"`` or for ``"death"``.
    value : int or None, default None
        From -2**62 to 2**62: defines hash, equality, order and arithmetic.  None:
        the canary is equal to itself only, and counts as 0 in arithmetic.

    Raises
    ------
    InvalidArgument, InvalidArgumentType
        For every other value, and for ``tracked=True`` with ``trap=True``.
    """

    supports: frozenset[str] = DEFAULT_SUPPORTS
    tracked: bool = False
    owner: Owner = "main"
    held: bool = False
    trap: bool = False
    hooks: tuple[Hook, ...] = ()
    value: int | None = None

    def __post_init__(self) -> None:
        supports = checked_supports(self.supports)
        object.__setattr__(self, "supports", supports)
        check_bool("tracked", self.tracked)
        check_choice("owner", self.owner, OWNERS)
        check_bool("held", self.held)
        check_bool("trap", self.trap)
        object.__setattr__(self, "hooks", checked_hooks(self.hooks, supports))
        if self.value is not None:
            number = check_integer("value", self.value, low=-(2**62), high=2**62)
            object.__setattr__(self, "value", number)
        if self.tracked and self.trap:
            raise InvalidArgument(
                "trap=True is impossible with tracked=True, since the collector "
                "itself touches a tracked object; leave out one of them"
            )


def checked_supports(supports: Any) -> frozenset[str]:
    """Return the protocols as a set; raise if one is unknown."""
    if isinstance(supports, str) or not isinstance(supports, Collection):
        raise InvalidArgumentType(
            f"supports={shown(supports)} is {a_kind(supports)}; pass a set of names, "
            f"for example {{'hash', 'eq'}}"
        )
    return frozenset(check_choice("supports", one, PROTOCOLS) for one in supports)


def checked_hooks(hooks: Any, supports: frozenset[str]) -> tuple[Hook, ...]:
    """Return the hooks as a tuple; raise if the canary cannot have one of them."""
    if isinstance(hooks, Hook) or not isinstance(hooks, Collection):
        raise InvalidArgumentType(
            f"hooks={shown(hooks)} is {a_kind(hooks)}; pass a sequence of Hook"
        )
    if len(hooks) > MOST_HOOKS:
        raise InvalidArgument(
            f"{len(hooks)} hooks are too many for a canary; pass at most {MOST_HOOKS}"
        )
    slots = {*EVERY_CANARY, ANY, DEATH}
    slots.update(slot for name in supports for slot in PROTOCOLS[name])
    for hook in hooks:
        if not isinstance(hook, Hook):
            raise InvalidArgumentType(
                f"hooks has {shown(hook)}, {a_kind(hook)}; pass Hook objects"
            )
        if hook.slot not in slots:
            owners = [name for name, own in PROTOCOLS.items() if hook.slot in own]
            raise InvalidArgument(
                f"hooks has a hook for slot {hook.slot!r}, which the canary does not "
                f"have; add {' or '.join(map(repr, owners))} to supports"
            )
    return tuple(hooks)
