"""What the stepper of the terminal shows: one frame for each state of the walk."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase

from rich.console import Group
from rich.table import Table
from rich.text import Text

from refrace.cli.colours import STYLES, thread_style
from refrace.explorer.walk import Choice, Walk
from refrace.programs.highlighting import coloured
from refrace.traces.schedule import choice_of, thread_of

__all__ = ["CHOICE_KEYS", "HELP", "frame"]

CHOICE_KEYS = "123456789" + ascii_uppercase
"""The keys of the choices, in their order."""
BAR = 10
WIDE = 100
"""Columns of a terminal that has space for two columns of text."""
MOST_STEPS_SHOWN = 12
GOALS = {"explore": "explore", "fail": "make it fail", "safe": "keep it safe"}
HELP = (
    "1-9 choose   right forward   left/u back   home/s start   end/c counterexample\n"
    "e explore   f make it fail   k keep it safe   t copy the token   q quit"
)


def frame(walk: Walk, said: str = "", width: int = 80) -> Group:
    """Return everything about the present state, for a terminal or as plain text."""
    left = [*_choices(walk), *_program(walk)]
    right = [*_variables(walk), *_history(walk)]
    if width >= WIDE:
        body = Table.grid(padding=(0, 4), expand=True)
        body.add_column(ratio=1)
        body.add_column(ratio=1)
        body.add_row(Group(*left), Group(*right))
        return Group(*_head(walk, said), body)
    return Group(*_head(walk, said), *left, *right)


def _head(walk: Walk, said: str) -> Iterator[Text]:
    tone, sign = "", ""
    if walk.is_over:
        tone, sign = ("bad", "! ") if walk.kinds else ("good", "= ")
    verdict = f"{sign}{walk.verdict} {walk.judgement}".rstrip()
    yield Text(verdict, STYLES[tone] or "bold")
    for wait in walk.waits:
        yield Text(f"{wait}.", STYLES["warn"])
    if said:
        yield Text(said, "italic")
    _, _, more = walk.size.partition(", ")
    yield Text(
        f"{walk.setting}; {GOALS[walk.goal]}; step {walk.at}, {more}",
        "dim",
    )
    yield Text(HELP, "dim")


def _title(text: str) -> Iterator[Text]:
    yield Text("")
    yield Text.assemble((text, "bold underline"))  # not the rest of the line


def _choices(walk: Walk) -> Iterator[Text]:
    reads = ", and what does it read?" if "memory" in walk.data else "?"
    yield from _title(f"Who takes the next step{reads}")
    choices = walk.choices
    if not choices:
        yield Text("No thread can go on: the run is over.", "dim")
    for key, choice in zip(CHOICE_KEYS, choices, strict=False):
        yield _choice(key, choice, walk.goal == "explore", walk)


def _choice(key: str, choice: Choice, shows_chances: bool, walk: Walk) -> Text:
    shown = choice.shown
    style = thread_style(walk.data["threads"].index(choice.thread))
    line = Text.assemble((f"{key} ", "bold"), (choice.thread, style), "  ")
    value = f"{shown['place']} {shown['value']}".strip()
    line.append("  ".join(filter(None, [shown["does"], value, *shown["notes"]])))
    if choice.reads:
        style = STYLES["warn"] if choice_of(choice.code) else "dim"
        line.append(f"  {choice.reads}", style)
    if shows_chances:
        line.append("\n    ")
        if choice.share is not None:
            filled = round(BAR * choice.share)
            # A small share is not shown as none.
            filled = max(filled, 1) if choice.share else 0
            line.append("\u2588" * filled, STYLES["bad"])
            line.append("\u2591" * (BAR - filled), "dim")
            line.append(" ")
        line.append(choice.chances)
    return line


def _program(walk: Walk) -> Iterator[Text]:
    yield from _title("Program")
    following = walk.next_lines()
    most = max((len(" ".join(who)) for who in following.values()), default=0)
    for number, text in enumerate(walk.data["program"], 1):
        who = " ".join(following.get(number, []))
        line = Text.assemble((f"{who:>{most}} {'>' if who else ' '} ", "bold"))
        for word, role in coloured(text):
            line.append(word, STYLES[role])
        yield line


def _variables(walk: Walk) -> Iterator[Table | Text]:
    yield from _title("State")
    table = Table.grid(padding=(0, 2))
    for name, value, old in walk.variables():
        changed = "" if old is None else "new" if old == "" else f"was {old}"
        table.add_row(
            Text(name), Text(value, "" if old is None else "bold"), Text(changed, "dim")
        )
    yield table


def _history(walk: Walk) -> Iterator[Text]:
    yield from _title("Run so far")
    steps = walk.steps()
    if not steps:
        yield Text("No step yet.", "dim")
    hidden = max(0, len(steps) - MOST_STEPS_SHOWN)
    if hidden:
        yield Text(f"({hidden} earlier step{'' if hidden == 1 else 's'})", "dim")
    for number, step in list(enumerate(steps, 1))[hidden:]:
        place = thread_of(step.code)
        line = Text(f"{number:>3}  ")
        if step.preempts:
            line.append("preempted; ", STYLES["warn"])
        line.append(walk.data["threads"][place], thread_style(place))
        value = f"{step.shown['place']} {step.shown['value']}".strip()
        line.append(f"  {step.shown['does']}  {value}".rstrip())
        if choice_of(step.code):
            line.append(f"  {step.reads}", STYLES["warn"])
        yield line
