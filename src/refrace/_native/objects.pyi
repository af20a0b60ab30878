from typing import Final, NamedTuple

MAX_THREADS: Final[int]
MAX_THREAD_SLOTS: Final[int]
MAX_TOGETHER: Final[int]
N_MODES: Final[int]
MAX_LOADED_MODES: Final[int]
N_FORMS: Final[int]
INTERPRETER: Final[int]
INTERPRETER_MOST: Final[int]

class ModeMemory(NamedTuple):
    words: int
    locks: int
    lanes: int
    bytes: int
    lane_bytes: int

class ModeCard(NamedTuple):
    name: str
    claims_correct: bool
    title: str
    summary: str
    incref_steps: int
    decref_steps: int
    layout: str
    limits: str
    source: str
    memory: ModeMemory
    settles: bool
    protects_reads: bool
    needs_attached_owner: bool
    has_count_word: bool
    has_owner: bool
    has_immortalise: bool
    has_merge: bool
    has_enable_try: bool

class Reading(NamedTuple):
    refcount: int
    ledger: int
    ledger_at_end: int
    deaths: int
    uses_after_free: int
    over_releases: int
    operations: int
    in_flight: int
    gap_waits: int
    gaps_met: int
    is_waiting: bool

class First(NamedTuple):
    doing: int
    thread: int
    before: int
    after: int

class RaceStretch(NamedTuple):
    begin_ns: int
    end_ns: int
    round: int
    operations: int
    drops: bool

class RaceTally(NamedTuple):
    objects: int
    intact: int
    leaked: int
    freed_early: int
    operations: int
    dangling_uses: int
    double_frees: int
    freed_late: int
    late_ns: int
    lost_increments: int
    lost_decrements: int
    drift: int
    busy_ns: int
    crowded_ns: int
    elapsed_ns: int
    gap_waits: int
    gaps_met: int

def interpreter_can_race() -> bool: ...
def load_mode(mode: int, path: str) -> None: ...
def mode_card(mode: int) -> ModeCard: ...
def mode_cards() -> tuple[ModeCard, ...]: ...
def live_allocations() -> int: ...
def fail_allocation(n: int) -> int: ...

class ThreadSlotError(Exception): ...

class Domain:
    def __new__(cls) -> Domain: ...
    def threads(self) -> list[int]: ...

class Handle:
    def __new__(cls, mode: int, domain: Domain, widened: bool) -> Handle: ...
    def incref(self, n: int, release_gil: bool, may_wait: bool) -> None: ...
    def decref(self, n: int, release_gil: bool, may_wait: bool) -> None: ...
    def quiesce(self) -> int: ...
    def collapse(self) -> int: ...
    def detach(self) -> None: ...
    def attach(self) -> None: ...
    def use(self, release_gil: bool) -> bool: ...
    def read(self) -> Reading: ...
    def first(self, kind: int) -> First | None: ...
    def firsts_known(self) -> int: ...

class Race:
    def __new__(
        cls,
        mode: int,
        n_threads: int,
        n_objects: int,
        hold: int,
        shared: bool,
        foreign: bool,
        in_turns: bool,
        gap_odds: int,
        seed: int,
        together: int = 1,
        form: int = 1,
        n_stretches: int = 0,
    ) -> Race: ...
    def run(self, thread: int, budget: int) -> None: ...
    def run_holding_gil(self, thread: int, budget: int) -> None: ...
    def stop(self) -> None: ...
    def progress(self) -> int: ...
    def stretches(self, thread: int) -> list[RaceStretch]: ...
    def tally(self) -> RaceTally: ...
