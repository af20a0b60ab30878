"""Search the schedules of a subject in a process of its own, which may end in them."""

import json
import os
import subprocess
import sys
import sysconfig
from importlib import import_module
from pathlib import Path

from hunting.schedules.building import build

TESTS = Path(__file__).parents[2]

# Module, calls before, calls of each thread, calls after.
SCENARIOS = {
    "lost update": ("races", [], ["add"], ["add"], ["count"]),
    "at once": ("races", [], ["add_at_once"], ["add_at_once"], ["count"]),
    "lazy": ("races", [], ["lazy"], ["lazy"], []),
    "half a change": ("races", [], ["change"], ["look"], []),
    "two preemptions": ("races", [], ["change"], ["look_twice"], []),
    "atomic reader": ("races", [], ["change"], ["look_atomically"], []),
    "copied by a call": ("races", [], ["fill"], ["copy"], []),
    "rest of a call": ("races", [], ["copy_word"], ["change_word"], []),
    "copy": ("races", [], ["copy_words"], ["set_words"], []),
    "many bytes": ("races", [], ["change_words"], ["look_at_words"], []),
    "compared by libc": ("races", [], ["fill"], ["compare"], []),
    "call without the GIL": ("races", [], ["compare_apart"], ["let_go"], []),
    "tried lock": ("races", [], ["hold_mutex"], ["try_mutex"], []),
    "tried read lock": ("races", [], ["hold"], ["can_read"], []),
    "borrowed": ("races", ["put"], ["put"], ["peek"], []),
    "error number": ("races", [], ["fail"], ["fail"], ["count"]),
    "lock order": ("races", [], ["forwards"], ["backwards"], []),
    "lock against GIL": ("races", [], ["with_gil"], ["with_gil"], []),
    "spin lock": ("races", [], ["add_spinning"], ["add_spinning"], ["count"]),
    "semaphore": ("races", [], ["add_by_semaphore"], ["add_by_semaphore"], ["count"]),
    "read lock": ("races", [], ["add_reading"], ["add_reading"], ["count"]),
    "spin order": ("races", [], ["spin_second"], ["spin_first"], []),
    "semaphore order": ("races", [], ["semaphore_second"], ["semaphore_first"], []),
    "writer order": ("races", [], ["writer_second"], ["writer_first"], []),
    "reader order": ("races", [], ["reader_second"], ["writer_first"], []),
    "once": ("races", [], ["make_once"], ["make_once_locked"], ["count"]),
    "condition": ("races", [], ["enter"], ["enter"], ["count"]),
    "condition of C11": ("races", [], ["enter_in_c11"], ["enter_in_c11"], ["count"]),
    "condition in time": ("races", [], ["enter_in_time"], ["enter_in_time"], ["count"]),
    "condition of a call": ("races", [], ["wait_for_gift"], ["give"], []),
    "futex": ("races", [], ["wait_for_word"], ["set_word"], []),
    "joined": ("races", [], ["add_by_thread"], ["add_by_thread"], ["count"]),
    "joined in C++": (
        *("shared", ["unset"], ["add_by_thread"], ["add_by_thread"], ["sum"]),
    ),
    "atomic wait": ("shared", ["unset"], ["wait_until_set"], ["set"], []),
    "static": ("shared", ["unmake_static"], ["make_static"], ["make_static"], []),
    "call_once": ("shared", ["unmake"], ["make"], ["make"], ["make"]),
    "condition of C++": ("shared", [], ["enter"], ["enter"], []),
    "Cython": ("counter", [], ["add"], ["add"], ["count"]),
    "memoryview": ("views", [], ["add_cell"], ["add_cell"], ["cell"]),
    "with gil": ("views", [], ["add_slowly"], ["add_slowly"], ["slowly"]),
    "exception": ("shared", ["push"], ["pop"], ["pop"], []),
    "shared_ptr": ("shared", ["replace"], ["replace"], ["read"], []),
}
if not sysconfig.get_config_var("Py_GIL_DISABLED"):
    SCENARIOS["dict in use"] = ("races", ["renew"], ["renew"], ["note"], [])
else:
    SCENARIOS |= {
        "both sections": ("races", [], ["in_both"], ["in_both"], []),
        "sections": ("races", [], ["in_both"], ["in_second"], []),
        "sections left": ("races", [], ["detached"], ["in_second"], []),
    }
# In each order of these calls, one waits for the other.
TOGETHER = {"barrier": ("races", [], ["meet"], ["meet"], [])}
# Each thread has a mutex of its own; the answers are what libc says of it.
OF_MUTEXES = {
    "mutex again": ("races", [], ["lock_again"], ["lock_again"], []),
    "no time": ("races", [], ["wait_for_no_time"], ["wait_for_no_time"], []),
    "mutex of a dead thread": ("races", [], ["inherit"], ["inherit"], []),
}
UNSCHEDULED = {"pipe": ("races", [], ["wait_for_byte"], ["give_byte"], [])}
# The callbacks of its calls call `add`.
REENTERING = {"reentering": ("races", [], ["call"], ["call"], ["count"])}


def drive(scenario, form, *, compiler="gcc", flags=None, environ=None, **options):
    """Return what a search gave, as a dictionary; "ended" if the process ended."""
    folder = build(form, compiler, flags)
    asked = json.dumps([scenario, str(folder), options])
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", __file__, asked],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(TESTS), **(environ or {})},
    )
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    assert lines, ran.stderr
    return {**json.loads(lines[-1]), "status": ran.returncode, "errors": ran.stderr}


