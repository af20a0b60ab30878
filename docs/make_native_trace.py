"""Write the trace of native code that the README and a how-to page show.

The extension is tests/extensions/sources/tally.c in its wrong form, built here with
hooks; the run is the first one of a bounded search that loses an update.  Nothing is
fetched, and the search has no chance in it, so every run of this file writes the same.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from refrace.display.text import render_text
from refrace.hunting.describing.program_token import program_token
from refrace.hunting.hunt import hunt_in
from refrace.hunting.instrument import cc
from refrace.hunting.schedules.native_trace import native_table
from refrace.subjects import Call, HuntProgram, dump

DOCS = Path(__file__).parent
SOURCES = DOCS.parent / "tests" / "extensions" / "sources"
PAGES = (DOCS.parent / "README.md", DOCS / "how-to" / "native-schedules.md")
SHOWN = re.compile(r"```text\n +T1 .*?\n```", re.DOTALL)
COUNT = "self->words"
ACCESSES = 4  # each thread reads the count and writes it
SUBJECT = """
import refrace
import tally


class Words:
    def setup(self):
        self.tally = tally.Tally()

    @refrace.operation
    def add(self):
        return self.tally.add(b"two words")

    @refrace.operation
    def words(self):
        return self.tally.words()
"""


def build(folder: Path) -> None:
    """Compile the extension into a folder, with hooks."""
    file = f"tally{sysconfig.get_config_var('EXT_SUFFIX')}"
    flags = ["-g", "-O1", "-fPIC", "-DBUG", f"-I{sysconfig.get_path('include')}"]
    compiler = [sys.executable, "-I", cc.__file__, "gcc"]
    compiled = [*compiler, *flags, "-c", "tally.c", "-o", str(folder / "tally.o")]
    subprocess.run(compiled, check=True, cwd=SOURCES)
    linked = ["gcc", "-shared", str(folder / "tally.o"), "-o", str(folder / file)]
    subprocess.run(linked, check=True)


def drawn() -> str:
    """Return the steps on the count, and the gap, of a run that loses an update."""
    threads = ((Call("add"),), (Call("add"),))
    calls = dump([((), {})] * 3)
    program = HuntProgram((), threads, (Call("words"),), (), (), calls)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        subject = Path(folder, "words.py")
        subject.write_text(SUBJECT)
        report = hunt_in(
            f"{subject}:Words",
            threads=(2,),
            seconds=60.0,
            repeats=None,
            seed=1,
            store=False,
            program=program_token(program.to_dict()),
            schedules="bounded",
            build=folder,
            progress=None,
        )
    (finding,) = report.findings
    steps = [s for s in finding.native_trace if s.place == COUNT or s.preempted]
    n = sum(step.place == COUNT for step in steps)
    if n != ACCESSES:
        raise SystemExit(
            f"the trace has {n} accesses to {COUNT}, and needs {ACCESSES}; names of "
            "places need pyelftools (the extra hunt)"
        )
    return render_text([native_table(steps, 2)]).rstrip("\n")


def main() -> None:
    """Write the trace into the pages."""
    trace = f"```text\n{drawn()}\n```"
    for page in PAGES:
        text, n = SHOWN.subn(lambda _: trace, page.read_text(encoding="utf-8"))
        if n != 1:
            raise SystemExit(f"{page} has {n} traces of native code; it needs one")
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
