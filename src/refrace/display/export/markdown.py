"""A result as Markdown, to paste into a bug report."""

from __future__ import annotations

import re

__all__ = ["markdown_text"]


def markdown_text(answer: str, details: str, diagram: str) -> str:
    """Return the answer, the diagram of a run if there is one, and the full text.

    Parameters
    ----------
    answer, details : str
        The result in one sentence, and in full.
    diagram : str
        The text of a Mermaid diagram; ``""`` for none.
    """
    parts = [f"**{_escaped(answer)}**"]
    if diagram:
        parts.append(f"```mermaid\n{diagram}```")
    ticks = max((len(run) for run in re.findall(r"`+", details)), default=0)
    fence = "`" * max(3, ticks + 1)
    parts.append(f"{fence}text\n{details}\n{fence}")
    return "\n\n".join(parts) + "\n"


def _escaped(content: str) -> str:
    return re.sub(r"([\\*_<\[\]])", r"\\\1", content)
