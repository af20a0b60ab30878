from collections.abc import Sequence
from typing import Any, Final, NamedTuple

KINDS: Final[tuple[str, ...]]
OPS: Final[tuple[str, ...]]
STANDINGS: Final[tuple[str, ...]]
PLACES: Final[tuple[str | None, ...]]
PHASES: Final[tuple[str, ...]]
PROGRESS: Final[tuple[str, ...]]
LIMITS: Final[tuple[str | None, ...]]
MAX_THREADS: Final[int]
MAX_SOLVED: Final[int]
N_CAPACITIES: Final[int]
ORDERS: Final[tuple[str, ...]]
MOST_HISTORY: Final[int]
WEAK_THREADS: Final[int]
CODE_BITS: Final[int]
WALK_NEW: Final[int]
BOUNDS: Final[dict[str, int]]
ROOM: Final[tuple[str, ...]]
LIMIT_MESSAGES: Final[frozenset[str]]
CAPACITY_READS: Final[int]
GROW_HISTORY: Final[int]
GROW_WAYS: Final[int]

def live_allocations() -> int: ...
def fail_allocation(n: int) -> int: ...
def load_mode(mode: int, path: str) -> None: ...
def bits_of(bits: int) -> list[int]: ...
def misuse_message(misuse: int) -> str: ...

class SearchNumbers(NamedTuple):
    phase: str
    limit: str | None
    is_complete: bool
    states: int
    most_states: int
    transitions: int
    frontier: int
    state_bytes: int
    bytes: int
    disk_bytes: int
    has_cycle: bool

class Remainders(NamedTuple):
    is_singular: bool
    is_unsolved: bool
    outcomes: list[int]
    paths: list[int]
    probabilities: list[int]
    infinite: list[bool]

class Seen(NamedTuple):
    progress: str
    before: list[int]
    after: list[int]
    op: str | None
    statement: int | None
    text: str | None
    file: str | None
    line: int | None
    place: str | None
    place_number: int
    object: int
    begins: bool
    completes: bool
    result: int | None
    preempts: bool
    kinds: int
    culprit: int
    order: str | None
    fence: str | None
    source: int | None
    value: int
    is_old: bool
    rival: int
    follows: int

class WalkNumbers(NamedTuple):
    kinds: int
    last_kinds: int
    culprit: int
    preemptions: int
    last: int
    misuse: int
    at_thread: int
    at_statement: int
    lacks: int

class Message(NamedTuple):
    word: int
    value: int
    source: int
    is_newest: bool
    readers: list[int]

class Unordered(NamedTuple):
    thread: int
    object: int | None
    word: int | None
    others: list[int]
    is_new: bool

class Shape(NamedTuple):
    cells: int
    latent: int
    count_lock: int
    gil: int
    holder: int
    containers: list[int]
    locks: list[int]
    mutex: int
    count_mutex: int
    ref_shared: int
    tid: int
    queue: int
    epoch: int
    announced: list[int]
    attachment: list[int]
    lanes: list[int]
    n_lanes: int
    objects: list[tuple[int, int, int]]
    named_templates: list[int]
    locals: list[int]
    buffers: list[int]
    stop: int
    depths: list[int]

class SampleNumbers(NamedTuple):
    runs: int
    too_long: int
    outgrown: int
    beyond_horizon: int
    longest: int
    lacks: int
    misuse: int
    codes: list[int]
    tally: dict[int, int]
    found: dict[str, tuple[int, list[int]]]

class Weak:
    def __new__(
        cls,
        history: int,
        ways: bytes = b"",
        weakened: Sequence[tuple[str, int, str, str]] = (),
    ) -> Weak: ...
    def ways(self) -> bytes: ...
    def sites(self) -> list[tuple[str, int, str, str]]: ...

class Image:
    def __new__(cls, image: Any, weak: Weak | None = None) -> Image: ...
    def unfit(self, mode: int, gil_held: bool) -> tuple[int, int] | None: ...

class Search:
    def __new__(
        cls,
        image: Image,
        mode: int,
        gil_held: bool,
        only: int,
        use_symmetry: bool,
        max_states: int,
        max_bytes: int,
        is_reduced: bool = False,
        n_workers: int = 1,
        fewest: int = 0,
        folder: bytes | None = None,
    ) -> Search: ...
    def advance(self) -> str: ...
    def stop(self, why: str) -> None: ...
    def numbers(self) -> SearchNumbers: ...
    def no_room(self) -> str: ...
    def contention(self) -> int: ...
    def count(self, prime: int) -> None: ...
    def remainders(self) -> Remainders: ...
    def bounds(self) -> tuple[float, dict[int, int]] | None: ...
    def bounds_beside(self) -> bool: ...
    def schedules(self) -> dict[str, tuple[int, list[int]]]: ...
    def misuse(self) -> tuple[list[int], int] | None: ...

class Walk:
    def __new__(
        cls,
        image: Image,
        mode: int,
        gil_held: bool,
        only: int,
        capacity: Sequence[int],
    ) -> Walk: ...
    def begin(self) -> str: ...
    def take(self, code: int) -> str: ...
    def look(self, code: int) -> Seen: ...
    def memory(self) -> bytes: ...
    def resume(self, words: Sequence[int], memory: bytes) -> str: ...
    def messages(self) -> list[Message]: ...
    def unordered(self) -> list[Unordered]: ...
    def preempts(self, code: int) -> bool: ...
    def choices(self) -> list[int]: ...
    def words(self) -> list[int]: ...
    def numbers(self) -> WalkNumbers: ...
    def count_of(self, obj: int, words: Sequence[int]) -> tuple[int, str]: ...
    def owners(self) -> list[int]: ...
    def waits(self) -> list[tuple[int, int]]: ...
    def shape(self) -> Shape: ...

class Sample:
    def __new__(
        cls,
        image: Image,
        mode: int,
        gil_held: bool,
        capacity: Sequence[int],
        is_pct: bool,
        depth: int,
        max_steps: int,
        horizon: int,
        seed: int,
        first_run: int,
    ) -> Sample: ...
    def advance(self, n_runs: int) -> str: ...
    def n_runs(self) -> int: ...
    def result(self) -> SampleNumbers: ...
