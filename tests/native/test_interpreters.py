"""A second interpreter in the process: it works or refuses; it never hangs."""

import subprocess
import sys

# The module that makes them has had three names; the code runs in a second interpreter.
# It is not an isolated one, which could not load the extensions.  Besides, CPython 3.12
# aborts at its end if two isolated ones have imported _datetime or _decimal, as refrace
# does (python/cpython#110415).
PROGRAM = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    second = interpreters.create("legacy")
else:
    import _xxsubinterpreters as interpreters
    second = interpreters.create(isolated=False)
failure = interpreters.run_string(second, '''
import refrace
assert len(refrace.modes()) > 20
thing = refrace.Object("atomic")
thing.incref(2)
assert thing.refcount == 3
assert not refrace.race("atomic", objects=3).findings
assert refrace.explore("T1: gil", "atomic").verdict == "safe"
assert refrace.lost_append().appends > 0
print("used", flush=True)
''')
print(failure and failure.formatted, flush=True)
"""


def test_a_second_interpreter_can_use_all_of_it_without_blocking():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout == "used\nNone\n", done.stdout + done.stderr


SECOND_TO_COME = """
import sys
import refrace
refrace.modes()
refrace.explore("T1: gil")
refrace.explain_refcount(object())
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    second = interpreters.create("legacy")
else:
    import _xxsubinterpreters as interpreters
    second = interpreters.create(isolated=False)
interpreters.run_string(second, '''
import refrace
from refrace.cli import main
for use in (
    refrace.modes,
    lambda: refrace.explore("T1: gil"),
    lambda: refrace.race("atomic"),
    lambda: refrace.explain_refcount(object()),
    lambda: refrace.lost_append(),
):
    try:
        use()
        print("used", flush=True)
    except refrace.EnvironmentUnfit as error:
        print(error, flush=True)
print(int(main(["modes"])), flush=True)
''')
"""


def test_every_call_refuses_a_second_interpreter():
    done = subprocess.run(
        [sys.executable, "-c", SECOND_TO_COME],
        capture_output=True,
        text=True,
        timeout=300,
    )
    refusal = (
        "the C extensions of refrace can be loaded into only one interpreter of a "
        "process, and this is a second one; use refrace in the main interpreter, or in "
        "its own process"
    )
    *refused, code = done.stdout.splitlines()
    assert set(refused) <= {refusal, "used"}, done.stdout + done.stderr
    assert refused.count(refusal) >= 4
    assert int(code) == 4
    assert "Cython" not in done.stdout + done.stderr
