"""What the child process does that tries a new mode out."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from textwrap import indent

__all__ = ["main"]

PROGRAMS = 60
MOST_STATES = 5_000


def main(file: str, cache: str, mark: str, cpu_seconds: int) -> None:
    """Explore small programs in the mode whose text is standard input; then count.

    Each step is announced on standard output before it begins, after `mark`.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from refrace.explorer.corpus import corpus
    from refrace.explorer.scenarios import SCENARIOS
    from refrace.explorer.session import session_of
    from refrace.mode_files.load_mode import load_text
    from refrace.races.object import Object

    mode = load_text(sys.stdin.read(), file, tried_in=Path(cache))
    texts = [text for n in (2, 3) for text in corpus(2, n)][:PROGRAMS]
    scenarios = [one.program for one in SCENARIOS if one.why_not_in(mode) is None]

    def say(doing: str) -> None:
        print(mark + doing, flush=True)

    for program in (*texts, *scenarios):
        say("explored\n" + indent(str(program), "  "))
        session_of(program, mode, "released").search(MOST_STATES, 1e9, 2**28)
    say("counted one object natively, on one thread")
    counted = Object(mode)
    counted.incref(2)
    counted.decref(2)
    counted.decref()
