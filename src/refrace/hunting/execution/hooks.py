"""What canaries and callbacks do to the subject while one of its operations runs."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from typing import Any

from refrace.hunting.execution.invoke import invoke
from refrace.hunting.judging.answers import Describer
from refrace.subjects import Callback, HuntProgram

__all__ = ["Hooks", "containers_of"]

DEEPEST = 6
_CHANGEABLE: tuple[Any, ...] = (list, dict, set, bytearray)


class Hooks:
    """The handler of hooks and callbacks, for one round after the other.

    Parameters
    ----------
    program : HuntProgram

    Attributes
    ----------
    keeps : bool
        Whether what hooks call has the same arguments each time.  If not, it is called
        once, and nothing else refers to its arguments: they may die in the call.
    alternates : bool
        Whether `keeps` changes with each round.  If not, all rounds do the same, as a
        schedule needs that is followed again.
    acted : bool
        Whether anything has acted in this round: then calls are no units.
    """

    def __init__(self, program: HuntProgram) -> None:
        self._reentries = program.reentries
        self._first_reentry = sum(1 for _ in program.calls()) - len(program.reentries)
        self._depth = threading.local()
        self._turn = 0
        self._bind: Callable[[str], Callable[..., Any]] | None = None
        self._box: list[Any] = []
        self._containers: list[Any] = []
        self._describer: Describer | None = None
        self.acted = False
        self.keeps = _keeps_at_first(program)
        self.alternates = True
        self._is_first = True

    def begin(
        self,
        bind: Callable[[str], Callable[..., Any]],
        box: list[Any],
        containers: list[Any],
        describer: Describer,
    ) -> None:
        """Act on what this round is about."""
        self._bind, self._box, self._describer = bind, box, describer
        self._containers = containers
        self._turn = 0
        self.acted = False
        self.keeps ^= self.alternates and not self._is_first
        self._is_first = False

    def end(self) -> None:
        """Forget the round."""
        self._bind, self._box, self._describer = None, [], None
        self._containers = []

    def on_canary(self, number: int, slot: str, action: str) -> None:
        """Handle the hook of a canary."""
        self._act(action)

    def on_callback(self, action: str, arguments: tuple[Any, ...]) -> None:
        """Handle a called callback, or an attribute of a hostile class."""
        describer = self._describer
        if describer is not None and arguments:
            describer.look(arguments)
        self._act(action)

    def _act(self, action: str) -> None:
        self.acted = True
        turn = self._turn
        self._turn += 1
        if action == "reenter":
            self._reenter()
        elif action == "mutate":
            for container in self._containers:
                _mutate(container, turn)
        elif action == "drop":
            for index in range(self._first_reentry):
                self._box[index : index + 1] = [None][: len(self._box)]
            for container in self._containers:
                _mutate(container, 0)

    def _reenter(self) -> None:
        bind, describer = self._bind, self._describer
        is_inside = getattr(self._depth, "is_inside", False)
        if bind is None or describer is None or is_inside or not self._reentries:
            return
        self._depth.is_inside = True
        try:
            for which, call in enumerate(self._reentries):
                at = self._first_reentry + which
                # Further calls have the same arguments if they stay in the box.
                box, index = ([self._box[at]], 0) if self.keeps else (self._box, at)
                invoke(bind(call.operation), box, index, describer)
        finally:
            self._depth.is_inside = False


def _keeps_at_first(program: HuntProgram) -> bool:
    """Return whether what hooks call in the first round has the same arguments.

    There may be one round only, so some programs begin with it and others do not.  What
    decides is left as it is when the rest of a program is made smaller.
    """
    text = "\n".join(map(str, program.reentries))
    return bool(zlib.crc32(text.encode()) & 1)


def _mutate(container: Any, turn: int) -> None:
    """Change a container in one of three ways; the first one empties it.

    All containers are changed at once: the one that is being walked is among them.
    """
    way = turn % 3
    # The methods of the base: those of a subclass may be what acts now.
    base = next(one for one in _CHANGEABLE if isinstance(container, one))
    try:
        if way == 0:
            base.clear(container)
        elif way == 1 and base is list:
            list.__delitem__(container, slice(list.__len__(container) // 2, None))
        elif base is list:
            list.extend(container, [None] * 100)
        elif base is dict:
            dict.update(container, {f"grown {i}": i for i in range(100)})
        elif base is set:
            set.update(container, range(1000, 1100))
        else:
            bytearray.extend(container, b"grown" * 1000)
    except BufferError:  # a bytearray whose buffer is in use
        pass


def containers_of(values: Any) -> list[Any]:
    """Return the containers among arguments that can be changed, each once."""
    found: dict[int, Any] = {}

    def walk(value: Any, depth: int) -> None:
        kind = type(value)
        if isinstance(value, _CHANGEABLE):
            if id(value) in found:
                return
            found[id(value)] = value
        if depth >= DEEPEST:
            return
        if kind in (list, tuple):  # iterating over others may run hostile code
            for item in value:
                walk(item, depth + 1)
        elif kind is dict:
            for item in value.values():
                walk(item, depth + 1)
        elif kind is Callback:
            walk(value.value, depth + 1)

    for entry in values:
        for argument in (*entry[0], *entry[1].values()):
            walk(argument, 0)
    return list(found.values())
