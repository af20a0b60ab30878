"""A trace of C lines becomes a race program of the objects that they count."""

from zlib import crc32

import pytest

import refrace
from refrace.hunting.describing.program_of_trace import program_of_trace
from refrace.hunting.schedules.native_trace import NativeStep

OLD, NEW = 0x7F0000001000, 0x7F0000002000


def step(thread, point, source, place="", before=None, after=None, call=None, gil=None):
    line = crc32(source.encode())
    return NativeStep(
        thread, point, call, "f", "x.c", line, source, place, before, after, gil, False
    )


def reads(thread, source, value=OLD):
    return step(thread, "read", source, "self->item", value, value, gil=thread)


def releases(thread):
    text = "Py_BEGIN_ALLOW_THREADS"
    return step(thread, "gil-release", text, call="PyEval_SaveThread", gil=thread)


def takes(thread):
    text = "Py_END_ALLOW_THREADS"
    return step(thread, "gil-take", text, call="PyEval_RestoreThread")


def calls(thread, source):
    return step(thread, "call", source, call="PyObject_Hash", gil=thread)


def counts(thread, source):
    return step(thread, "write", source, "m1", 1, 2, gil=thread)


REPLACES = [
    reads(1, "PyObject *old = self->item;"),
    counts(1, "self->item = Py_NewRef(item);"),
    step(1, "write", "self->item = Py_NewRef(item);", "self->item", OLD, NEW, gil=1),
    counts(1, "Py_XDECREF(old);"),
]
BORROWS = [
    reads(2, "PyObject *item = self->item;"),
    releases(2),
    *REPLACES,
    takes(2),
    calls(2, "Py_hash_t hash = PyObject_Hash(item);"),
]
PROGRAM = """
slot self_item = Object0
slot T1_item_of_caller = T1_Item
borrow T1.item = T1_Item
T1:
  old = self_item
  incref item
  self_item = item
  decref old
T2:
  item = self_item
  detach
  attach
  use item
"""


def test_what_threads_do_to_a_pointer_is_said_in_the_names_of_the_c_code():
    assert program_of_trace(BORROWS) == refrace.Program.parse(PROGRAM)


def test_the_program_has_the_bug_and_a_reference_of_its_own_cures_it():
    text = f"{program_of_trace(BORROWS)}\n"
    fixed = text.replace("  detach\n", "  incref item\n  detach\n") + "  decref item\n"

    buggy, cured = (refrace.explore(one, "atomic", "held") for one in (text, fixed))

    assert "use-after-free" in {finding.kind for finding in buggy.findings}
    assert cured.is_proof


def test_a_reference_that_is_taken_at_once_is_a_count():
    trace = [
        reads(2, "PyObject *item = Py_NewRef(self->item);"),
        *REPLACES,
        counts(2, "Py_DECREF(item);"),
    ]

    assert str(program_of_trace(trace)).split("T2:")[1].split("\n") == [
        "",
        "  item = self_item",
        "  incref item",
        "  decref item",
    ]


@pytest.mark.parametrize(
    "trace",
    [
        [],
        REPLACES,  # one thread
        [reads(1, "n = self->item;", 3), reads(2, "n = self->item;", 3)],  # a number
        [reads(1, "x = self->item;"), reads(2, "x = self->item;")],  # nobody writes
        [  # no known form
            step(1, "write", "exchange(self);", "self->item", OLD, NEW),
            step(2, "read", "exchange(self);", "self->item", NEW, NEW),
        ],
    ],
)
def test_a_trace_that_cannot_be_said_has_no_program(trace):
    assert program_of_trace(trace) is None


def test_words_of_the_language_are_names_of_c_too():
    trace = [
        reads(2, "PyObject *use = self->item;"),
        *REPLACES,
        calls(2, "PyObject_Hash(use);"),
    ]

    assert str(program_of_trace(trace)).endswith("  use_ = self_item\n  use use_")
