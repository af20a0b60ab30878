"""The pytest plugin with real hunts: a planted leak fails a test, its twin passes."""

import importlib.util

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest, refrace
from refrace._native.planted import Planted
from refrace.strategies import canaries

class Leaky:
    def setup(self): self.planted = Planted(True)
    @refrace.operation(x=canaries())
    def keep(self, x): self.planted.leak(x)

class Fine:
    def setup(self): self.planted = Planted(False)
    @refrace.operation(x=canaries())
    def keep(self, x): self.planted.leak(x)

@pytest.mark.refrace(threads=1, seconds=3, seed=1)
@pytest.mark.parametrize("subject", [Leaky, Fine])
def test_it(refrace_hunt, subject):
    assert refrace_hunt(subject, store=False).findings == ()
"""


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="one"),
        pytest.param(["-p", "xdist", "-n2"], id="two", marks=pytest.mark.soak),
    ],
)
def test_a_planted_leak_fails_with_program_and_reproducer(options, pytester):
    if options and importlib.util.find_spec("xdist") is None:
        pytest.skip("needs pytest-xdist")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Captured refrace call -*",
            "*keep(c0)*",
            "*def test_*keep():",
            "*= refrace =*",
            "findings: *test_it?Leaky?: *",
            "2 hunts, 1 clean",
        ]
    )
