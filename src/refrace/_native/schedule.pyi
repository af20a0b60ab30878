from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

MOST_RUNNERS: int
MOST_CHOICES: int
MOST_DECISIONS: int
MOST_LOGGED: int
FLIGHT_BYTES: int
FOLLOW: int
RANDOM: int
PCT: int
EVENT_BLOCK: int
EVENT_POINT: int
EVENT_CHOICE: int
EVENT_TOUCH: int
EVENT_LOCKS: int
EVENT_TURN: int
EVENT_QUIET: int
EVENT_ALONE: int
EVENT_ANYTHING: int
EVENT_TAKES: int
EVENT_LEAVES: int
EVENT_WAITS: int
EVENT_WAKES_ONE: int
EVENT_WAKES_ALL: int
EVENT_END: int
WRITES: int
CONFLICTS: int
HAS_LIMIT: int
WAY_OWNS: int
WAY_SHARES: int
WAY_COUNTS: int
WAY_SIGNAL: int
GIL_ADDRESS: int
POINTS: tuple[str, ...]
SIGHTINGS: tuple[str, ...]

class Run(NamedTuple):
    results: list[Any]
    exceptions: list[BaseException | None]
    steps: int
    switches: int
    hash: int
    blocks_inferred: int
    n_choices: int
    preemptions: int
    has_diverged: bool
    points: list[int]
    calls: list[int]
    order: int

class Sighting(NamedTuple):
    kind: str
    address: int
    runner: int
    other: int
    is_write: bool
    other_is_write: bool
    frames: list[int]
    other_frames: list[int]
    step: int

class Logged(NamedTuple):
    step: int
    pc: int
    name: str | None
    address: int
    before: int
    after: int
    size: int
    point: str
    runner: int
    gil: int | None

class Recorded(NamedTuple):
    step: int
    image: tuple[str, int] | None
    place: tuple[str, int] | None
    name: str | None
    address: int
    before: int | None
    size: int
    point: str
    runner: int
    gil: int | None
    preempted: bool

def open_runtime(flight: Any = None, report_to: int = -1) -> None: ...
def flight_of(memory: Any) -> list[tuple[int, int]] | None: ...
def recorded(memory: Any) -> list[Recorded]: ...
def patch(path: str, only_python: bool = False) -> int: ...
def set_pauses(
    seed: int = 0,
    one_in: int = 0,
    shortest_ns: int = 0,
    longest_ns: int = 0,
    at_returns: bool = False,
) -> None: ...
def start(n: int) -> None: ...
def set_limits(
    *,
    finds_races: bool = True,
    calls_are_points: bool = True,
    most_steps: int = 5_000_000,
    most_steps_in_a_row: int = 20_000,
) -> None: ...
def begin_round() -> None: ...
def end_round() -> None: ...
def run(
    callables: Sequence[Callable[[], object]],
    strategy: int = ...,
    decisions: Sequence[tuple[int, int]] = (),
    *,
    seed: int = 0,
    probability: float = 0.1,
    changes: int = 0,
    horizon: int = 1,
    logged: bool = False,
) -> Run: ...
def drain(callables: Sequence[Callable[[], object]]) -> None: ...
def give_way() -> None: ...
def hand_over(runner: int) -> None: ...
def has_waiters() -> bool: ...
def alternatives(first: int) -> list[tuple[int, int, bool]]: ...
def choices() -> list[tuple[int, bool, int, int, int, int, int, bool]]: ...
def events() -> (
    list[tuple[int, int, int, int, int, int, int, int, int, int, int]] | None
): ...
def preempted() -> list[int]: ...
def made() -> list[tuple[int, int]]: ...
def sightings() -> list[Sighting]: ...
def log() -> list[Logged]: ...
def image_of(pc: int) -> tuple[str, int] | None: ...
