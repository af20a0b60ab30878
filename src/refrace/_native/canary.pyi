from collections.abc import Callable
from typing import Any, Literal, NamedTuple, final

PROTOCOLS: tuple[str, ...]
ACTIONS: tuple[str, ...]
SLOTS: tuple[str, ...]
LIMITS: dict[str, int]

class Reading(NamedTuple):
    number: int
    state: Any
    expected: int
    references: int
    drift: int
    deaths: int
    touches: int
    dead_touches: int
    first_dead_slot: str | None
    died_in_slot: bool
    died_detached: bool
    died_while_held: bool
    traps: tuple[int, ...]
    toucher: int | None
    killer: int | None
    touch_stack: str
    death_stack: str
    made_by: int | None
    born_in: str | None

class Plan(NamedTuple):
    supports: int
    is_tracked: bool
    is_merged: bool
    is_trapped: bool
    value: int | None
    hooks: tuple[tuple[int, int, int], ...]

class Exhausted(Exception): ...

@final
class Canary:
    def __new__(
        cls,
        *,
        supports: Any = ...,
        tracked: bool = False,
        hooks: Any = (),
        owner: Literal["main", "worker", "merged"] = "main",
        trap: bool = False,
        value: int | None = None,
    ) -> Canary: ...
    @property
    def expected(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def state(self) -> Literal["live", "dying", "dead"]: ...
    @property
    def touches(self) -> int: ...

def define(make: Callable[..., Canary], describe: Callable[[int], str]) -> None: ...
def make(
    supports: int,
    is_tracked: bool,
    is_merged: bool,
    is_trapped: bool,
    value: int | None,
    hooks: tuple[tuple[int, int, int], ...],
) -> Canary: ...
def is_known(number: int) -> bool: ...
def number(obj: object) -> int | None: ...
def number_at(address: int) -> int | None: ...
def address(number: int) -> int: ...
def numbers() -> list[int]: ...
def read(number: int) -> Reading: ...
def plan_of(number: int) -> Plan: ...
def hold(number: int) -> bool: ...
def release(number: int) -> bool: ...
def set_hook_handler(handler: Callable[[int, str, str], object] | None) -> None: ...
def arm(is_on: bool) -> None: ...
def reset() -> int | None: ...
def trap_is_supported() -> bool: ...
def trap_install() -> None: ...
