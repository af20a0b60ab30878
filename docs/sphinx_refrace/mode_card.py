"""`{mode-card} NAME`: the operations of a mode as a picture, and a stepper.

The flag `folded` folds the picture.
The stepper has two threads that each drop a reference; it shows the steps of the mode.
"""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import refrace
from sphinx_refrace.run_program import folded_stepper
from sphinx_refrace.shown import Shown

TWO_DROPS = """\
hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x
"""


class ModeCard(SphinxDirective):
    """Show how a mode counts."""

    required_arguments = 1
    option_spec = {"folded": directives.flag}  # noqa: RUF012 - docutils' type

    def run(self) -> list[nodes.Node]:
        """Return the picture and the stepper."""
        mode = refrace.mode(self.arguments[0])
        picture = mode.plot().inline()
        stepper = folded_stepper(refrace.step(TWO_DROPS, mode))
        html = f'<div class="refrace-picture">{picture}</div>'
        if "folded" in self.options:
            html = (
                '<details class="refrace-step"><summary>The operations step by step'
                f"</summary>{html}</details>"
            )
        html += stepper
        return [Shown.of(html, has_stepper=True)]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mode-card", ModeCard)
