"""Smaller programs that may show the same: candidates for shrinking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from refrace.canaries.protocols import DEFAULT_SUPPORTS
from refrace.canaries.spec import CanarySpec
from refrace.hunting.execution.simpler_values import simpler
from refrace.subjects import (
    Call,
    CanaryArgument,
    HuntProgram,
    Noise,
    dump,
    load,
)
from refrace.subjects.text import arguments_text

__all__ = ["smaller"]


@dataclass
class _Entry:
    """One call with its arguments."""

    operation: str
    positional: list[Any]
    named: dict[str, Any]


@dataclass
class _Parts:
    """A program taken apart; its lists may be changed."""

    prefix: list[_Entry]
    threads: list[list[_Entry]]
    suffix: list[_Entry]
    reentries: list[_Entry]
    specs: list[CanarySpec]
    noise: Noise
    times: int

    def sections(self) -> list[list[_Entry]]:
        return [self.prefix, *self.threads, self.suffix, self.reentries]


Edit = Callable[[_Parts], None]


def smaller(program: HuntProgram) -> Iterator[HuntProgram]:
    """Yield programs that are smaller in one way each; the largest steps come first.

    Fewer threads, fewer calls, no noise, fewer hooks, simpler canaries, simpler
    arguments.  Each candidate is a complete program; canaries that no call mentions any
    more are left out.

    Parameters
    ----------
    program : HuntProgram
    """
    seen = {program.digest}
    for edit in _edits(_take_apart(program)):
        parts = _take_apart(program)
        edit(parts)
        candidate = _put_together(parts)
        if candidate is not None and candidate.digest not in seen:
            seen.add(candidate.digest)
            yield candidate


def _take_apart(program: HuntProgram) -> _Parts:
    arguments: dict[int, CanaryArgument] = {}

    def make(number: int) -> CanaryArgument:
        return arguments.setdefault(number, CanaryArgument(number))

    values = iter(load(program.values, make))

    def entries(calls: tuple[Call, ...]) -> list[_Entry]:
        made = []
        for call in calls:
            positional, named = next(values)
            made.append(_Entry(call.operation, list(positional), dict(named)))
        return made

    return _Parts(
        entries(program.prefix),
        [entries(calls) for calls in program.threads],
        entries(program.suffix),
        entries(program.reentries),
        list(program.canaries),
        program.noise,
        program.times,
    )


def _put_together(parts: _Parts) -> HuntProgram | None:
    """Return the program, with its canaries numbered anew; None without any call."""
    parts.threads = [thread for thread in parts.threads if thread]
    if not parts.threads:
        return None
    every = [entry for section in parts.sections() for entry in section]
    values = [(tuple(entry.positional), entry.named) for entry in every]
    numbers: dict[int, CanaryArgument] = {}

    def note(number: int) -> CanaryArgument:
        return numbers.setdefault(number, CanaryArgument(len(numbers)))

    # Loading what was dumped visits the canaries wherever they are.
    renamed = load(dump(values), note)
    calls = [
        Call(entry.operation, arguments_text(*arguments))
        for entry, arguments in zip(every, renamed, strict=True)
    ]
    remaining = iter(calls)

    def take(section: list[_Entry]) -> tuple[Call, ...]:
        return tuple(next(remaining) for _ in section)

    return HuntProgram(
        prefix=take(parts.prefix),
        threads=tuple(take(thread) for thread in parts.threads),
        suffix=take(parts.suffix),
        reentries=take(parts.reentries),
        canaries=tuple(parts.specs[number] for number in numbers),
        values=dump(renamed),
        noise=parts.noise,
        times=parts.times,
    )


def _edits(parts: _Parts) -> Iterator[Edit]:
    for times in sorted({1, parts.times // 8, parts.times // 2} - {0, parts.times}):
        yield lambda it, n=times: setattr(it, "times", n)  # type: ignore[misc]
    yield from _fewer_threads(parts)
    yield from _fewer_calls(parts)
    if parts.noise != Noise():
        yield lambda it: setattr(it, "noise", Noise())
    yield from _plainer_canaries(parts)
    yield from _simpler_arguments(parts)


def _fewer_threads(parts: _Parts) -> Iterator[Edit]:
    if len(parts.threads) < 2:
        return
    for number in range(len(parts.threads)):
        yield lambda it, n=number: setattr(it, "threads", [it.threads[n]])  # type: ignore[misc]
    yield lambda it: setattr(it, "threads", [list(chain(*it.threads))])
    if len(parts.threads) > 2:
        for number in range(len(parts.threads)):
            yield lambda it, n=number: it.threads.pop(n)  # type: ignore[misc]


def _fewer_calls(parts: _Parts) -> Iterator[Edit]:
    sizes = [len(section) for section in parts.sections()]
    last = len(sizes) - 1
    for where, size in enumerate(sizes):
        if size and not 0 < where < last - 1:
            yield lambda it, w=where: it.sections()[w].clear()  # type: ignore[misc]
    for where, size in enumerate(sizes):
        if size > 3:
            yield _without(where, 0, size // 2)
            yield _without(where, size // 2, size)
    for where, size in enumerate(sizes):
        for call in reversed(range(size)):
            yield _without(where, call, call + 1)


def _without(where: int, first: int, last: int) -> Edit:
    def edit(parts: _Parts) -> None:
        del parts.sections()[where][first:last]

    return edit


def _plainer_canaries(parts: _Parts) -> Iterator[Edit]:
    def with_spec(number: int, spec: CanarySpec) -> Edit:
        def edit(it: _Parts) -> None:
            it.specs[number] = spec

        return edit

    def no_hooks(it: _Parts) -> None:
        it.specs = [replace(spec, hooks=()) for spec in it.specs]

    if any(spec.hooks for spec in parts.specs):
        yield no_hooks
    for number, spec in enumerate(parts.specs):
        if spec.hooks:
            yield with_spec(number, replace(spec, hooks=()))
            for at in range(len(spec.hooks)):
                hooks = spec.hooks[:at] + spec.hooks[at + 1 :]
                if hooks:
                    yield with_spec(number, replace(spec, hooks=hooks))
        for change in (
            {"tracked": False},
            {"owner": "main"},
            {"supports": DEFAULT_SUPPORTS, "hooks": ()},
            {"value": None},
        ):
            plainer = replace(spec, **change)
            if plainer != spec:
                yield with_spec(number, plainer)


def _simpler_arguments(parts: _Parts) -> Iterator[Edit]:
    for where, section in enumerate(parts.sections()):
        for call, entry in enumerate(section):
            for at, value in enumerate(entry.positional):
                for which in range(len(simpler(value))):
                    yield _with_positional(where, call, at, which)
            for name, value in entry.named.items():
                for which in range(len(simpler(value))):
                    yield _with_named(where, call, name, which)


def _with_positional(where: int, call: int, at: int, which: int) -> Edit:
    def edit(parts: _Parts) -> None:
        arguments = parts.sections()[where][call].positional
        arguments[at] = simpler(arguments[at])[which]

    return edit


def _with_named(where: int, call: int, name: str, which: int) -> Edit:
    def edit(parts: _Parts) -> None:
        arguments = parts.sections()[where][call].named
        arguments[name] = simpler(arguments[name])[which]

    return edit
