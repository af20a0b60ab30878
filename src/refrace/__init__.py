"""Show, prove and hunt reference-count races.

Public names resolve at first use (PEP 562): importing the package is cheap and loads
neither the extensions nor any other package.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

    from refrace import gallery, strategies
    from refrace._base.spread import Spread
    from refrace.bit_layout import BitField, Word
    from refrace.catalogue.mode import Memory, Mode, mode, modes
    from refrace.catalogue.recorded_costs import CostFigure, RecordedCost
    from refrace.catalogue.recorded_proofs import RecordedProof
    from refrace.environment import Environment
    from refrace.errors import (
        CorruptionFound,
        EnvironmentUnfit,
        Inconclusive,
        InconclusiveWarning,
        Interrupted,
        InvalidArgument,
        InvalidArgumentType,
        InvalidData,
        InvalidProgram,
        LimitReached,
        MissingPackage,
        NotProved,
        ObjectClosed,
        ProgramTooLarge,
        RefraceError,
        ReplayMismatch,
        ThreadDetached,
        UnknownMode,
        UnknownPattern,
    )
    from refrace.explorer.check import check
    from refrace.explorer.check_report import ProgramCheck
    from refrace.explorer.exploration_report import Exploration, Outcome
    from refrace.explorer.explore import explore
    from refrace.explorer.proof_report import (
        CorpusPart,
        Proof,
        ProofScenario,
        ScenarioLeftOut,
    )
    from refrace.explorer.prove import prove
    from refrace.explorer.replay import replay
    from refrace.explorer.sample import sample
    from refrace.explorer.sample_report import Sample
    from refrace.findings import Finding, FindingKind
    from refrace.gallery.check_gallery import check_gallery
    from refrace.gallery.explain_pattern import explain_pattern
    from refrace.gallery.lesson import lesson
    from refrace.gallery.lesson_report import Lesson, LessonStep
    from refrace.gallery.matrix_report import GalleryMatrix, MatrixCell
    from refrace.gallery.pattern_report import (
        PatternExplanation,
        VariantExplanation,
    )
    from refrace.lessons.append import lost_append
    from refrace.lessons.append_report import AppendReport
    from refrace.lessons.deadlock import deadlock
    from refrace.lessons.deadlock_report import DeadlockReport, WaitEdge
    from refrace.lessons.explain_refcount import explain_refcount
    from refrace.lessons.explanation_report import RefcountExplanation
    from refrace.lessons.parallelism import parallelism
    from refrace.lessons.parallelism_report import ParallelismReport
    from refrace.lessons.parallelism_row import ParallelismRow
    from refrace.programs import Program
    from refrace.races.compare import compare
    from refrace.races.comparison_report import Comparison
    from refrace.races.comparison_row import ComparisonRow
    from refrace.races.object import Object
    from refrace.races.program_race_report import ProgramRace
    from refrace.races.race import race
    from refrace.races.race_part import RacePart
    from refrace.races.race_report import RaceReport
    from refrace.races.rounds import RacedOutcome, WidenedRounds
    from refrace.traces.steps import TraceStep
    from refrace.traces.trace import Trace

# Every public name, by the module that defines it.
_HOMES = {
    "catalogue.mode": ("Memory", "Mode", "mode", "modes"),
    "environment": ("Environment",),
    "errors": (
        "CorruptionFound",
        "EnvironmentUnfit",
        "Inconclusive",
        "InconclusiveWarning",
        "Interrupted",
        "InvalidArgument",
        "InvalidArgumentType",
        "InvalidData",
        "InvalidProgram",
        "LimitReached",
        "MissingPackage",
        "NotProved",
        "ObjectClosed",
        "ProgramTooLarge",
        "RefraceError",
        "ReplayMismatch",
        "ThreadDetached",
        "UnknownMode",
        "UnknownPattern",
    ),
    "findings": ("Finding", "FindingKind"),
    "races.object": ("Object",),
    "programs": ("Program",),
    "catalogue.recorded_proofs": ("RecordedProof",),
    "catalogue.recorded_costs": ("CostFigure", "RecordedCost"),
    "lessons.append_report": ("AppendReport",),
    "explorer.check": ("check",),
    "explorer.check_report": ("ProgramCheck",),
    "races.comparison_report": ("Comparison",),
    "races.comparison_row": ("ComparisonRow",),
    "lessons.deadlock_report": ("DeadlockReport", "WaitEdge"),
    "lessons.explanation_report": ("RefcountExplanation",),
    "explorer.exploration_report": ("Exploration", "Outcome"),
    "gallery.lesson_report": ("Lesson", "LessonStep"),
    "gallery.matrix_report": ("GalleryMatrix", "MatrixCell"),
    "lessons.parallelism_report": ("ParallelismReport",),
    "lessons.parallelism_row": ("ParallelismRow",),
    "gallery.pattern_report": ("PatternExplanation", "VariantExplanation"),
    "explorer.proof_report": (
        "CorpusPart",
        "Proof",
        "ProofScenario",
        "ScenarioLeftOut",
    ),
    "races.program_race_report": ("ProgramRace",),
    "races.rounds": ("RacedOutcome", "WidenedRounds"),
    "races.race_report": ("RaceReport",),
    "races.race_part": ("RacePart",),
    "explorer.sample_report": ("Sample",),
    "traces.steps": ("TraceStep",),
    "traces.trace": ("Trace",),
    "_base.spread": ("Spread",),
    "lessons.append": ("lost_append",),
    "gallery.check_gallery": ("check_gallery",),
    "races.compare": ("compare",),
    "lessons.deadlock": ("deadlock",),
    "lessons.explain_refcount": ("explain_refcount",),
    "gallery.explain_pattern": ("explain_pattern",),
    "explorer.explore": ("explore",),
    "gallery.lesson": ("lesson",),
    "lessons.parallelism": ("parallelism",),
    "explorer.prove": ("prove",),
    "races.race": ("race",),
    "explorer.replay": ("replay",),
    "explorer.sample": ("sample",),
    "bit_layout": ("BitField", "Word"),
}
# Public names that are modules.
_MODULES = ("gallery", "strategies")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"

__all__ = [
    "AppendReport",
    "BitField",
    "Comparison",
    "ComparisonRow",
    "CorpusPart",
    "CorruptionFound",
    "CostFigure",
    "DeadlockReport",
    "Environment",
    "EnvironmentUnfit",
    "Exploration",
    "Finding",
    "FindingKind",
    "GalleryMatrix",
    "Inconclusive",
    "InconclusiveWarning",
    "Interrupted",
    "InvalidArgument",
    "InvalidArgumentType",
    "InvalidData",
    "InvalidProgram",
    "Lesson",
    "LessonStep",
    "LimitReached",
    "MatrixCell",
    "Memory",
    "MissingPackage",
    "Mode",
    "NotProved",
    "Object",
    "ObjectClosed",
    "Outcome",
    "ParallelismReport",
    "ParallelismRow",
    "PatternExplanation",
    "Program",
    "ProgramCheck",
    "ProgramRace",
    "ProgramTooLarge",
    "Proof",
    "ProofScenario",
    "RacePart",
    "RaceReport",
    "RacedOutcome",
    "RecordedCost",
    "RecordedProof",
    "RefcountExplanation",
    "RefraceError",
    "ReplayMismatch",
    "Sample",
    "ScenarioLeftOut",
    "Spread",
    "ThreadDetached",
    "Trace",
    "TraceStep",
    "UnknownMode",
    "UnknownPattern",
    "VariantExplanation",
    "WaitEdge",
    "WidenedRounds",
    "Word",
    "__version__",
    "check",
    "check_gallery",
    "compare",
    "deadlock",
    "explain_pattern",
    "explain_refcount",
    "explore",
    "gallery",
    "lesson",
    "lost_append",
    "mode",
    "modes",
    "parallelism",
    "prove",
    "race",
    "replay",
    "sample",
    "strategies",
]


def __getattr__(name: str) -> typing.Any:
    if name in _MODULES:
        return import_module(f"refrace.{name}")
    from refrace._native.interpreters import load

    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'refrace' has no attribute {name!r}")
    value = getattr(load(f"refrace.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*own, *_HOME_OF, *_MODULES})
