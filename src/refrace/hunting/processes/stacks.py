"""The stacks of Python code that faulthandler writes, read back."""

from __future__ import annotations

import re

__all__ = ["shortened", "split_stacks"]

_HEAD = re.compile(
    r"^(?:Current thread|Thread|Stack) .*\(most recent call first\):[^\n]*$", re.M
)
_OWN = re.compile(r"/refrace/(?:hunting|subjects|canaries|_base|_native)/")
_MOST_LINES = 40


def split_stacks(text: str) -> tuple[str, ...]:
    """Return the stack of each thread, as text that begins with its heading."""
    heads = list(_HEAD.finditer(text))
    if not heads:
        return ()
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return tuple(
        text[head.start() : end].strip() for head, end in zip(heads, ends, strict=True)
    )


def shortened(stack: str) -> str:
    """Return a stack without the frames of refrace itself; empty if none is left."""
    lines = [line for line in stack.splitlines() if not _OWN.search(line)]
    frames = [line for line in lines if line.strip() and not _HEAD.match(line)]
    return "\n".join(lines[:_MOST_LINES]) if frames else ""
