"""Try an installed refrace: its names, its extensions, one race; and its wheel's files.

Argument: the wheel.  Run it where the sources cannot be imported by accident.
"""

import sys
import zipfile
from importlib import import_module
from pathlib import Path, PurePath

import refrace
from refrace.mode_files.new_mode import new_mode

package = Path(refrace.__file__).parent
assert "site-packages" in package.parts, f"not the installed package: {package}"

with zipfile.ZipFile(sys.argv[1]) as wheel:
    names = wheel.namelist()
sources = [
    n
    for n in names
    if PurePath(n).suffix in {".c", ".h", ".pyx", ".pxi", ".def"}
    and not n.startswith("refrace/include/")
]
assert not sources, f"sources in the wheel: {sources}"
assert "refrace/py.typed" in names

LARGEST_WHEEL = 2_000_000
size = Path(sys.argv[1]).stat().st_size
assert size <= LARGEST_WHEEL, f"the wheel has {size} bytes, more than {LARGEST_WHEEL}"

stubs = sorted(PurePath(n).stem for n in names if n.endswith(".pyi"))
assert stubs, "no stubs in the wheel"
for extension in stubs:
    module = import_module(f"refrace._native.{extension}")
    assert module.__file__.endswith(".so"), module.__file__

for name in refrace.__all__:
    try:
        getattr(refrace, name)
    except refrace.MissingPackage as error:
        # Nothing but what refrace depends on is installed here.
        print(error)

assert len(refrace.gallery) > 0

# What a mode of one's own is compiled with, and nothing of the rest of the core.
shipped = sorted(n for n in names if n.startswith("refrace/include/"))
assert "refrace/include/mem/rc_mem.h" in shipped, shipped
folders = {PurePath(n).parts[2] for n in shipped}
assert folders == {"base", "library", "mem", "modes"}, folders
assert str(refrace.include_dir()) == str(package / "include")
mine = Path("mine.c")
mine.write_text(new_mode("mine"))
assert not refrace.prove(refrace.load_mode(mine)).proved

report = refrace.race("atomic", objects=1000)
assert (report.intact, report.leaked, report.freed_early) == (1000, 0, 0), report
print(report)
print(f"{len(refrace.__all__)} public names, extensions {', '.join(stubs)}: fine")
