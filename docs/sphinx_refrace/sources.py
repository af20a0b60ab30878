"""Pages that read well on GitHub too: what the site adds to them, and their links.

* The gallery has its contents in the side bar.
* After the buggy program of each variant in the gallery come its run and a stepper,
  after the fixed one a stepper; each section of modes.md gets the card of its mode.
* The notebooks of examples/ become pages.
* A link to a file that is no page leads to the repository.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

import refrace

REPOSITORY = "https://github.com/refrace/refrace/blob/main"
NOTEBOOKS = "notebooks"
"""The folder of the pages that are copies of the notebooks in examples/."""

_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")
_VARIANT = re.compile(r"^## (P\w+): ", re.MULTILINE)
_PROGRAM = re.compile(r"^```race\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
# The name of a mode, and its title.
_SECTION = re.compile(r"^## (\w+)\n\n.*\n", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Change the text of pages as they are read."""
    app.connect("builder-inited", _copy_notebooks)
    app.connect("source-read", _change)


def _change(app: Sphinx, name: str, source: list[str]) -> None:
    text = source[0]
    path = Path(app.env.doc2path(name))
    if path.suffix not in {".md", ".ipynb"}:
        return
    if name.startswith("gallery/") and name != "gallery/README":
        text = with_runs(text)
    elif name == "gallery/README":
        text += contents()
    elif name == "modes":
        text = with_cards(text)
    source[0] = with_links(text, path, Path(app.srcdir), set(app.env.found_docs))


def with_runs(text: str) -> str:
    """Return a page of the gallery with the run of each program after it."""
    head, *parts = _VARIANT.split(text)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    return head + "".join(f"## {id}: {_with_run(id, body)}" for id, body in pairs)


def _with_run(variant: str, body: str) -> str:
    (known,) = [
        v for p in refrace.gallery.values() for v in p.variants if v.id == variant
    ]
    kinds = ", ".join(known.expected[known.gil])
    expectations = iter([kinds, "safe"])

    def shown(program: re.Match[str]) -> str:
        expected = next(expectations, None)
        if expected is None:
            return program[0]
        options = f":mode: {known.mode}\n:expect: {expected}\n:gil: {known.gil}\n"
        if known.memory == "c11":  # there is no stepper for it
            options += ":memory: c11\n:no-stepper:\n"
        return f"```{{run-program}}\n{options}\n{program[1]}```\n"

    changed = _PROGRAM.sub(shown, body)
    if next(expectations, None) is not None:
        raise ExtensionError(f"the page of {variant} does not have its two programs")
    return changed


def contents() -> str:
    """Return the contents of the gallery for the side bar."""
    return "\n".join(["", "```{toctree}", ":hidden:", "", *refrace.gallery, "```", ""])


def with_cards(text: str) -> str:
    """Return the page of the modes with a card in every section."""
    names = {mode.name for mode in refrace.modes()}

    def carded(heading: re.Match[str]) -> str:
        if heading[1] not in names:
            return heading[0]
        names.remove(heading[1])
        return f"{heading[0]}\n```{{mode-card}} {heading[1]}\n:folded:\n```\n"

    return _SECTION.sub(carded, text)


def with_links(text: str, page: Path, root: Path, pages: set[str]) -> str:
    """Return a page whose links to files that are no pages lead to the repository."""
    home = _home_of(page, root)
    names = {
        _home_of(root / f"{name}{suffix}", root): f"{name}{suffix}"
        for name in pages
        for suffix in (".md", ".ipynb")
    }

    def linked(link: re.Match[str]) -> str:
        target = (home.parent / link[1]).resolve()
        name = names.get(target)
        if name is None:
            place = target.relative_to(root.parent)
            return f"]({REPOSITORY}/{place}{link[2] or ''})"
        there = os.path.relpath(root / name, page.parent)
        return f"]({there}{link[2] or ''})"

    return _LINK.sub(linked, text)


def _home_of(page: Path, root: Path) -> Path:
    """Return the file that a page is a copy of, or the page itself."""
    is_copy = page.parent == root / NOTEBOOKS
    return root.parent / "examples" / page.name if is_copy else page


def _copy_notebooks(app: Sphinx) -> None:
    """Copy the notebooks: Sphinx reads no file outside of its folder."""
    folder = Path(app.srcdir) / NOTEBOOKS
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for notebook in sorted((folder.parents[1] / "examples").glob("*.ipynb")):
        shutil.copy(notebook, folder)
