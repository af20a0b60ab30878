"""Reports of hunts that nobody made, with every field."""

from refrace.environment import Environment
from refrace.hunting.describing.program_token import program_token
from refrace.hunting.finding import HuntFinding
from refrace.hunting.hunt_report import HuntReport
from refrace.hunting.processes.loaded_code import LoadedCode
from refrace.subjects import Call, HuntProgram

PROGRAM = HuntProgram(
    prefix=(),
    threads=((Call("put", "c0"),),),
    suffix=(),
    reentries=(),
    canaries=(),
    values=b"",
).to_dict()
LOADED = LoadedCode(True, True, ("mylib._speedups",), (), 0, 0)


def hunt_finding(**changes):
    fields = {
        "kind": "over-decref",
        "message": "c0 died although a reference to it was held",
        "operations": ("put",),
        "token": program_token(PROGRAM),
        "source": "c0 = Canary(supports={'hash'})  # held\nput(c0)\n",
        "threads": 1,
        "rounds": 1,
        "shown": 9,
        "runs": 10,
        "rate": 0.9,
        "interval": (0.5549, 0.9975),
        "programs": 12,
        "also": ("use-after-free",),
        "c_location": "put at /src/mylib.c:42",
        "python_stacks": ('  File "subjects.py", line 9 in put',),
        "replay_token": None,
        "native_trace": (),
        "pattern": "decref-of-a-borrow",
        "reproducer": "def test_put():\n    ...\n",
    }
    return HuntFinding(**{**fields, **changes})


def hunt_report(*found, **changes):
    fields = {
        "subject": "mylib_subjects:Cache",
        "found": found,
        "threads": (1, 2),
        "seconds": 10.0,
        "seed": 7,
        "repeats": None,
        "isolated": True,
        "programs": 300,
        "programs_threads": 50,
        "rounds": 25_000,
        "rounds_threads": 20_000,
        "run_s": 9.0,
        "single_s": 4.5,
        "overlap": 0.25,
        "children": 12,
        "batches": 10,
        "batches_lost": 0,
        "batches_resumed": 0,
        "stored_tried": 0,
        "limit": None,
        "notes": (),
        "not_compared": (),
        "explored": None,
        "returned": ("get", "put"),
        "only_raised": (),
        "loaded": LOADED,
        "store": "/home/me/.refrace",
        "elapsed_s": 10.5,
        "environment": Environment.current(),
    }
    return HuntReport(**{**fields, **changes})
