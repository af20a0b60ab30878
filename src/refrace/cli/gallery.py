"""``refrace gallery``: list the patterns, explain one, or check them all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click

from refrace import gallery as patterns_of
from refrace._base.arguments import check_choice
from refrace.cli.completing import a_mode, a_pattern
from refrace.cli.exit_codes import ExitCode
from refrace.cli.jobs import jobs_option, workers
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import verb_option
from refrace.cli.output import (
    default_of,
    no_result_to_write,
    result_options,
    run_and_show,
)
from refrace.cli.progress import Pace
from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text
from refrace.environment import GIL_SETTINGS
from refrace.explorer.memory import MODELS
from refrace.gallery import Pattern
from refrace.gallery.check_gallery import check_gallery
from refrace.gallery.explain_pattern import explain_pattern


@click.command(short_help="Show known bugs: found, fixed and proved.")
@click.argument("slug", required=False, shell_complete=a_pattern)
@click.option(
    "--class", "class_name", metavar="CLASS", help="Only patterns of this class."
)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    shell_complete=a_mode,
    help="Refcount mode; may be repeated with --check.  [default: the one that the "
    "pattern is about; all with --check]",
)
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    help="Switch threads anywhere, or only where the GIL can be released.  "
    "[default: released, or held if the bug needs it; both with --check]",
)
@click.option(
    "--memory",
    type=click.Choice(MODELS),
    help="Memory model of all programs.  [default: the one that a pattern is about]",
)
@click.option("--check", is_flag=True, help="Check both programs in every mode.")
@verb_option(check_gallery, "max_states", "Maximum number of states of one program.")
@verb_option(
    check_gallery, "max_seconds", "Time limit in seconds for one program.", float
)
@jobs_option
@result_options
@mode_file_option("modes")
def gallery(
    slug: str | None,
    class_name: str | None,
    modes: tuple[str, ...],
    gil: str | None,
    memory: str | None,
    check: bool,
    max_states: int,
    max_seconds: float,
    jobs: int,
    as_json: bool,
) -> ExitCode:
    """List the patterns, or explain SLUG: rule, run, fix, proof and real bugs.

    With --check, explore all patterns, or the chosen ones, in every mode.  Exits with
    0 if every expectation holds and with 1 if one does not.  When explaining one
    pattern, exits with 1 if its fixed program shows a bug in the mode.
    """
    bounds: dict[str, Any] = {
        "memory": memory,
        "max_states": max_states,
        "max_seconds": max_seconds,
    }
    chosen = _chosen(slug, class_name)
    if check:
        with workers(jobs) as executor:
            return run_and_show(
                lambda progress: check_gallery(
                    modes or None,
                    gil,  # type: ignore[arg-type]
                    patterns=chosen,
                    **bounds,
                    executor=executor,
                    progress=progress,
                ),
                "checking the gallery",
                as_json,
                Pace("explorations"),
            )
    if jobs > 1:
        raise click.UsageError("--jobs applies to --check only; add it, or omit --jobs")
    if slug is None:
        if modes or gil or memory:
            raise click.UsageError(
                "--mode, --gil and --memory do not apply to the list; name a SLUG or "
                "add --check"
            )
        no_result_to_write("a result, and the list is none; name a SLUG or add --check")
        click.echo(_as_json(chosen) if as_json else _listing(chosen))
        return ExitCode.CLEAN
    if len(modes) > 1:
        raise click.UsageError(
            "a pattern is explained in one mode; add --check for several modes"
        )
    return run_and_show(
        lambda progress: explain_pattern(
            chosen[0],
            modes[0] if modes else default_of(explain_pattern, "mode"),
            gil,  # type: ignore[arg-type]
            **bounds,
            progress=progress,
        ),
        f"explaining {slug}",
        as_json,
        Pace("pairs of programs", is_even=False),
    )


def _chosen(slug: str | None, class_name: str | None) -> list[Pattern]:
    chosen = list(patterns_of.values()) if slug is None else [patterns_of.pattern(slug)]
    if class_name is None:
        return chosen
    name = check_choice("class", class_name, list(patterns_of.classes))
    of_class = [pattern for pattern in chosen if name in pattern.classes]
    if not of_class:
        raise click.UsageError(
            f"{slug} belongs to class {', '.join(chosen[0].classes)}; omit --class"
        )
    return of_class


def _listing(chosen: list[Pattern]) -> str:
    variants = sum(len(pattern.variants) for pattern in chosen)
    bugs = sum(len(pattern.bugs) for pattern in chosen)
    rows = [
        (str(p.number), p.slug, "yes" if p.with_gil else "no", p.rule) for p in chosen
    ]
    return render_text(
        [
            Paragraph(
                f"{_number(len(chosen), 'pattern')}, "
                f"{_number(variants, 'pair')} of a buggy and a fixed program, "
                f"{_number(bugs, 'real bug')}."
            ),
            Table(("", "pattern", "GIL", "rule"), rows, "><<<"),
            Paragraph(
                "GIL: whether the bug also occurs with the GIL held. "
                "`refrace gallery SLUG` explains one pattern; --class takes one of: "
                f"{', '.join(_classes(chosen))}."
            ),
        ]
    )


def _classes(chosen: Iterable[Pattern]) -> list[str]:
    present = {name for pattern in chosen for name in pattern.classes}
    return [name for name in patterns_of.classes if name in present]


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _as_json(chosen: list[Pattern]) -> str:
    listed = [
        {
            "slug": pattern.slug,
            "number": pattern.number,
            "rule": pattern.rule,
            "classes": pattern.classes,
            "mode": pattern.mode,
            "variants": [variant.id for variant in pattern.variants],
            "threads": pattern.threads,
            "preemptions": pattern.preemptions,
            "with_gil": pattern.with_gil,
            "bugs": len(pattern.bugs),
        }
        for pattern in chosen
    ]
    return json.dumps(
        {"format": "refrace/gallery", "version": 1, "patterns": listed}, indent=2
    )
