"""What a process has recorded is a trace, whatever the process did at its end."""

import struct
import subprocess
import sys
import sysconfig

import pytest

from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.schedules.native_picture import native_picture
from refrace.hunting.schedules.native_trace import native_table
from refrace.hunting.schedules.trace_at_end import trace_at_end
from refrace.hunting.search import sighting
from refrace.hunting.search.sighting import sighting_of_end

native = pytest.importorskip("refrace._native.schedule")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not sysconfig.get_platform().endswith("x86_64"),
    reason="native schedules need Linux on x86-64",
)

FLIGHT_BYTES = native.FLIGHT_BYTES
RECORD, MOST_RECORDED, MOST_PATHS = "<5Q6B33sx", 512, 4096
RUNNING = {
    "operations": ["f"],
    "threads": 2,
    "program": {},
    "source": "",
    "builds": [["m", "1"]],
}

# Calls the hook of a read: of memory that is there, then of memory that is not.
READS = """
import ctypes, mmap, sys
from refrace.hunting.schedules import runtime

native = runtime.load()
with open(sys.argv[1], "r+b") as file:
    memory = mmap.mmap(file.fileno(), 0)
runtime.open_process(1, flight=memory, files=[])
word = ctypes.c_longlong(7)
read = ctypes.PyDLL(native.__file__).__tsan_read8
read.argtypes, read.restype = [ctypes.c_void_p], None


def reads():
    read(ctypes.addressof(word))
    read(int(sys.argv[2], 0))


native.run([reads])
"""


def recorded(file, address):
    file.write_bytes(bytes(FLIGHT_BYTES))
    command = [sys.executable, "-c", READS, str(file), hex(address)]
    subprocess.run(command, capture_output=True)  # it ends in the read, if it can
    return file.read_bytes()


@pytest.mark.parametrize("address", [1 << 46, 8])
def test_a_read_of_memory_that_is_not_there_has_no_value(tmp_path, address):
    memory = recorded(tmp_path / "memory", address)

    last, gone = trace_at_end(memory)[-2:]

    assert (last.point, last.before, last.after, last.value) == ("read", 7, 7, "7")
    assert (gone.point, gone.before, gone.after, gone.value) == ("read", None, None, "")


@pytest.mark.parametrize(
    "memory", [bytes(FLIGHT_BYTES - 1), memoryview(bytes(2 * FLIGHT_BYTES))[::2]]
)
def test_memory_in_which_no_recorder_fits_is_refused(memory):
    for read in (native.recorded, native.flight_of):
        with pytest.raises(ValueError, match="too small"):
            read(memory)


def test_a_recorder_that_cannot_be_written_to_is_refused():
    with pytest.raises(ValueError, match="cannot be written to"):
        native.open_runtime(bytes(FLIGHT_BYTES))


def ended(memory):
    return ChildEnd("crash", running=RUNNING, recorded=memory)


def memory_with(name=b"", point=0, runner=0):
    """What a process has recorded: one point, as schedule.h lays it out."""
    points = FLIGHT_BYTES - MOST_PATHS - MOST_RECORDED * struct.calcsize(RECORD)
    memory = bytearray(FLIGHT_BYTES)
    struct.pack_into("<4I", memory, 0, 1, 0, 1, 0)
    numbers = 9, 0, 0, 0x5000, 3  # step, instruction, place, address, value
    bytes_ = 8, point, runner, 0, 1, 0  # size, ..., GIL, has a value, was preempted
    struct.pack_into(RECORD, memory, points, *numbers, *bytes_, name)
    return bytes(memory)


def test_a_record_has_the_layout_of_these_tests():
    (step,) = trace_at_end(memory_with())

    assert (step.thread, step.point, step.place, step.before) == (1, "read", "m1", 3)


@pytest.mark.parametrize(
    ("wrong", "texts"),
    [
        ({"name": b"\xff\xfe", "point": 7}, ["\N{REPLACEMENT CHARACTER}" * 2 + "()"]),
        ({"name": b"n" * 33, "point": 7}, ["n" * 33 + "()"]),
        ({"name": b"f", "point": 0}, ["read (f)"]),
        ({"name": b"f", "point": 10}, ["end (f)"]),
        ({"name": b"f", "point": 255}, ["waits for a lock (f)"]),
        ({"runner": 200}, []),
        ({"runner": 3}, []),  # of two threads
    ],
)
def test_a_record_that_the_process_overwrote_is_shown_or_left_out(wrong, texts):
    trace = sighting_of_end(ended(memory_with(**wrong))).native_trace

    assert [step.text for step in trace] == texts
    assert len(native_table(trace, 2).rows) == len(texts)
    assert native_picture(trace, 2, "title", "verdict").svg()


def test_a_crash_whose_trace_cannot_be_built_is_a_crash_without_one(monkeypatch):
    monkeypatch.setattr(sighting, "trace_at_end", lambda recorded: 1 / 0)
    seen = sighting_of_end(ended(memory_with()))

    assert (seen.kind, seen.native_trace) == ("crash", ())
