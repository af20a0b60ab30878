"""Run the notebooks of examples/ and store their outputs in them.

A reader's Jupyter does not trust a notebook that was run elsewhere: it removes each SVG
element of an output and leaves its words.  It keeps images, so the pictures are stored
as images.
"""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path

import nbclient
import nbformat

from refrace.display.pictures.theme import file_style

PICTURE = re.compile(r'<svg class="rf" (.*?)>(.*?)</svg>', re.DOTALL)
FOLDER = Path(__file__).parents[1] / "examples"


def as_images(html: str) -> str:
    """Return HTML with its pictures as images, which need no trust."""
    return PICTURE.sub(_as_image, html)


def _as_image(found: re.Match[str]) -> str:
    attributes, content = found.groups()
    style = f"<style>{file_style()}</style>"
    xmlns = 'xmlns="http://www.w3.org/2000/svg"'
    svg = f"<svg {xmlns} {attributes}>{style}{content}</svg>"
    data = base64.b64encode(svg.encode()).decode()
    size = re.search(r'(width="[^"]*" height="[^"]*").*?(style="[^"]*")', attributes)
    title = re.search(r'aria-label="([^"]*)"', attributes)
    words = re.search(r"<desc>(.*?)</desc>", content, re.DOTALL)
    assert size is not None
    assert title is not None
    assert words is not None
    alt = f"{title[1]}. {words[1]}"
    return (
        f'<img {size[1]} {size[2]} alt="{alt}" src="data:image/svg+xml;base64,{data}">'
    )


def store_pictures_as_images(notebook: nbformat.NotebookNode) -> None:
    """Change the outputs of a notebook that has run."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/html" in data:
                data["text/html"] = as_images(data["text/html"])


def run(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with the outputs of a run in its folder."""
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    store_pictures_as_images(notebook)
    # What depends on the packages of the day, and on nothing that the reader sees.
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def main() -> None:
    """Run all notebooks, or those that are named."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        nbformat.write(run(path), path)


if __name__ == "__main__":
    main()
