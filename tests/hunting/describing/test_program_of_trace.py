"""A trace of C lines becomes a race program of the objects that they count."""

import linecache
from zlib import crc32

import pytest

import refrace
from refrace.hunting import finding
from refrace.hunting.describing import program_of_trace as translated
from refrace.hunting.schedules.native_trace import NativeStep

OLD, NEW = 0x7F0000001000, 0x7F0000002000


def step(thread, point, source, place="", before=None, after=None, call=None, gil=None):
    line = crc32(source.encode())
    return NativeStep(
        *(thread, point, call, f"f{thread}", "x.c", line, source, place),
        *(before, after, gil, False),
    )


def program_of_trace(trace, *more):
    """Translate steps of functions, f1 and f2, that have these lines and no others."""
    text = "".join(
        f"static PyObject *\nf{thread}(Box *self, PyObject *item)\n{{\n"
        + "\n".join(dict.fromkeys(s.source for s in trace if s.thread == thread))
        + "\n}\n"
        for thread in (1, 2)
    ).replace("f2(Box *self, PyObject *item)", "f2(Box *self, PyObject *unused)")
    lines = (text + "\n".join(more)).splitlines(keepends=True)
    linecache.cache["x.c"] = (len(text), None, lines, "x.c")
    try:
        return translated.program_of_trace(trace)
    finally:
        del linecache.cache["x.c"]


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


def test_without_a_gil_a_count_also_reads_the_owner():
    def looks(thread, source):  # at the local count, and at the owner
        return [step(thread, "atomic", source, f"m{n}", 0, 0) for n in (2, 3)]

    replace, drop, use = REPLACES[1].source, "Py_XDECREF(old);", BORROWS[-1].source
    trace = [
        step(2, "read", "PyObject *item = self->item;", "self->item", OLD, OLD),
        step(1, "read", "PyObject *old = self->item;", "self->item", OLD, OLD),
        *looks(1, replace),
        step(1, "atomic", replace, "m4", 15, 19),
        step(1, "write", replace, "self->item", OLD, NEW),
        *looks(1, drop),
        step(1, "call", drop, call="_Py_DecRefShared"),
        step(2, "call", use, call="PyObject_Hash"),
    ]

    expected = PROGRAM.replace("  detach\n  attach\n", "")
    assert program_of_trace(trace) == refrace.Program.parse(expected)


def test_a_reference_that_is_taken_at_once_is_a_count():
    trace = [
        reads(2, "PyObject *item = Py_NewRef(self->item);"),
        counts(2, "PyObject *item = Py_NewRef(self->item);"),
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


# ------------------------------------------------------- what cannot be translated

ITEM = "PyObject *item = Py_NewRef(self->item);"
TAKEN = [reads(2, ITEM), counts(2, ITEM)]
DROP = counts(2, "Py_DECREF(item);")


def halves(thread, source):
    return [
        step(thread, point, source, "item->ob_refcnt", 2, 1, gil=thread)
        for point in ("read", "write")
    ]


def test_a_line_that_is_preempted_is_one_line():
    load, store = halves(2, "Py_DECREF(item);")

    program = program_of_trace([*TAKEN, load, *REPLACES, store])

    assert str(program).count("decref item") == 1
    assert refrace.explore(program, "atomic", "held").is_proof


def test_a_count_that_did_not_happen_is_left_out():
    skipped = "if (self->owns) Py_DECREF(item);"
    looks = step(2, "read", skipped, "self->owns", 0, 0, gil=2)

    program = program_of_trace([*TAKEN, *REPLACES, looks, DROP])

    assert str(program).count("decref item") == 1


MAKES = "PyObject *made = PyList_New(0);"
STORES = "self->item = made;"
SWAPS = "if (old != NULL) swap(&self->item, &old);"
ANSWER = "return Py_NewRef(self->item);"
OTHER = step(2, "read", "item = other;", "self->n", 0, 0, gil=2)
STORES_NEW = [
    reads(1, "PyObject *old = self->item;"),
    step(1, "call", MAKES, call="PyList_New", gil=1),
    step(1, "write", STORES, "self->item", OLD, OLD + 64, gil=1),
    counts(1, "Py_XDECREF(old);"),
]


@pytest.mark.parametrize(
    ("trace", "more"),
    [
        ([*TAKEN, *STORES_NEW, DROP], []),  # an object that is no argument
        ([*TAKEN, *REPLACES, DROP, calls(2, "item = PyList_New(0);"), DROP], []),
        ([*TAKEN, *REPLACES, DROP, OTHER], []),  # which is set twice
        ([*TAKEN, *REPLACES, step(2, "write", SWAPS, "self->item", NEW, OLD)], []),
        ([*TAKEN, *REPLACES, DROP, reads(2, ANSWER), counts(2, ANSWER)], []),
        ([*TAKEN, *REPLACES, calls(2, "release(item);")], []),
        ([*TAKEN, *REPLACES, calls(2, "PyTuple_SET_ITEM(pair, 0, item);")], []),
        ([*TAKEN, *REPLACES, counts(2, "Py_DECREF(alias);")], []),
        ([*TAKEN, *REPLACES, DROP, DROP], []),  # a line that ran twice
        ([*BORROWS], ["f1(self, item);"]),  # another function passes the argument
    ],
)
def test_an_object_that_is_not_followed_everywhere_has_no_program(trace, more):
    assert program_of_trace([*TAKEN, *REPLACES, DROP]) is not None
    assert program_of_trace(trace, *more) is None


def test_without_the_source_no_variable_is_followed():
    assert program_of_trace(BORROWS) is not None
    assert translated.program_of_trace(BORROWS) is None


@pytest.mark.parametrize(
    ("kind", "text", "shows"),
    [
        ("use-after-free", PROGRAM, True),
        ("over-decref", PROGRAM, True),
        ("use-after-free", "hold T1.x = A\nT1: use x\nT2: gil", False),  # a leak
        ("use-after-free", "slot S = A\nborrow T1.x = A\nT1: decref x", False),
        ("use-after-free", "hold T1.x = A\nT1: decref x\nT2: gil", False),  # none
    ],
)
def test_a_program_counts_only_if_it_shows_the_kind_that_was_found(kind, text, shows):
    assert finding._shows(refrace.Program.parse(text), kind, True) is shows
