"""Load the extension into a session of IPython, and remove it."""

from __future__ import annotations

from typing import Any

from refrace.notebook.completion import cell_matcher
from refrace.notebook.magics import RefraceMagics

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Add the magics and the completion; called by ``%load_ext refrace``."""
    shell.register_magics(RefraceMagics)
    if cell_matcher not in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.append(cell_matcher)


def unload_ipython_extension(shell: Any) -> None:
    """Remove them; called by ``%unload_ext refrace``."""
    magics = shell.magics_manager
    for kind in ("line", "cell"):
        magics.magics[kind].pop("refrace", None)
    magics.registry.pop(RefraceMagics.__name__, None)
    if cell_matcher in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(cell_matcher)
