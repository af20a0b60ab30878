"""Explain findings about threads that never end: deadlock and livelock."""

from __future__ import annotations

from refrace.programs.syntax import Step, walk
from refrace.programs.text.printer import node_text
from refrace.traces.explain.counts import act
from refrace.traces.explain.history import History, listed
from refrace.traces.state import Found
from refrace.traces.steps import STOPPING, WORLD, Wait

__all__ = ["deadlock", "livelock"]

_STOPPING = ("stop_world", "collect", "look-again")
_WAITING = ("await", "await_not", "await_equal", "spin", "spin_not")


def deadlock(history: History, found: Found) -> str:
    """A thread waits and none can run: first the cycle, then the other waits."""
    waits = history.trace.waits
    cycle = _cycle(waits)
    clauses = [_clause(history, wait, cycle) for wait in cycle]
    clauses += [_clause(history, wait, cycle) for wait in waits if wait not in cycle]
    if not clauses:
        return f"after {act(history)} no thread can go on"
    never = "it can never" if len(clauses) == 1 else "none of them can ever"
    return f"{', and '.join(clauses)}: {never} go on"


def _cycle(waits: tuple[Wait, ...]) -> list[Wait]:
    """Return the waits that form a cycle, each waiting for the next."""
    by_thread = {wait.thread: wait for wait in waits}
    for start in waits:
        chain: list[Wait] = []
        wait: Wait | None = start
        while wait is not None and wait not in chain:
            chain.append(wait)
            wait = by_thread.get(wait.held_by) if wait.held_by else None
        if wait is start:
            return chain
    return []


def _clause(history: History, wait: Wait, cycle: list[Wait]) -> str:
    if wait.held_by is None and wait.place is not None:
        return f"{wait.thread} waits at barrier {wait.place}{_needed(history, wait)}"
    if wait.held_by is None:
        return f"{wait.thread} waits {_awaited(history, wait.thread)}"
    if wait.place == STOPPING:
        return (
            f"{wait.thread} waits in `{_stop_of(history, wait.thread)}` for "
            f"{wait.held_by}, which is at no safe point and does not detach"
        )
    if wait.place == WORLD and wait.held_by != wait.thread:
        return (
            f"{wait.thread} is stopped until {wait.held_by} leaves its "
            f"`{_stop_of(history, wait.held_by)}`"
        )
    if wait.held_by == wait.thread:
        has = "has stopped" if wait.place == WORLD else "holds"
        return f"{wait.thread} waits for {wait.place}, which it {has} itself"
    waiting = any(other.thread == wait.held_by for other in history.trace.waits)
    holds = "holds" if waiting else "did not release before it ended"
    return f"{wait.thread} waits for {wait.place}, which {wait.held_by} {holds}"


def _needed(history: History, wait: Wait) -> str:
    """Return how many threads a barrier needs."""
    for node in history.trace.program.facts.barriers:
        if node.name == wait.place:
            needed = "one thread" if node.threads == 1 else f"{node.threads} threads"
            return f", which needs {needed}"
    return ""


def _stop_of(history: History, thread: str) -> str:
    """Return what a thread last asked all others to stop for."""
    for step in reversed(history.steps):
        if step.thread == thread and step.operation in _STOPPING:
            return step.operation
    return "stop_world"


def _awaited(history: History, thread: str) -> str:
    """Return the `await` of a waiting thread, if the thread has only one."""
    stopped = any(wait.place == WORLD for wait in history.trace.waits)
    others = "no thread that goes on" if stopped else "no remaining thread"
    for section in history.trace.program.threads:
        if section.name == thread:
            awaits = [
                node_text(node)
                for node in walk(section.body)
                if isinstance(node, Step) and node.op in _WAITING
            ]
            if len(awaits) == 1:
                return f"at `{awaits[0]}`, which {others} can make true"
    return f"for a value that {others} can store"


def livelock(history: History, found: Found) -> str:
    """A state from which no continuation finishes."""
    names = history.going_on
    if not names:
        return f"after {act(history)} no continuation ever finishes"
    wait, stop = history.stopping, ""
    if wait is not None:
        stop = (
            f"{wait.thread} waits in `{_stop_of(history, wait.thread)}` for "
            f"{wait.held_by}, which is at no safe point, and "
        )
    can = f"{stop}{listed(names)} can go on, but never finish"
    return f"after {act(history)} no continuation ever finishes: {can}"
