"""What `import refrace` costs, and what it does not load."""

import subprocess
import sys
import time

import pytest

LIMIT_S = 0.15

HEAVY = (
    "rich",
    "click",
    "cattrs",
    "altair",
    "attr",
    "numpy",
    "hypothesis",
    "IPython",
    "pytest",
    "asyncio",
)


def run(script):
    ran = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    return ran.stdout


def test_importing_refrace_loads_no_extension_and_no_heavy_package():
    loaded = run(
        "import sys; before = set(sys.modules); import refrace\n"
        "print(*sorted(set(sys.modules) - before))"
    ).split()

    assert "refrace" in loaded
    assert not [name for name in loaded if name.split(".")[0] in HEAVY]
    assert not [name for name in loaded if name.startswith("refrace.")]


def test_using_a_verb_loads_no_heavy_package():
    loaded = run(
        "import sys; before = set(sys.modules); import refrace\n"
        "str(refrace.race('atomic', objects=1))\n"
        "print(*sorted(set(sys.modules) - before))"
    ).split()

    assert "refrace._native.objects" in loaded
    assert not [name for name in loaded if name.split(".")[0] in HEAVY]


@pytest.mark.measures
def test_importing_refrace_takes_less_than_a_seventh_of_a_second():
    """Against an interpreter that does nothing, the fastest of each: load only adds."""

    def seconds(script):
        began = time.perf_counter()
        run(script)
        return time.perf_counter() - began

    bare, with_refrace = [], []
    for _ in range(7):
        bare.append(seconds("pass"))
        with_refrace.append(seconds("import refrace"))

    assert min(with_refrace) - min(bare) < LIMIT_S
