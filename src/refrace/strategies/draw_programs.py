"""A strategy for race programs that are legal by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from refrace._base.arguments import a_kind, check_bool, check_integer, nearest
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.programs import Program
from refrace.strategies.body import Body, Pointer
from refrace.strategies.rule import Move
from refrace.strategies.rules import MOVES
from refrace.strategies.symbolic_state import (
    FEATURES,
    World,
    draw_hold,
    draw_world,
    flag_of,
)
from refrace.strategies.unbalanced import CARELESS_MOVES

__all__ = ["programs"]

MOST_THREADS = 8
LONGEST = 64


def programs(
    *,
    min_threads: int = 1,
    max_threads: int = 3,
    max_length: int = 6,
    features: Iterable[str] | None = None,
    clean: bool = False,
) -> st.SearchStrategy[Program]:
    """Generate legal race programs.

    Parameters
    ----------
    min_threads, max_threads : int
        Bounds of the number of threads, 1 to 8.  Default: 1 and 3.
    max_length : int
        Most moves of one thread, 0 to 64.  A move can be more than one statement,
        for example a swap and the code that handles the old value.  Default: 6.
    features : iterable of str, optional
        Features that the programs may use, from :data:`FEATURES`.  Default: all.
    clean : bool
        Whether to generate only programs that follow the rules of reference counting:
        a thread that touches an object holds a reference to it, and drops that
        reference once.  They have no findings in any mode that counts correctly.
        Default: False, programs with arbitrary mistakes.

    Returns
    -------
    SearchStrategy of Program
        Shrinks to fewer threads, then fewer and simpler statements; in the simplest
        program every thread holds a reference to the same object.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type, is out of range, or is not a feature.

    Notes
    -----
    The strategy discards no program.  A generated program always parses and passes
    every check; no schedule of it breaks a rule of the language.

    Examples
    --------
    >>> from hypothesis import find
    >>> print(find(programs(min_threads=2, clean=True), lambda program: True))
    hold T1.x = A
    hold T2.x = A
    T1:
      decref x
    T2:
      decref x
    """
    low = check_integer("min_threads", min_threads, low=1, high=MOST_THREADS)
    high = check_integer("max_threads", max_threads, low=1, high=MOST_THREADS)
    if low > high:
        raise InvalidArgument(
            f"min_threads={low} is more than max_threads={high}; pass max_threads too"
        )
    length = check_integer("max_length", max_length, low=0, high=LONGEST)
    used = _check_features(features)
    return _programs(low, high, length, used, check_bool("clean", clean))


def _check_features(features: Iterable[str] | None) -> tuple[str, ...]:
    if features is None:
        return FEATURES
    if isinstance(features, str) or not isinstance(features, Iterable):
        raise InvalidArgumentType(
            f"features={shown(features)} is {a_kind(features)}; pass a list of "
            f"names, such as [{FEATURES[0]!r}]"
        )
    asked = list(features)
    for name in asked:
        if name not in FEATURES:
            near = nearest(name, FEATURES) if isinstance(name, str) else ""
            raise InvalidArgument(
                f"feature {name!r} is unknown{near}; pass some of {', '.join(FEATURES)}"
            )
    return tuple(name for name in FEATURES if name in asked)


@st.composite
def _programs(
    draw: Callable[[Any], Any],
    low: int,
    high: int,
    length: int,
    features: tuple[str, ...],
    clean: bool,
) -> Program:
    world = draw_world(draw, features, clean)
    functions = _functions(draw, world, length)
    # A list, so that shrinking can remove a thread with all its choices.
    threads = draw(st.lists(_thread(world, length), min_size=low, max_size=high))
    sections: list[str] = []
    for index, (body_lines, place_of_flag) in enumerate(threads):
        if index in world.awaited:
            body_lines.insert(place_of_flag, f"{flag_of(index)} = 1")
        sections += [f"T{index + 1}:", *body_lines]
    lines = [*world.declarations(), *sections, *_end(draw, world)]
    for name, body_lines in reversed(functions.items()):
        if any(
            line.split()[1:2] == [name] or f"final {name}" in line for line in lines
        ):
            lines += [f"fn {name}:", *body_lines]
    return Program.parse("\n".join(lines))


def _names(line: str, function: str) -> bool:
    return line.split()[1:2] == [function] or f"final {function}" in line


@st.composite
def _thread(
    draw: Callable[[Any], Any], world: World, length: int
) -> tuple[list[str], int]:
    """Draw a thread: its lines, and the position at which its flag is set."""
    body = Body(world, draw, _growth, "thread", length, len(world.holds))
    hold = draw_hold(draw, world)
    if hold is not None:
        owns = hold.kind == "hold"
        body.new_pointer(Pointer(own=int(owns), safe=world.clean and not owns))
    body.tidy = world.clean or draw(st.booleans())
    body.grow()
    place_of_flag = len(body.lines)
    body.drop_all()
    return body.lines, place_of_flag


def _functions(
    draw: Callable[[Any], Any], world: World, length: int
) -> dict[str, list[str]]:
    """Draw the sub-programs; each may call the previous ones."""
    functions: dict[str, list[str]] = {}
    drawn: dict[str, bool] = {}
    if world.has("calls"):
        drawn["f"] = draw(st.booleans())
    if world.has("maybe"):
        drawn["g"] = False
    for name, takes_argument in drawn.items():
        body = Body(world, draw, _growth, "function", min(length, 3))
        if takes_argument:
            body.pointers["arg"] = Pointer(safe=True)
        functions[name] = _grown(body)
        world.functions[name] = takes_argument
    if world.finalised:
        body = Body(world, draw, _growth, "finaliser", min(length, 3))
        body.pointers["self"] = Pointer(safe=True, dying=True)
        functions["bye"] = _grown(body)
    return functions


def _grown(body: Body) -> list[str]:
    body.grow()
    body.drop_all()
    return body.lines


def _end(draw: Callable[[Any], Any], world: World) -> list[str]:
    """Draw the checks after the run."""
    if not world.has("asserts"):
        return []
    lines = []
    for number, cell in enumerate(world.constants):
        if draw(st.booleans()):
            lines += [f"x{number} = {cell}", f"assert x{number} != null"]
    if not world.clean:
        for number, cell in enumerate(world.integers):
            if draw(st.booleans()):
                expected = draw(st.integers(0, 2))
                lines += [f"n{number} = {cell}", f"assert n{number} == {expected}"]
    return ["end:", *lines] if lines else []


@st.composite
def _growth(draw: Callable[[Any], Any], body: Body) -> None:
    """Draw moves of one block; each is chosen from those possible at that point."""
    draw(st.lists(_move(body), max_size=body.budget))


@st.composite
def _move(draw: Callable[[Any], Any], body: Body) -> None:
    if body.budget == 0:
        return  # a nested block used the rest
    possible = _possible(body)
    if possible:
        body.budget -= 1
        draw(st.sampled_from(possible)).do(body)


def _possible(body: Body) -> list[Move]:
    moves = MOVES if body.world.clean else (*MOVES, *CARELESS_MOVES)
    return [
        move
        for move in moves
        if (move.feature is None or body.world.has(move.feature)) and move.when(body)
    ]
