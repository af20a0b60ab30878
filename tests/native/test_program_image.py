"""The bindings read the image of a program from a buffer of C ints, and check it."""

from array import array
from importlib import import_module

import pytest

from refrace.explorer.model.lower import lower
from refrace.explorer.model.lower_body import OP_NUMBERS
from refrace.programs import Program


def image_of(text="T1: nop"):
    return lower(Program.parse(text)).image


def open_in_explorer(image):
    import_module("refrace._native.explorer").Image(image)


def open_in_race(image):
    native = import_module("refrace._native.program_race")
    native.Conformance(image, 0, False, 1, 100, 0, False, False, 0, 0, 0)


BINDINGS = pytest.mark.parametrize("open_image", [open_in_explorer, open_in_race])


@BINDINGS
def test_an_array_of_ints_and_a_view_of_one_are_read(open_image):
    image = image_of("hold T1.x = A\nT1: decref x")

    open_image(image)
    open_image(memoryview(image))


@BINDINGS
@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (None, TypeError, "bytes-like"),
        ([1, 2], TypeError, "bytes-like"),
        (b"\0" * 64, ValueError, "an array of C ints"),
        (array("q", [1, 2, 3]), ValueError, "an array of C ints"),
        (array("f", [1.0]), ValueError, "an array of C ints"),
        (array("i"), ValueError, "is not empty"),
        (array("i", [-1] * 20), ValueError, "do not fit together"),
        (memoryview(array("i", range(8)))[::2], BufferError, "contiguous"),
    ],
)
def test_anything_else_is_refused(open_image, wrong, error, said):
    with pytest.raises(error, match=said):
        open_image(wrong)


@BINDINGS
def test_no_truncated_image_is_accepted(open_image):
    image = image_of("hold T1.x = A\nT1: decref x")

    for length in range(1, len(image)):
        with pytest.raises(ValueError, match="do not fit together"):
            open_image(image[:length])


@BINDINGS
def test_an_object_is_no_block_of_a_container(open_image):
    lowered = lower(Program.parse("vec C = [A] room 1\nT1: n = len C"))
    image = lowered.image
    open_image(image)
    # Last in the image, since nobody holds anything: the object's type and its count.
    image[-2] = lowered.templates.index("C.items")

    with pytest.raises(ValueError, match="do not fit together"):
        open_image(image)


FIRST_BODY, BODY, INSTRUCTION = 16, 4, 9  # how many numbers before and in each
CALLS = """
int N = 0
T1: n = N ; call f n ; m = call g
fn f: assert arg == 0
fn g: return 1
"""
WAITS = "barrier B 2\nlock L\nT1: wait B\nT2: wait B"


@BINDINGS
@pytest.mark.parametrize(
    ("text", "op", "at", "wrong"),
    [
        (WAITS, "wait", 0, OP_NUMBERS["gil"]),
        (WAITS, "barrier-wait", 0, OP_NUMBERS["gil"]),
        (WAITS, "barrier-go", 0, OP_NUMBERS["barrier-wait"]),
        (WAITS, "wait", 2, 0),  # the lock of an object
        (WAITS, "barrier-go", 3, 0),  # another lock
        (WAITS, "wait", 4, 0),
        (WAITS, "wait", 4, 33),
        (CALLS, "call", 4, 0),  # more arguments than the sub-program has locals
        (CALLS, "call", 5, 0),
        (CALLS, "call", 3, 99),
        (CALLS, "give", 2, 99),
        (CALLS, "load", 0, OP_NUMBERS["give"]),  # a thread has no caller
    ],
)
def test_no_call_and_no_wait_leads_out_of_its_frame(open_image, text, op, at, wrong):
    image = image_of(text)
    open_image(image)
    first = FIRST_BODY + BODY * image[3]
    operations = image[first::INSTRUCTION]
    image[first + INSTRUCTION * operations.index(OP_NUMBERS[op]) + at] = wrong

    with pytest.raises(ValueError, match="do not fit together"):
        open_image(image)


@BINDINGS
def test_a_call_is_checked_before_the_largest_number_of_an_argument_is(open_image):
    """No sum overflows, which a sanitizer would see."""
    image = image_of(CALLS)
    image[FIRST_BODY + BODY + 2] = 2**31 - 1

    with pytest.raises(ValueError, match="do not fit together"):
        open_image(image)
