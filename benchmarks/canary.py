"""What a touch of a canary costs, compared with one of a plain object.

    python benchmarks/canary.py [ROUNDS]

A C loop, as in an extension, calls one slot of a canary, then the same slot of an
instance of a heap type with C slots (benchmarks/cpython/plain.c, compiled here).  Each
line is the median of ROUNDS rounds (default 21) with the quartiles; a ratio is of two
CPU times of the same round.  "call" includes the birth and death of the object that the
call returns: a canary keeps its memory, so there is a reset between rounds.
"""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from types import ModuleType

from refrace import Canary, Environment, Spread
from refrace.canaries import harness
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text

SOURCE = Path(__file__).parent / "cpython" / "plain.c"
CALLS = {"incref and decref": 2_000_000, "hash": 500_000, "eq": 500_000}
CALLS |= {"len": 500_000, "call": 50_000}
SUPPORTS = {"hash", "eq", "sequence", "call"}


def compiled(folder: str) -> ModuleType:
    """Compile and import the plain type."""
    built = f"{folder}/plain{sysconfig.get_config_var('EXT_SUFFIX')}"
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
    include = f"-I{sysconfig.get_path('include')}"
    options = ["-std=c11", "-O2", "-fPIC", "-shared"]
    subprocess.run([*compiler, *options, include, SOURCE, "-o", built], check=True)
    spec = importlib.util.spec_from_file_location("plain", built)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nanoseconds(repeat, slot: str, one: object, other: object, n: int) -> float:
    began = time.thread_time()
    repeat(slot, one, other, n)
    return (time.thread_time() - began) * 1e9 / n


def row(plain: ModuleType, slot: str, n: int, rounds: int) -> tuple[str, ...]:
    of_canary, of_plain = [], []
    for _ in range(rounds):
        canaries = [Canary(supports=SUPPORTS) for _ in range(2)]
        plains = [plain.Plain() for _ in range(2)]
        of_plain.append(nanoseconds(plain.repeat, slot, *plains, n))
        of_canary.append(nanoseconds(plain.repeat, slot, *canaries, n))
        canaries.clear()
        harness.reset()
    ratio = Spread.of([c / p for c, p in zip(of_canary, of_plain, strict=True)])
    return (
        slot,
        f"{Spread.of(of_plain).median:.1f}",
        f"{Spread.of(of_canary).median:.1f}",
        f"{ratio.median:.2f}",
        f"{ratio.low:.2f}-{ratio.high:.2f}",
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    with tempfile.TemporaryDirectory() as folder:
        plain = compiled(folder)
        rows = [row(plain, slot, n, rounds) for slot, n in CALLS.items()]
    head = ("slot", "plain ns", "canary ns", "ratio", "quartiles")
    print(render_text([Paragraph(str(Environment.current())), Table(head, rows)]))


if __name__ == "__main__":
    main()
