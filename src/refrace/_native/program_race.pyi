from array import array
from typing import Final, NamedTuple

KINDS: Final[tuple[str, ...]]
MAX_THREADS: Final[int]

def live_allocations() -> int: ...
def fail_allocation(n: int) -> int: ...
def load_mode(mode: int, path: str) -> None: ...

class RoundsTally(NamedTuple):
    rounds: int
    undecided: int
    cut: int
    disputed: int
    steps: int
    operations: int
    shared: int
    met: int
    busy_ns: int
    crowded_ns: int
    elapsed_ns: int

class RoundsOutcome(NamedTuple):
    kinds: int
    rounds: int
    schedule: tuple[int, ...] | None

class RoundsMisuse(NamedTuple):
    message: str
    thread: int
    statement: int
    schedule: tuple[int, ...] | None

class Conformance:
    def __new__(
        cls,
        image: array[int],
        mode: int,
        gil_held: bool,
        n_rounds: int,
        most_steps: int,
        seed: int,
        is_widened: bool,
        until_corrupt: bool,
        clean_rounds: int,
        least_rounds: int,
        most_ns: int,
    ) -> Conformance: ...
    @property
    def threads(self) -> int: ...
    def run(self, thread: int, budget: int) -> None: ...
    def run_holding_gil(self, thread: int, budget: int) -> None: ...
    def stop(self) -> None: ...
    def progress(self) -> int: ...
    def tally(self) -> RoundsTally: ...
    def outcomes(self) -> list[RoundsOutcome]: ...
    def misuse(self) -> RoundsMisuse | None: ...
