from types import FrameType
from typing import Any, NamedTuple

class CountReading(NamedTuple):
    is_immortal: bool
    is_split: bool
    is_owned_here: bool
    is_merged: bool
    local: int
    shared: int
    deferred: int

def read_count(obj: object) -> CountReading: ...
def count_identical(values: list[Any], target: object) -> int: ...
def locals_that_are(frame: FrameType, target: object) -> list[str]: ...
