"""The Sphinx extension of these pages: programs that run, modes, the API by subject.

Everything that it shows is computed while the pages are built.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from refrace.programs.highlighting import RaceLexer
from sphinx_refrace import mode_card, public_names, run_program, shown, sources


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directives, nodes and hooks."""
    app.add_lexer("race", RaceLexer)
    for part in (shown, run_program, mode_card, public_names, sources):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
