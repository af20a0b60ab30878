"""Arguments that no message was made for: refused with a message all the same."""

import copy
import pickle

import pytest

import refrace

PROGRAM = "hold T1.x = A\nT1: decref x\n"


class NoRepr:
    def __repr__(self):
        raise ZeroDivisionError("repr")


class NoIndex:
    def __index__(self):
        raise ZeroDivisionError("index")


class IndexIsText:
    def __index__(self):
        return "x"


def deep():
    inside = []
    for _ in range(100_000):
        inside = [inside]
    return inside


STRANGE = {
    "an integer that Python does not print": 10**5000,
    "one below zero": -(10**5000),
    "a class with __index__": int,
    "an __index__ that raises": NoIndex(),
    "an __index__ that is no integer": IndexIsText(),
    "a __repr__ that raises": NoRepr(),
    "lists in lists": deep(),
    "a long text": "x" * 100_000,
    "halves of surrogate pairs": "\ud800",
}

# What each call takes besides, and the arguments to be wrong, one at a time.
CALLS = [
    (refrace.race, {"mode": "atomic"},
     "mode gil threads objects hold shared owner seed progress program rounds"),
    (refrace.race, {"mode": "atomic", "program": PROGRAM},
     "gil rounds seed progress objects"),
    (refrace.explore, {"program": PROGRAM, "mode": "unlocked"},
     "program mode gil max_states max_seconds max_bytes progress"),
    (refrace.sample, {"program": PROGRAM, "mode": "unlocked"},
     "program mode gil runs strategy depth seed max_seconds max_steps progress"),
    (refrace.prove, {"mode": "atomic"}, "mode effort max_seconds progress"),
    (refrace.compare, {}, "modes threads rounds progress"),
    (refrace.deadlock, {}, "order lock threads timeout"),
    (refrace.lost_append, {}, "threads appends gil locked seed progress"),
    (refrace.parallelism, {}, "workload threads rounds run_s progress"),
    (refrace.lesson, {}, "number"),
    (refrace.explain_pattern, {"pattern": "lost-decrement"},
     "pattern mode gil max_states max_seconds progress"),
    (refrace.check_gallery, {}, "patterns modes gil max_states max_seconds progress"),
    (refrace.mode, {}, "name"),
    (refrace.replay, {}, "run"),
    (refrace.Object, {}, "mode"),
    (refrace.Object("atomic").incref, {}, "n gil"),
    (refrace.Object("atomic").decref, {}, "n gil"),
    (refrace.Object("atomic").use, {}, "gil"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "given", "name"),
    [
        pytest.param(call, given, name, id=f"{call.__qualname__}-{name}-{len(given)}")
        for call, given, names in CALLS
        for name in names.split()
    ],
)
def test_the_message_names_the_value_of_any_argument(call, given, name):
    for strange, value in STRANGE.items():
        if name in ("progress", "workload") and callable(value):
            continue  # it may well be one
        with pytest.raises(refrace.RefraceError) as caught:
            call(**{**given, name: value})
        assert len(str(caught.value)) < 2000, strange


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize(
    "build",
    [
        lambda value: refrace.Program(value, {}),
        lambda value: refrace.Program([value], {}),
        lambda value: refrace.Program([], value),
        lambda value: refrace.Program([], {"T1": [value]}),
        lambda value: refrace.Program([], {"T1": ["gil"]}, value),
        lambda value: refrace.Program.from_dict({"format": value}),
        lambda value: refrace.Program.from_dict(
            {"format": "refrace/program", "version": value}
        ),
        refrace.Program.from_dict,
        refrace.Program.from_json,
        refrace.Program.parse,
    ],
)
def test_every_invalid_part_of_a_program_is_refused(build, strange):
    with pytest.raises(refrace.RefraceError):
        build(STRANGE[strange])


def test_numbers_that_are_shown_are_shown_whole():
    with pytest.raises(refrace.InvalidArgument, match=r"^n=10000000000000 is out"):
        refrace.Object("atomic").incref(10**13)
    with pytest.raises(refrace.InvalidArgument, match=r"^n=<int of 16,610 bits> is"):
        refrace.Object("atomic").incref(10**5000)


class Falsy:
    """Can be called, and is false all the same."""

    def __init__(self):
        self.calls = 0

    def __bool__(self):
        return False

    def __call__(self, done, of):
        self.calls += 1


def test_a_function_that_is_false_follows_progress_all_the_same():
    progress = Falsy()
    refrace.compare(["atomic"], [1], rounds=2, progress=progress)
    assert progress.calls == 2


@pytest.mark.parametrize("act", [copy.copy, copy.deepcopy, pickle.dumps])
def test_an_object_is_one_and_cannot_be_copied(act):
    thing = refrace.Object("atomic")
    with pytest.raises(refrace.InvalidArgumentType, match=r"refrace\.Object\('atomic'"):
        act(thing)


@pytest.mark.parametrize(
    "act",
    [
        refrace.Object.incref,
        refrace.Object.quiesce,
        refrace.Object.use,
        refrace.Object.close,
        repr,
        str,
        lambda thing: thing.mode,
        lambda thing: thing.closed,
        lambda thing: thing.refcount,
        lambda thing: thing.findings,
        lambda thing: thing.detached().__enter__(),
        copy.copy,
    ],
)
def test_an_object_that_was_never_initialised_says_so(act):
    with pytest.raises(refrace.ObjectClosed, match="never initialised"):
        act(refrace.Object.__new__(refrace.Object))


def test_a_subclass_may_take_other_arguments():
    class Named(refrace.Object):
        def __init__(self, name):
            super().__init__("atomic")
            self.name = name

    assert Named("A").refcount == 1
