"""A slow, independent explorer of race programs: the product must agree with it."""

from .explore import Exploration, Outcome, Shortest, TooManyStates, explore
from .parse import parse
from .program import InvalidProgram

__all__ = [
    "Exploration",
    "InvalidProgram",
    "Outcome",
    "Shortest",
    "TooManyStates",
    "explore",
    "parse",
]