def main(scenario, folder, options):
    """Search in this process, and print the result."""
    from refrace.hunting.schedules import runtime

    runtime.load()
    sys.path.insert(0, folder)
    name, *calls = (SCENARIOS | TOGETHER | OF_MUTEXES | UNSCHEDULED | REENTERING)[
        scenario
    ]
    library = import_module(name)
    hooks = runtime.open_process(2, report_to=1)
    if options.get("tells_answers"):
        told = answers_by_order(library.Races, *calls[1:])
        print(json.dumps({"answers": sorted(told.values())}), flush=True)
        os._exit(0)

    from refrace.hunting.schedules.explore import explore_program, replay_program
    from refrace.hunting.schedules.searches import search_of
    from refrace.subjects import Subject

    subject = Subject.of(subject_of(library))
    program = program_of(*calls)
    search = search_of(
        options.get("strategy", "bounded"),
        options.get("preemptions", 2),
        options.get("seed", 1),
        options.get("reduction", False),
    )
    found = explore_program(
        subject,
        program,
        search,
        seconds=options.get("seconds", 60.0),
        most_schedules=options.get("most", 100_000),
    )
    result = {
        "hooks": hooks,
        "schedules": found.schedules,
        "complete": found.is_complete,
        "why": found.incomplete_because,
        "points": found.points,
        "not_compared": found.not_compared,
        "seen": [[one.kind, one.preemptions, one.schedule] for one in found.seen],
        "hints": len(found.hints),
        "orders": sorted(found.orders),
    }
    if options.get("compares"):
        fewer = search_of("bounded", 2, 1)
        reduced = explore_program(subject, program, fewer, seconds=60.0)
        result["reduced"] = {
            "foresees": fewer.is_foreseeing,
            "foreseen": fewer.foreseen,
            "schedules": reduced.schedules,
            "complete": reduced.is_complete,
            "seen": [[one.kind, one.preemptions] for one in reduced.seen],
            "orders": sorted(reduced.orders),
        }
    if options.get("replays"):
        schedule = found.seen[0].schedule if found.seen else ()
        again = replay_program(subject, program, schedule, options["replays"])
        result["kinds"] = again.kinds
        result["hashes"] = sorted(set(again.hashes))
        result["places"] = [[s.thread, s.place] for s in again.steps]
        result["lines"] = [[s.thread, s.text, s.line] for s in again.steps]
    print(json.dumps(result), flush=True)
    os._exit(0)


class Calls:
    """Calls of methods, one after the other; their answers, as text."""

    def __init__(self, it, names):
        self.it, self.names, self.answers = it, names, []

    def __call__(self):
        self.answers += [str(getattr(self.it, name)()) for name in self.names]


def answers_by_order(made, first, second, after):
    """Return the different answers of the schedules in which the same has happened."""
    from refrace._native import schedule as native
    from refrace.hunting.schedules.runtime import ScheduledWorkers
    from refrace.hunting.schedules.search import Bounded

    workers, search = ScheduledWorkers(2), Bounded(2)
    told = {}
    while (plan := search.next()) is not None:
        it = made()
        calls = [Calls(it, names) for names in (first, second, after)]
        workers.plan = plan
        with workers.round():
            workers.run(calls[:2])
        calls[2]()
        run = workers.last
        seen = told.setdefault(run.order, [])
        if (answers := [one.answers for one in calls]) not in seen:
            seen.append(answers)
        begin = plan.schedule[-1][0] + 1 if plan.schedule else 0
        search.learn(plan, native.alternatives(begin), run.n_choices)
    return told


def subject_of(library):
    import refrace

    is_type = hasattr(library, "Races") or hasattr(library, "Counter")
    made = getattr(library, "Races", getattr(library, "Counter", None))

    class Library:
        def setup(self):
            self.it = made() if is_type else library

        @refrace.operation
        def call(self, callback):
            callback()

    def operation(name):
        # One call each, so that answers can be compared.
        arguments = "item" if name == "put" else ""
        text = f"lambda self, {arguments}: self.it.{name}({arguments})"
        return eval(text.replace(", :", ":"))

    for names in (SCENARIOS | TOGETHER | UNSCHEDULED).values():
        for name in {name for part in names[1:] for name in part}:
            if hasattr(made or library, name):
                function = operation(name)
                function.__name__ = name
                setattr(Library, name, refrace.operation(function))
    return Library


def program_of(before, first, second, after):
    from refrace.canaries.spec import CanarySpec
    from refrace.subjects import Call, Callback, HuntProgram, dump
    from refrace.subjects.values import CanaryArgument

    parts = (before, first, second, after)
    n_puts = sum(name == "put" for part in parts for name in part)
    specs = tuple(
        CanarySpec(frozenset({"hash", "eq"}), held=False) for _ in range(n_puts)
    )
    puts = iter(range(n_puts))

    def calls(names):
        return tuple(
            Call(name, f"c{next(puts)}") if name == "put" else Call(name)
            for name in names
        )

    def arguments_of(call):
        if call.operation == "call":
            return (Callback("reenter"),)
        return (CanaryArgument(int(call.arguments[1:])),) if call.arguments else ()

    made = [calls(part) for part in parts]
    reentries = calls(["add"]) if "call" in first else ()
    values = [(arguments_of(call), {}) for part in (*made, reentries) for call in part]
    return HuntProgram(
        made[0], (made[1], made[2]), made[3], reentries, specs, dump(values)
    )


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
