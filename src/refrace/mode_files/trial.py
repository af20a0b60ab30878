"""Try a new mode out in a child process, which may crash or not end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from refrace.errors import InvalidModeFile
from refrace.mode_files.mode_text import ModeText

__all__ = ["try_out"]

CPU_SECONDS = 20
WALL_SECONDS = 120
"""For a mode that waits for itself, which takes no processor time."""
MARK = "\0"
"""Begins what the child announces; it is in no program."""

_CHILD = """\
import sys
sys.path[:] = {path!r}
from refrace.mode_files.trial_child import main
main({file!r}, {cache!r}, {mark!r}, {cpu_seconds})
"""


def try_out(mode: ModeText, cache: Path) -> None:
    """Run small programs in a mode, in a child process; its library is in `cache`.

    Raises
    ------
    InvalidModeFile
        If the child crashed, failed, or did not end; with what it did last.
    """
    code = _CHILD.format(
        path=sys.path,
        file=mode.file,
        cache=str(cache),
        mark=MARK,
        cpu_seconds=CPU_SECONDS,
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    is_late = False
    try:
        said, complained = child.communicate(mode.text, timeout=WALL_SECONDS)
    except subprocess.TimeoutExpired:
        is_late = True
        child.kill()
        said, complained = child.communicate()
    except BaseException:
        child.kill()
        child.communicate()
        raise
    if child.returncode == 0:
        return
    doing = said.rpartition(MARK)[2].rstrip() or "was loaded"
    if is_late:
        how = f"did not end within {WALL_SECONDS} s: it waits for itself"
    elif child.returncode == -signal.SIGXCPU:
        how = f"did not end within {CPU_SECONDS} s of processor time: an endless loop"
    elif child.returncode < 0:
        how = f"crashed ({signal.Signals(-child.returncode).name})"
    else:
        how = "failed: " + (
            complained.rstrip().rpartition("\n")[2] or "without a reason"
        )
    raise InvalidModeFile(
        f"in a child process that tried it out, the mode {how}, while it {doing}",
        file=mode.file,
    )
