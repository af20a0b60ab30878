"""Write docs/gallery/*.md and docs/learn.md from the data of the package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import refrace
from refrace.display.blocks import (
    Block,
    Details,
    Fitted,
    Illustration,
    Paragraph,
    Preformatted,
)
from refrace.display.text import render_text
from refrace.gallery import Bug, Pattern, Variant

FOLDER = Path(__file__).parent / "gallery"
LEARN = Path(__file__).parent / "learn.md"
WRITTEN = "<!-- Written by docs/make_gallery.py; change the data, not this page. -->"


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    patterns = list(refrace.gallery.values())
    texts = {f"{pattern.slug}.md": page(pattern) for pattern in patterns}
    return {"README.md": index(patterns), **texts}


def index(patterns: list[Pattern]) -> str:
    """Return the page that lists all patterns, by number and by class."""
    bugs = sum(len(pattern.bugs) for pattern in patterns)
    variants = sum(len(pattern.variants) for pattern in patterns)
    lines = [
        "# The gallery",
        "",
        WRITTEN,
        "",
        f"{len(patterns)} patterns of refcount bugs, as {variants} pairs of programs, "
        f"one with the bug and one without, and {bugs} real bugs behind them. Two "
        "independent explorers derived what is expected of each program: the buggy one "
        "has exactly the findings listed, and the fixed one has none in any "
        "interleaving, with or without the GIL. Bugs of memory orders are explored "
        "under the memory model of C11 by one explorer, and the axioms of C11 confirm "
        "them.",
        "",
        "A *preemption* is a switch away from a thread that could have continued. "
        "*With the GIL* is about the program shown, where threads switch only at "
        "`gil`, at blocking steps and when a thread ends. Under C11, the read of an "
        "old value counts like a preemption.",
        "",
        "| | pattern | rule | threads | preemptions | with the GIL | real bugs |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {p.number} | [{p.slug}]({p.slug}.md) | {p.rule} | {p.threads} "
        f"| {p.preemptions} | {yes(p.with_gil)} | {len(p.bugs)} |"
        for p in patterns
    ]
    lines += ["", "## By class of mistake", ""]
    for known in refrace.gallery.classes.values():
        links = ", ".join(f"[{p.slug}]({p.slug}.md)" for p in known.patterns)
        lines.append(f"* **{known.name}**: {known.description} {links}")
    return "\n".join(lines) + "\n"


def page(pattern: Pattern) -> str:
    """Return the page of one pattern."""
    lines = [
        f"# {pattern.number}. {pattern.slug}",
        "",
        WRITTEN,
        "",
        f"**{pattern.rule}**",
        "",
        pattern.story.strip(),
    ]
    for variant in pattern.variants:
        lines += ["", *about(variant)]
    lines += [
        "",
        "## In C",
        "",
        pattern.idiom.text,
        "",
        *code("c", pattern.idiom.buggy),
        "",
        "Better:",
        "",
        *code("c", pattern.idiom.better),
        "",
        "## Real bugs",
        "",
        *(line for bug in pattern.bugs for line in bug_lines(bug)),
        "",
        "[All patterns](README.md)",
    ]
    return "\n".join(lines) + "\n"


def about(variant: Variant) -> list[str]:
    """Return the lines on one variant: its programs and their findings."""
    released, held = variant.expected["released"], variant.expected["held"]
    is_weak = variant.memory == "c11"
    under = " under the memory model of C11" if is_weak else ""
    needs_sc = ["", f"**Under C11**, this fix is not enough. {variant.fix_needs_sc}"]
    only_in = (
        []
        if variant.mode == "atomic"
        else [
            "",
            f"This variant is about mode `{variant.mode}`. It does not apply to modes "
            "without the operations of its programs.",
        ]
    )
    fewest_of = "preemptions and old values" if is_weak else "preemptions"
    return [
        f"## {variant.id}: {variant.class_name}",
        "",
        variant.what,
        *only_in,
        "",
        *code("race", variant.buggy_text),
        "",
        f"| finding | fewest {fewest_of} | with the GIL held |",
        "|---|---|---|",
        *(
            f"| {kind} | {released.get(kind, 'no')} | {held.get(kind, 'no')} |"
            for kind in released | held
        ),
        "",
        f"**Fix:** {variant.fix}",
        "",
        *code("race", variant.fixed_text),
        "",
        f"Number of runs{under}: {variant.runs['buggy']:,} (buggy), "
        f"{variant.runs['fixed']:,} (fixed).",
        *(needs_sc if variant.fix_needs_sc else []),
    ]


def bug_lines(bug: Bug) -> list[str]:
    """Return the lines on one bug."""
    year = f"about {bug.year}" if bug.year_inferred else str(bug.year)
    gil = "" if bug.gil == "n/a" else f"; with the GIL: {bug.gil}"
    ending = f" *Fix:* {bug.fix}" if bug.fix else ""
    roles = f" *Roles:* {bug.roles}." if bug.roles else ""
    return [
        f"* [{bug.project}, {year}]({bug.link}) ({bug.variant}{gil}): "
        f"{bug.what}{roles}{ending}"
    ]


def code(language: str, text: str) -> list[str]:
    """Return a block of code."""
    return [f"```{language}", text.strip("\n"), "```"]


def learn() -> str:
    """Return the page of the teaching path."""
    count = len(refrace.gallery.lessons)
    lines = [
        "# Learn from eight bugs" if count == 8 else f"# Learn from {count} bugs",
        "",
        WRITTEN,
        "",
        "Each lesson stops a run at a point where exactly one of the possible next "
        "steps can lead to a bug, and asks which. In a terminal, run `refrace learn`. "
        "The numbers of runs were counted one by one, and each fix is proved by "
        "exploring every schedule.",
    ]
    for number in range(1, count + 1):
        lesson = refrace.lesson(number)
        lines += [
            "",
            f"## {number}. {lesson.title}",
            "",
            *in_markdown(lesson.question()),
            "<details><summary>The answer</summary>",
            "",
            *in_markdown(lesson.solution()),
            f"[More about {lesson.pattern}](gallery/{lesson.pattern}.md)",
            "",
            "</details>",
        ]
    return "\n".join(lines) + "\n"


def in_markdown(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the lines of blocks; omit C line numbers, because they change."""
    for either in blocks:
        block = either.text if isinstance(either, Fitted) else either
        if isinstance(block, Paragraph):
            numbered = re.fullmatch(r"(\d+\.) (\w+: .*)", block.text)
            text = f"{numbered[1]} `{numbered[2]}`" if numbered else block.text
            yield re.sub(r"^(-[- a-z]+-): ", r"`\1`: ", text)
        elif isinstance(block, Preformatted):
            yield from code("text", block.text)
        elif isinstance(block, Details):
            yield from in_markdown(block.blocks)
            continue
        elif isinstance(block, Illustration) or getattr(block, "caption", ""):
            continue
        else:
            shown = re.sub(r"(\w+\.[ch])?:\d+\b", r"\1", render_text([block]))
            yield from code("text", re.sub(r" +$", "", shown, flags=re.MULTILINE))
        yield ""


def yes(value: bool) -> str:
    """Return a truth value as a word."""
    return "yes" if value else "no"


def main() -> None:
    """Write all pages, and delete those of patterns that no longer exist."""
    FOLDER.mkdir(exist_ok=True)
    texts = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    LEARN.write_text(learn(), encoding="utf-8")


if __name__ == "__main__":
    main()
