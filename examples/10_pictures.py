"""Pictures and steppers as files, for slides, bug reports and the classroom.

Give a folder to keep the files: python examples/10_pictures.py FOLDER
"""

import sys
import tempfile
from pathlib import Path

import refrace

program = """
hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x
"""
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
found = refrace.explore(program, "unlocked")
print(found.answer)

# The picture of the shortest bad run, and that of a mode.
found.counterexample().save(folder / "run.svg")
refrace.mode("biased").save(folder / "mode.svg")
# A page with pictures, tables and a stepper, and a page with a stepper only.
found.save(folder / "found.html")
refrace.step(program, "biased").save(folder / "biased.html")

print("Open run.svg, mode.svg, found.html and biased.html in a browser, offline too:")
print(folder)
