"""A strategy for race programs that are legal by construction."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, Literal

from hypothesis import strategies as st

from refrace._base.arguments import (
    a_kind,
    check_bool,
    check_choice,
    check_integer,
    nearest,
)
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.programs import Program
from refrace.strategies.body import Body, Pointer
from refrace.strategies.draw_orders import with_orders
from refrace.strategies.rule import Rule
from refrace.strategies.rules import RULES
from refrace.strategies.symbolic_state import (
    FEATURES,
    ON_REQUEST,
    SymbolicState,
    draw_hold,
    draw_state,
    flag_of,
)
from refrace.strategies.unbalanced import UNBALANCED_RULES

__all__ = ["programs"]

MODELS = ("sc", "c11")
NOT_UNDER_C11 = frozenset(("interrupts", "sections"))
"""Features without a model under C11."""
GIVING = "r"
"""The sub-program of the feature "results"."""
MOST_THREADS = 8
LONGEST = 64


def programs(
    *,
    min_threads: int = 1,
    max_threads: int = 3,
    max_length: int = 6,
    features: Iterable[str] | None = None,
    clean: bool = False,
    memory: Literal["sc", "c11"] = "sc",
) -> st.SearchStrategy[Program]:
    """Generate legal race programs.

    Parameters
    ----------
    min_threads, max_threads : int
        Bounds of the number of threads, 1 to 8.  Default: 1 and 3.
    max_length : int
        Most rules applied in one thread, 0 to 64.  A rule can be several statements,
        for example a swap and the code that handles the old value.  Default: 6.
    features : iterable of str, optional
        Features that the programs may use, from :data:`FEATURES`.  Default: all but
        `immortalise`, `merge` and `enable_try`, which few modes have.
    clean : bool
        Whether to generate only programs that follow the rules of reference counting:
        a thread that touches an object holds a reference to it, and drops that
        reference once.  They have no findings in any mode that counts correctly.
        Default: False, programs with arbitrary mistakes.
    memory : {"sc", "c11"}
        With ``"c11"``, steps may state a memory order (``x = S acquire``); explore the
        programs with the same `memory`.  In clean programs no access is relaxed.
        Default: ``"sc"``, no orders.

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
    clean = check_bool("clean", clean)
    if check_choice("memory", memory, MODELS) == "sc":
        return _programs(low, high, length, used, clean)
    unknown = NOT_UNDER_C11.intersection(used)
    if features is not None and unknown:
        raise InvalidArgument(
            f"feature {min(unknown)!r} is not modelled under memory='c11'; leave it "
            "out, or pass memory='sc'"
        )
    used = tuple(name for name in used if name not in unknown)
    return _with_orders(_programs(low, high, length, used, clean, memory), clean)


@st.composite
def _with_orders(
    draw: Callable[[Any], Any], chosen: st.SearchStrategy[Program], clean: bool
) -> Program:
    return with_orders(draw, draw(chosen), clean)


def _check_features(features: Iterable[str] | None) -> tuple[str, ...]:
    if features is None:
        return tuple(name for name in FEATURES if name not in ON_REQUEST)
    if isinstance(features, str) or not isinstance(features, Iterable):
        raise InvalidArgumentType(
            f"features={shown(features)} is {a_kind(features)}; pass a list of "
            f"names, such as [{FEATURES[0]!r}]"
        )
    asked = list(map(_current, features))
    for name in asked:
        if name not in FEATURES:
            near = nearest(name, FEATURES) if isinstance(name, str) else ""
            raise InvalidArgument(
                f"feature {name!r} is unknown{near}; pass some of {', '.join(FEATURES)}"
            )
    return tuple(name for name in FEATURES if name in asked)


def _current(feature: Any) -> Any:
    """Return the current name of a feature; other values are returned unchanged."""
    if feature != "sleep":
        return feature
    warnings.warn(
        "the feature 'sleep' is now called 'detach'", DeprecationWarning, stacklevel=4
    )
    return "detach"


@st.composite
def _programs(
    draw: Callable[[Any], Any],
    low: int,
    high: int,
    length: int,
    features: tuple[str, ...],
    clean: bool,
    memory: str = "sc",
) -> Program:
    state = draw_state(draw, features, clean)
    state.memory = memory
    functions = _functions(draw, state, length)
    # A list, so that shrinking can remove a thread with all its choices.
    threads = draw(st.lists(_thread(state, length), min_size=low, max_size=high))
    _draw_interrupts(draw, state, len(threads))
    if state.has("barriers"):
        state.barrier = len(threads) if clean else draw(st.integers(1, len(threads)))
    sections: list[str] = []
    for index, (body_lines, place_of_flag) in enumerate(threads):
        if index in state.awaited:
            body_lines.insert(place_of_flag, f"{flag_of(index)} = 1")
        if state.barrier and clean:
            body_lines.append("wait G")  # where no other thread waits for this one
        sections += [f"T{index + 1}:", *body_lines]
    lines = [*state.declarations(), *sections, *_end(draw, state)]
    for name, body_lines in reversed(functions.items()):
        if any(_names(line, name) for line in lines):
            parameters = " a b" if name == GIVING else ""
            lines += [f"fn {name}{parameters}:", *body_lines]
    return Program.parse("\n".join(lines))


