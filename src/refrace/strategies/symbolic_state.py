"""The declarations of a generated program: objects, cells, containers and locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from refrace.programs.vocabulary import LOCK_KINDS

__all__ = [
    "FEATURES",
    "ON_REQUEST",
    "FieldOf",
    "Hold",
    "SymbolicState",
    "draw_hold",
    "draw_state",
    "flag_of",
]

FEATURES = (
    "slots",
    "weak",
    "fields",
    "finalisers",
    "locks",
    "containers",
    "integers",
    "waiting",
    "native_waits",
    "buffers",
    "calls",
    "maybe",
    "loops",
    "branches",
    "allocation",
    "counts",
    "options",
    "asserts",
    "gil",
    "memory",
    "storage",
    "quiescence",
    "detach",
    "detached_counts",
    "interrupts",
    "sections",
    "stop_world",
    "collector",
    "results",
    "barriers",
    "immortalise",
    "merge",
    "enable_try",
)
"""Optional features, in addition to holding, counting, using and dropping."""
ON_REQUEST = frozenset(("immortalise", "merge", "enable_try"))
"""Features that programs have only if asked for, because few modes have them."""

_NAMES = ("A", "B", "C")


@dataclass(frozen=True)
class FieldOf:
    """A field that every object has; `kind` is owning, raw or integer.

    A `constant` field is never written, so the object it owns exists as long as the
    object with the field.
    """

    name: str
    kind: str
    constant: bool


@dataclass(frozen=True)
class Hold:
    """The initial pointer of a thread: a counted or a borrowed reference."""

    kind: str
    object: str


@dataclass
class SymbolicState:
    """The state that all bodies of one program share."""

    clean: bool
    features: frozenset[str]
    objects: tuple[str, ...]
    holds: list[Hold | None] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    """Slots that are never written."""
    slots: dict[str, str] = field(default_factory=dict)
    raws: dict[str, str] = field(default_factory=dict)
    integers: dict[str, int] = field(default_factory=dict)
    awaited: set[int] = field(default_factory=set)
    """Threads, from 0, that a later one waits for; each sets its flag at its end."""
    vecs: dict[str, list[str]] = field(default_factory=dict)
    rawvecs: dict[str, list[str]] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    """What a container's declaration says of its block, if it has one."""
    locks: dict[str, str] = field(default_factory=dict)
    """Kind of each lock by name, in the permitted locking order."""
    has_object_locks: bool = False
    fields: tuple[FieldOf, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    """The text after the name of each object and type."""
    types: tuple[str, ...] = ()
    finalised: frozenset[str] = frozenset()
    functions: dict[str, bool] = field(default_factory=dict)
    """Sub-programs by name, and whether each takes an argument."""
    barrier: int = 0
    """How many threads the barrier needs; 0: there is none."""
    gives: str = ""
    """The sub-program with a pointer and a number as parameters that gives a number."""
    interrupts: list[tuple[int, str, int]] = field(default_factory=list)
    """The thread (from 0), the sub-program and how often it may come."""
    memory: str = "sc"
    """The memory model that the program is for."""

    def has(self, feature: str) -> bool:
        """Return whether the program may use a feature."""
        return feature in self.features

    def fields_of_kind(self, kind: str, constant: bool | None = None) -> list[str]:
        """Return the names of the fields of a kind."""
        return [
            known.name
            for known in self.fields
            if known.kind == kind and constant in (None, known.constant)
        ]

    def owning_objects(self) -> set[str]:
        """Return the objects that are owned at the start, directly or indirectly."""
        found = {hold.object for hold in self.holds if hold and hold.kind == "hold"}
        found.update((self.constants | self.slots).values())
        found.update(item for items in self.vecs.values() for item in items)
        reached: set[str] = set()
        pending = sorted(found & set(self.objects))
        while pending:
            name = pending.pop()
            if name not in reached:
                reached.add(name)
                pending += [o for o in self.objects if f"={o}" in self.options[name]]
        return reached

    def declarations(self) -> list[str]:
        """Return the lines of the declarations."""
        lines = [
            f"obj {name} {self.options[name]}".rstrip()
            for name in self.objects
            if self.options[name] and name in self.owning_objects()
        ]
        # Without an object, only a type can declare the fields.
        if self.has("allocation") or not lines:
            lines += [
                f"type {name} {self.options[name]}".rstrip() for name in self.types
            ]
        owned = self.owning_objects() | {"null"}
        raw = "weak" if self.has("collector") else "raw"
        cells = (("slot", self.constants | self.slots), (raw, self.raws))
        for kind, named in cells:
            lines += [
                f"{kind} {name} = {value if value in owned else 'null'}"
                for name, value in named.items()
            ]
        lines += [f"int {name} = {value}" for name, value in self.integers.items()]
        lines += [f"int {flag_of(index)} = 0" for index in sorted(self.awaited)]
        for kind, containers in (("vec", self.vecs), ("rawvec", self.rawvecs)):
            for name, items in containers.items():
                there = ", ".join(item for item in items if item in owned)
                room = self.rooms.get(name, "")
                lines.append(f"{kind} {name} = [{there}]{room}")
        lines += [f"{kind} {name}" for name, kind in self.locks.items()]
        if self.barrier:
            lines.append(f"barrier G {self.barrier}")
        for index, hold in enumerate(self.holds):
            if hold is not None:
                lines.append(f"{hold.kind} T{index + 1}.x = {hold.object}")
        lines += [
            f"interrupt T{index + 1} {name} {times}"
            for index, name, times in self.interrupts
        ]
        return lines


def flag_of(thread: int) -> str:
    """Return the name of the flag that a thread (from 0) sets at its end."""
    return f"F{thread + 1}"


def draw_state(
    draw: Callable[[Any], Any], features: tuple[str, ...], clean: bool
) -> SymbolicState:
    """Draw the declarations of a program; the simplest has none."""
    # A program with few features combines them; one with all uses each about once.
    used = frozenset(name for name in features if draw(st.booleans()))
    objects = _NAMES[: (draw(st.integers(1, len(_NAMES))) if used else 1)]
    state = SymbolicState(clean, used, objects)
    some = st.integers(0, 2)
    an_object = st.sampled_from(objects)
    an_initial = st.sampled_from(("null", *objects))

    if state.has("slots"):
        for number in range(draw(some)):
            state.constants[f"K{number + 1}"] = draw(an_object)
        for number in range(draw(some)):
            state.slots[f"S{number + 1}"] = draw(an_initial)
    if state.has("weak"):
        for number in range(draw(some)):
            state.raws[f"R{number + 1}"] = draw(an_initial)
    if any(map(state.has, ("integers", "waiting", "native_waits"))):
        for number in range(draw(some)):
            state.integers[f"N{number + 1}"] = draw(some)
    if state.has("containers"):
        items = st.lists(an_object, max_size=2)
        if draw(st.booleans()):
            state.vecs["V"] = draw(items)
        if not clean and draw(st.booleans()):
            state.rawvecs["W"] = draw(items)
    if state.has("storage"):
        drawn = state.vecs.setdefault("V", draw(st.lists(an_object, max_size=2)))
        delayed = draw(st.sampled_from(("", " delayed")))
        state.rooms["V"] = f" room {len(drawn) + draw(st.integers(0, 1))}{delayed}"
    if state.has("locks"):
        # A wait that keeps the GIL can deadlock, which no clean program may.
        is_native = state.has("native_waits") and not clean
        kinds = LOCK_KINDS if is_native else ("lock", "rlock")
        for number in range(draw(some)):
            state.locks[f"L{number + 1}"] = draw(st.sampled_from(kinds))
        state.has_object_locks = draw(st.booleans())
    if state.has("allocation") or state.has("fields"):
        state.types = ("M", "Q") if draw(st.booleans()) else ("M",)
    _draw_options(draw, state)
    return state


def draw_hold(draw: Callable[[Any], Any], state: SymbolicState) -> Hold | None:
    """Draw the initial pointer of the next thread."""
    starts: list[Hold | None] = [Hold("hold", name) for name in state.objects]
    # An object that nothing owns would leak before the first step.
    there = state.constants.values() if state.clean else state.owning_objects()
    starts += [None, *(Hold("borrow", name) for name in sorted(set(there)))]
    hold: Hold | None = draw(st.sampled_from(starts))
    state.holds.append(hold)
    return hold


def _draw_options(draw: Callable[[Any], Any], state: SymbolicState) -> None:
    kinds = [("owning", True), ("owning", False), ("integer", False)]
    if state.has("weak"):
        kinds.append(("raw", False))
    if state.has("fields"):
        drawn = draw(st.lists(st.sampled_from(kinds), max_size=2))
        state.fields = tuple(
            FieldOf(f"f{number + 1}", kind, constant)
            for number, (kind, constant) in enumerate(drawn)
        )
    finalised = set()
    for name in (*state.objects, *state.types):
        is_type = name in state.types
        options = []
        if state.has("options"):
            options += draw(st.sampled_from(([], ["stable"])))
            if not state.clean and not is_type:
                options += draw(st.sampled_from(([], ["rc 4"], ["rc 2 max 3"])))
        if state.has("finalisers") and draw(st.booleans()):
            finalised.add(name)
            options.append("final bye")
        for known in state.fields:
            initial = "0"
            if known.kind != "integer":
                initial = "null"
                if known.kind == "owning" and not is_type:
                    initial = draw(st.sampled_from(("null", *state.objects)))
            word = "field" if known.kind == "owning" else "rawfield"
            options.append(f"{word} {known.name}={initial}")
        # The collector would run a finaliser that ends a resurrection.
        if state.has("collector") and name not in finalised and draw(st.booleans()):
            options.append("gc")
            if not state.clean:
                visited = [one.name for one in state.fields if one.kind != "integer"]
                options += draw(
                    st.sampled_from(
                        (
                            *([], ["untracks_late"]),
                            *(
                                [f"visits {n} {times}"]
                                for n in visited
                                for times in (0, 2)
                            ),
                        )
                    )
                )
        state.options[name] = " ".join(options)
    state.finalised = frozenset(finalised)
