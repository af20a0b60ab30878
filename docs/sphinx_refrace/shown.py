"""HTML of refrace inside a page, with its style sheet and, if needed, its script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxTranslator

from refrace.display.stepper.embedding import script_text, style_text

STYLE = "refrace.css"


class Shown(nodes.General, nodes.Element):
    """HTML that refrace has made; `has_stepper` if the page needs the script."""

    @classmethod
    def of(cls, html: str, *, has_stepper: bool = False) -> Shown:
        """Return a node with HTML."""
        return cls("", html=html, has_stepper=has_stepper)


def setup(app: Sphinx) -> None:
    """Register the node, the style sheet of all pages, and the script of some."""
    app.add_node(Shown, html=(_visit, None))
    app.connect("builder-inited", _write_style)
    app.connect("html-page-context", _add_script)
    app.add_css_file(STYLE)


def _visit(translator: SphinxTranslator, node: Shown) -> None:
    translator.body.append(node["html"])
    raise nodes.SkipNode


def _write_style(app: Sphinx) -> None:
    folder = Path(app.doctreedir) / "refrace_static"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STYLE).write_text(style_text(), encoding="utf-8")
    app.config.html_static_path.append(str(folder))


def _add_script(
    app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: Any
) -> None:
    if doctree is None or not any(n["has_stepper"] for n in doctree.findall(Shown)):
        return
    # In the page itself: a browser loads no module from a file on disk.
    script = script_text()
    if "</" in script:
        raise ExtensionError("the script of the stepper would end its element")
    app.add_js_file(None, body=script, type="module")
