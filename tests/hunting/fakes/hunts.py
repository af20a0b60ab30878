"""Hunts with the fake engine."""

from refrace.hunting.describing.reproducer import subject_text
from refrace.hunting.hunt import _hunt
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.processes.zygote_process import ZygoteProcess
from refrace.hunting.search.settings import HuntSettings

ENGINE = "hunting.fakes.engine"


def source(name):
    return SubjectSource(f"hunting.fakes.subjects:{name}")


def zygote(name):
    return ZygoteProcess(source(name), engine=ENGINE)


def run_child(name, *, threads=1, seconds=60.0, rounds=1, on_message=None, **more):
    """Run a child with programs of a subject; return its end and its messages."""
    messages = []

    def hear(message):
        messages.append(message)
        if on_message is not None:
            on_message(message)

    task = ChildTask(
        "draw", threads=(threads,), seconds=seconds, rounds=rounds, count=100
    )
    with zygote(name) as process:
        end = process.run(task, hear, **more)
    return end, messages


def settings(name, folder=None, *, seconds=1.0, threads=(1,), seed=7, **more):
    more.setdefault("any_seed", False)
    more.setdefault("repeats", 2)
    return HuntSettings(
        source(name), threads, seconds, seed, folder=folder, engine=ENGINE, **more
    )


def hunt(name, folder=None, *, progress=None, **more):
    chosen = settings(name, folder, **more)
    return _hunt(chosen, subject_text(None, chosen.source.name), progress)
