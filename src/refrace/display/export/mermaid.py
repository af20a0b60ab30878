"""A run as a sequence diagram of Mermaid, which GitHub and Jupyter display."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from refrace.display.pictures.space_time import Event, Run

__all__ = ["sequence_diagram"]

# They end a statement, begin an entity, or break a line of Mermaid.
_SPECIAL = re.compile(r"[#;<>{}\"\\%\n\r]")


NOTE_WIDTH = 44
"""Letters in a line of a note, which Mermaid does not wrap itself."""


def _safe(content: str) -> str:
    return _SPECIAL.sub(lambda match: f"#{ord(match.group())};", content)


def sequence_diagram(run: Run) -> str:
    """Return the text of the diagram: threads and shared words are participants.

    The arrow of a read begins at the word, and that of a write at the thread.
    """
    lines = ["sequenceDiagram"]
    for lane, name in enumerate(run.threads):
        lines.append(f"participant t{lane} as {_safe(name)}")
    for lane, word in enumerate(run.words):
        value = f" = {', '.join(word.begins)}" if word.begins else ""
        lines.append(f"participant w{lane} as {_safe(word.name + value)}")
    for place in range(len(run.events)):
        lines += _event(run, place)
    over = f"t0,t{len(run.threads) - 1}" if len(run.threads) > 1 else "t0"
    verdict = "<br/>".join(map(_safe, textwrap.wrap(run.verdict, NOTE_WIDTH)))
    lines.append(f"Note over {over}: {verdict}")
    return "\n    ".join(lines) + "\n"


def _event(run: Run, place: int) -> Iterator[str]:
    event: Event = run.events[place]
    thread = f"t{event.lane}"
    if event.preempts is not None:
        yield f"Note over t{event.preempts}: preempted"
    number = "" if event.number is None else f"{event.number}. "
    said = f"{number}{event.label}"
    if event.word is not None and event.moved:
        said += f" ({event.moved})"
    said += "".join(f", {note}" for note in event.notes)
    if event.is_bad:
        said += " (!)"
    if event.word is None:
        yield f"{thread}->>{thread}: {_safe(said)}"
    elif event.mark == "load":
        yield f"w{event.word}-->>{thread}: {_safe(said)}"
    else:
        yield f"{thread}->>w{event.word}: {_safe(said)}"
    for join in run.joins:
        if join.last == place:
            yield f"Note over {thread}: {_safe(_joined(run, join.first, join.label))}"


def _joined(run: Run, first: int, label: str) -> str:
    event = run.events[first]
    return f"step {event.number} ({run.threads[event.lane]}): {label}"