def _names(line: str, function: str) -> bool:
    words = line.split()
    is_interrupt = words[:1] == ["interrupt"] and words[2:3] == [function]
    is_call = words[1:2] == [function] or words[2:4] == ["call", function]
    return is_interrupt or is_call or f"final {function}" in line


@st.composite
def _thread(
    draw: Callable[[Any], Any], state: SymbolicState, length: int
) -> tuple[list[str], int]:
    """Draw a thread: its lines, and the position at which its flag is set."""
    body = Body(state, draw, _growth, "thread", length, len(state.holds))
    hold = draw_hold(draw, state)
    if hold is not None:
        owns = hold.kind == "hold"
        body.new_pointer(Pointer(own=int(owns), safe=state.clean and not owns))
    body.tidy = state.clean or draw(st.booleans())
    body.grow()
    place_of_flag = len(body.lines)
    body.drop_all()
    return body.lines, place_of_flag


def _functions(
    draw: Callable[[Any], Any], state: SymbolicState, length: int
) -> dict[str, list[str]]:
    """Draw the sub-programs; each may call the previous ones."""
    functions: dict[str, list[str]] = {}
    drawn: dict[str, bool] = {}
    if state.has("calls"):
        drawn["f"] = draw(st.booleans())
    if state.has("maybe"):
        drawn["g"] = False
    if state.has("interrupts"):
        drawn["h"] = False
    for name, takes_argument in drawn.items():
        body = Body(state, draw, _growth, "function", min(length, 3))
        if takes_argument:
            body.pointers["arg"] = Pointer(safe=True)
        functions[name] = _grown(body)
        state.functions[name] = takes_argument
    if state.has("results"):
        body = Body(state, draw, _growth, "function", min(length, 3))
        body.pointers["a"] = Pointer(safe=True)
        body.integers.append("b")
        body.leave = f"return {body.pick(['b', 'b + 1', '0'])}"
        body.grow()
        body.drop_all()
        functions[GIVING] = [*body.lines, f"return {body.pick(body.integers)}"]
        state.gives = GIVING
    if state.finalised:
        body = Body(state, draw, _growth, "finaliser", min(length, 3))
        body.pointers["self"] = Pointer(safe=True, dying=True)
        functions["bye"] = _grown(body)
    return functions


def _grown(body: Body) -> list[str]:
    body.grow()
    body.drop_all()
    return body.lines


def _end(draw: Callable[[Any], Any], state: SymbolicState) -> list[str]:
    """Draw the checks after the run."""
    if not state.has("asserts"):
        return []
    lines = []
    for number, cell in enumerate(state.constants):
        if draw(st.booleans()):
            lines += [f"x{number} = {cell}", f"assert x{number} != null"]
    if not state.clean:
        for number, cell in enumerate(state.integers):
            if draw(st.booleans()):
                expected = draw(st.integers(0, 2))
                lines += [f"n{number} = {cell}", f"assert n{number} == {expected}"]
    return ["end:", *lines] if lines else []


def _draw_interrupts(
    draw: Callable[[Any], Any], state: SymbolicState, n_threads: int
) -> None:
    names = [name for name, takes in state.functions.items() if not takes]
    if not state.has("interrupts"):
        return
    one = st.tuples(
        st.integers(0, n_threads - 1), st.sampled_from(names), st.integers(1, 2)
    )
    state.interrupts += draw(st.lists(one, max_size=2, unique_by=lambda it: it[:2]))


@st.composite
def _growth(draw: Callable[[Any], Any], body: Body) -> None:
    """Draw rules of one block; each is chosen from those possible at that point."""
    draw(st.lists(_statements(body), max_size=body.budget))


@st.composite
def _statements(draw: Callable[[Any], Any], body: Body) -> None:
    if body.budget == 0:
        return  # a nested block used the rest
    possible = _possible(body)
    if possible:
        body.budget -= 1
        draw(st.sampled_from(possible)).do(body)


def _possible(body: Body) -> list[Rule]:
    rules = RULES if body.state.clean else (*RULES, *UNBALANCED_RULES)
    return [
        rule
        for rule in rules
        if (rule.feature is None or body.state.has(rule.feature)) and rule.when(body)
    ]
