"""Run the notebooks of examples/ and store their outputs in them."""

from __future__ import annotations

import sys
from pathlib import Path

import nbclient
import nbformat

FOLDER = Path(__file__).parents[1] / "examples"


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
