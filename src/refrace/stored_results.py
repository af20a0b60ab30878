"""Read a stored result of any kind, by the format that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refrace._base.arguments import a_kind, nearest
from refrace._base.json_text import load_json
from refrace._base.safe_repr import shown
from refrace._native.interpreters import load
from refrace.errors import InvalidArgumentType, InvalidData

if TYPE_CHECKING:
    from refrace.display.report import Report

__all__ = ["FORMATS", "read_result"]

# The class of each format, by the name that the stored form begins with.
FORMATS = {
    "refrace/append": "lessons.append_report.AppendReport",
    "refrace/check": "explorer.check_report.ProgramCheck",
    "refrace/comparison": "races.comparison_report.Comparison",
    "refrace/deadlock": "lessons.deadlock_report.DeadlockReport",
    "refrace/exploration": "explorer.exploration_report.Exploration",
    "refrace/gallery-matrix": "gallery.matrix_report.GalleryMatrix",
    "refrace/growth": "races.growth_report.Growth",
    "refrace/hunt": "hunting.hunt_report.HuntReport",
    "refrace/lesson": "gallery.lesson_report.Lesson",
    "refrace/native-replay": "hunting.schedules.native_replay.NativeReplay",
    "refrace/parallelism": "lessons.parallelism_report.ParallelismReport",
    "refrace/pattern": "gallery.pattern_report.PatternExplanation",
    "refrace/program-race": "races.program_race_report.ProgramRace",
    "refrace/proof": "explorer.proof_report.Proof",
    "refrace/race": "races.race_report.RaceReport",
    "refrace/refcount-explanation": "lessons.explanation_report.RefcountExplanation",
    "refrace/refleaks": "hunting.leak_report.LeakReport",
    "refrace/sample": "explorer.sample_report.Sample",
    "refrace/story": "story.story_report.Story",
    "refrace/timeline": "races.timeline_report.Timeline",
    "refrace/trace": "traces.trace.Trace",
    "refrace/weakening": "explorer.weakening_report.WeakeningReport",
}


def read_result(text: str | bytes) -> Report:
    """Return a stored result of any kind.

    Parameters
    ----------
    text : str or bytes
        The output of ``to_json()`` of a result, or of a command with ``--json``.

    Returns
    -------
    Report
        The result, equal to the one that was stored: an :class:`Exploration`, a
        :class:`RaceReport`, and so on.

    Raises
    ------
    InvalidArgumentType
        If `text` is neither.
    InvalidData
        If it is not JSON, names no known format, or does not match its format.

    Examples
    --------
    >>> import refrace
    >>> found = refrace.explore("T1: x = new A ; decref x")
    >>> refrace.read_result(found.to_json()) == found
    True
    """
    if not isinstance(text, str | bytes):
        raise InvalidArgumentType(
            f"text={shown(text)} is {a_kind(text)}; pass the JSON text of a result"
        )
    try:
        data = load_json(text.decode() if isinstance(text, bytes) else text)
    except InvalidData:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidData(
            f"not JSON: {error}; pass the output of to_json() or --json"
        ) from None
    name = data.get("format") if isinstance(data, dict) else None
    if not isinstance(name, str) or name not in FORMATS:
        close = nearest(name, FORMATS) if isinstance(name, str) else ""
        raise InvalidData(
            f"format is {shown(name, 60)}{close}, which is no result of this refrace; "
            "pass the output of to_json() or --json unchanged"
        )
    module, _, attribute = FORMATS[name].rpartition(".")
    kind: type[Report] = getattr(load(f"refrace.{module}"), attribute)
    return kind.from_dict(data)
