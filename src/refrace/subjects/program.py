"""A program of a hunt: calls in threads, their arguments, and the noise around them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from refrace._base.codec import ADDED_LATER, decode, encode
from refrace._base.safe_repr import shown
from refrace.canaries.spec import CanarySpec
from refrace.errors import InvalidData

__all__ = ["Call", "HuntProgram", "Noise"]

_FIELDS = (
    *("prefix", "threads", "suffix", "reentries"),
    *("canaries", "values", "noise"),
)


MOST_TIMES = 1_000
"""The largest `times` of a program."""


@dataclass(frozen=True)
class Call:
    """A call of one operation.

    Attributes
    ----------
    operation : str
        Its name.
    arguments : str
        The text of its arguments, ``"c0, [c1]"``; the arguments themselves are in
        `HuntProgram.values`.
    """

    operation: str
    arguments: str = ""

    def __str__(self) -> str:
        return f"{self.operation}({self.arguments})"


@dataclass(frozen=True)
class Noise:
    """What else happens while the threads run.

    Attributes
    ----------
    collect : bool
        Whether the garbage collector runs often: in a thread of its own, or, with one
        thread only, at nearly every allocation of a container.
    allocate : bool
        Whether a thread allocates and frees small blocks, so that freed memory gets
        new contents soon.
    switch_us : int
        The interpreter's switch interval in microseconds; 0 keeps the current one.
        Without a GIL it has no effect.
    preempt : bool
        Whether a thread pauses whenever Python code begins or ends in it, in a callback
        for example, and at some of the calls that such code makes, so that other
        threads run meanwhile.
    late_calls : bool
        Whether some calls of the C API by the extension begin late, so that other
        threads come in; with a GIL, only where the extension has released it.
    late_counts : bool
        Whether threads pause where they touch a canary that was passed to a call that
        is over, to count a reference for example.  With a GIL it has no effect.
    late_steps : bool
        Whether threads pause after some instructions of the extension itself.  With a
        GIL it has no effect.
    """

    collect: bool = False
    allocate: bool = False
    switch_us: int = 0
    preempt: bool = False
    late_calls: bool = field(default=False, metadata={ADDED_LATER: True})
    late_counts: bool = field(default=False, metadata={ADDED_LATER: True})
    late_steps: bool = field(default=False, metadata={ADDED_LATER: True})

    @property
    def has_thread(self) -> bool:
        """Whether there is anything for a thread to do."""
        return self.collect or self.allocate


@dataclass(frozen=True)
class HuntProgram:
    """What one hunt runs in each of its rounds.

    A round sets the subject up, makes the calls of `prefix`, runs all threads at once,
    makes the calls of `suffix` after they have ended, and tears the subject down.  Each
    thread makes its calls `times` times, each time with new arguments.

    Attributes
    ----------
    prefix : tuple of Call
        The calls before the threads start.
    threads : tuple of tuple of Call
        The calls of each thread; one thread or more.
    suffix : tuple of Call
        The calls after all threads have ended, which observe the result.
    reentries : tuple of Call
        The calls that hooks and callbacks make from inside other calls.
    canaries : tuple of CanarySpec
        The canaries among the arguments, by number.
    values : bytes
        The pickled arguments of all calls, in the order of :meth:`calls`.
    noise : Noise
        What else happens.
    times : int
        How often each thread makes its calls in a round.
    """

    prefix: tuple[Call, ...]
    threads: tuple[tuple[Call, ...], ...]
    suffix: tuple[Call, ...]
    reentries: tuple[Call, ...]
    canaries: tuple[CanarySpec, ...]
    values: bytes = field(repr=False)
    noise: Noise = Noise()
    times: int = 1

    def calls(self) -> Iterator[Call]:
        """Yield all calls: prefix, each thread, suffix, reentries."""
        yield from self.prefix
        for thread in self.threads:
            yield from thread
        yield from self.suffix
        yield from self.reentries

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of the operations that it calls, each once, sorted."""
        return tuple(sorted({call.operation for call in self.calls()}))

    @cached_property
    def digest(self) -> str:
        """A short name: equal for equal programs, in every process."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def source(self) -> str:
        """Return the program as text: one call a line, in Python's syntax."""
        lines = [
            f"c{number} = {_canary_text(spec)}"
            for number, spec in enumerate(self.canaries)
        ]
        lines += _section("before", self.prefix)
        often = "" if self.times == 1 else f", {self.times} times"
        for number, calls in enumerate(self.threads, start=1):
            alone = len(self.threads) == 1 and not often
            lines += _section("" if alone else f"thread {number}{often}", calls)
        lines += _section("after", self.suffix)
        lines += _section("called by hooks", self.reentries)
        noise = [
            *(["the collector"] if self.noise.collect else []),
            *(["allocations"] if self.noise.allocate else []),
            *(
                [f"switches every {self.noise.switch_us} us"]
                * bool(self.noise.switch_us)
            ),
            *(["pauses in Python code"] if self.noise.preempt else []),
            *(["late calls of the C API"] if self.noise.late_calls else []),
            *(["late counts"] if self.noise.late_counts else []),
            *(["late instructions"] if self.noise.late_steps else []),
        ]
        if noise:
            lines.append(f"# noise: {', '.join(noise)}")
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        return self.source()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; :meth:`from_dict` rebuilds the program from it."""
        data = {
            name: encode(getattr(self, name)) for name in _FIELDS if name != "values"
        }
        often = {} if self.times == 1 else {"times": self.times}
        return data | often | {"values": base64.b64encode(self.values).decode()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HuntProgram:
        """Rebuild a program from :meth:`to_dict`; the values stay pickled.

        Raises
        ------
        InvalidData
            If `data` is not the output of :meth:`to_dict`.
        """
        known = {*_FIELDS, "times"}
        if not isinstance(data, Mapping) or {*data, "times"} != known:
            raise InvalidData(
                f"program is {shown(data, 60)}; expected the fields {list(_FIELDS)}; "
                "pass the output of to_dict() unchanged"
            )
        kinds: dict[str, Any] = {
            "prefix": tuple[Call, ...],
            "threads": tuple[tuple[Call, ...], ...],
            "suffix": tuple[Call, ...],
            "reentries": tuple[Call, ...],
            "canaries": tuple[CanarySpec, ...],
            "noise": Noise,
            "values": str,
        }
        parts = {
            name: decode(kind, data[name], f"program.{name}")
            for name, kind in kinds.items()
        }
        try:
            parts["values"] = base64.b64decode(parts["values"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidData(
                f"program.values is not base64 ({error}); pass the output of to_dict() "
                "unchanged"
            ) from None
        if not parts["threads"]:
            raise InvalidData("program.threads is empty; expected at least one thread")
        times = decode(int, data.get("times", 1), "program.times")
        if not 1 <= times <= MOST_TIMES:
            raise InvalidData(
                f"program.times={times:,} is out of range; expected 1 to {MOST_TIMES:,}"
            )
        return cls(**parts, times=times)


def _canary_text(spec: CanarySpec) -> str:
    supports = ", ".join(repr(name) for name in sorted(spec.supports))
    hooks = "".join(
        f", {hook.action} at {'every' if hook.nth == 0 else f'no. {hook.nth}'} "
        f"{hook.slot}"
        for hook in spec.hooks
    )
    value = "" if spec.value is None else f", value={spec.value}"
    tracked = ", tracked=True" if spec.tracked else ""
    kept = "held" if spec.held else "dropped"
    return f"Canary(supports={{{supports}}}{value}{tracked})  # {kept}{hooks}"


def _section(title: str, calls: tuple[Call, ...]) -> list[str]:
    if not calls:
        return []
    return [*([f"# {title}"] if title else []), *map(str, calls)]
