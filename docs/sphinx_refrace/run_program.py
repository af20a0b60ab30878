"""`{run-program}`: a race program with its verdict, its picture and a stepper.

The program is the content.  The build fails if the verdict is not the expected one::

    ```{run-program}
    :mode: unlocked
    :expect: leak
    hold T1.x = A
    T1: decref x
    ```

Options: `mode`, `gil`, `memory`; `expect` is ``safe`` or the kinds of findings,
comma-separated; `run` is the kind whose run is drawn; flags `no-program`, `no-picture`,
`no-stepper`, `open` (the stepper is not folded).
"""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import refrace
from refrace.display.html import prose
from refrace.display.stepper.embedding import element
from sphinx_refrace.shown import Shown


class RunProgram(SphinxDirective):
    """Explore a program and show what came out."""

    has_content = True
    option_spec = {  # noqa: RUF012 - docutils wants a plain dictionary
        "mode": directives.unchanged,
        "gil": lambda text: directives.choice(text, ("released", "held")),
        "memory": lambda text: directives.choice(text, ("sc", "c11")),
        "expect": directives.unchanged_required,
        "run": directives.unchanged,
        "no-program": directives.flag,
        "no-picture": directives.flag,
        "no-stepper": directives.flag,
        "open": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the program, its verdict, the picture of a run, and the stepper."""
        text = "\n".join(self.content) + "\n"
        mode = self.options.get("mode", "atomic")
        try:
            found = refrace.explore(
                text,
                mode,
                self.options.get("gil", "released"),
                memory=self.options.get("memory", "sc"),
            )
        except refrace.RefraceError as error:
            raise self.error(str(error)) from None
        self._compare(found)
        parts: list[nodes.Node] = []
        if "no-program" not in self.options:
            parts.append(nodes.literal_block(text, text, language="race"))
        html = [f'<p class="refrace-verdict">{prose(_verdict(found))}</p>']
        if found.traces and "no-picture" not in self.options:
            picture = found.counterexample(self.options.get("run")).plot().inline()
            html.append(f'<div class="refrace-picture">{picture}</div>')
        has_stepper = "no-stepper" not in self.options
        if has_stepper:
            html.append(folded_stepper(found.stepper(), "open" in self.options))
        return [*parts, Shown.of("".join(html), has_stepper=has_stepper)]

    def _compare(self, found: refrace.Exploration) -> None:
        if "expect" not in self.options:
            raise self.error("say what you expect: safe, or kinds of findings")
        expected = {kind.strip() for kind in self.options["expect"].split(",")}
        kinds = {str(finding.kind) for finding in found.findings}
        if expected != (kinds or {found.verdict}):
            raise self.error(f"expected {expected}, but: {found.answer}")


def _verdict(found: refrace.Exploration) -> str:
    """Return the answer, and the sentence that explains the smallest finding."""
    if not found.findings:
        return found.answer
    return f"{found.answer} {found.findings[0].message.rstrip('.')}."


def folded_stepper(stepper: refrace.Stepper, is_open: bool = False) -> str:
    """Return a stepper that a click unfolds, and what readers without scripts see."""
    fallback = "<p>Stepping through the program needs JavaScript.</p>"
    return (
        f'<details class="refrace-step"{" open" if is_open else ""}>'
        f"<summary>Step through it: {stepper.states:,} states</summary>"
        f"{element(stepper.data, fallback)}</details>"
    )


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("run-program", RunProgram)
