"""A program in a mode, explored, replayed and sampled: raw results of the core."""

from __future__ import annotations

from refrace.explorer.model.lower import LARGEST_INTEGER, Lowered, lower
from refrace.explorer.model.minimisation import minimise
from refrace.explorer.model.model import Model

__all__ = ["LARGEST_INTEGER", "Lowered", "Model", "lower", "minimise"]
