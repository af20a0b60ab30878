"""Write the pages of the gallery, docs/gallery/*.md, from the data of the package."""

from __future__ import annotations

from pathlib import Path

import refrace
from refrace.gallery import Bug, Pattern, Variant

FOLDER = Path(__file__).parent / "gallery"
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
        f"{len(patterns)} ways in which reference counts go wrong, as {variants} pairs "
        f"of programs, one with the bug and one without, and {bugs} real bugs behind "
        "them. What is expected of each program was derived by two independent "
        "explorers: the buggy one reaches exactly the findings listed, the mended one "
        "has none in any interleaving, with the GIL or without.",
        "",
        "A *preemption* is a switch away from a thread that could have gone on. *With "
        "the GIL* speaks of the program shown, where threads switch only at `gil`, at "
        "blocking steps and at a thread's end.",
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
        *(line for bug in pattern.bugs for line in told(bug)),
        "",
        "[All patterns](README.md)",
    ]
    return "\n".join(lines) + "\n"


def about(variant: Variant) -> list[str]:
    """Return the lines on one variant: the programs and what is found in them."""
    return [
        f"## {variant.id}: {variant.class_name}",
        "",
        variant.what,
        "",
        *code("race", variant.buggy_text),
        "",
        "| finding | fewest preemptions | with the GIL held |",
        "|---|---|---|",
        *(
            f"| {kind} | {fewest} | {variant.expected['held'].get(kind, 'no')} |"
            for kind, fewest in variant.expected["released"].items()
        ),
        "",
        variant.fix,
        "",
        *code("race", variant.fixed_text),
        "",
        f"{variant.runs['buggy']:,} runs of the first program, "
        f"{variant.runs['fixed']:,} of the second.",
    ]


def told(bug: Bug) -> list[str]:
    """Return the lines on one bug."""
    year = f"about {bug.year}" if bug.year_inferred else str(bug.year)
    gil = "" if bug.gil == "n/a" else f"; with the GIL: {bug.gil}"
    ending = f" *Cure:* {bug.fix}" if bug.fix else ""
    roles = f" *Roles:* {bug.roles}." if bug.roles else ""
    return [
        f"* [{bug.project}, {year}]({bug.link}) ({bug.variant}{gil}): "
        f"{bug.what}{roles}{ending}"
    ]


def code(language: str, text: str) -> list[str]:
    """Return a block of code."""
    return [f"```{language}", text.strip("\n"), "```"]


def yes(value: bool) -> str:
    """Return a truth value as a word."""
    return "yes" if value else "no"


def main() -> None:
    """Write all pages, and take away those of patterns that are no more."""
    FOLDER.mkdir(exist_ok=True)
    texts = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
