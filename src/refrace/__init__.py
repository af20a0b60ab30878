"""Show, prove and hunt reference-count races.

Public names resolve at first use (PEP 562), so that importing the package costs little
and loads neither the extensions nor any other package.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

    from refrace import gallery, strategies
    from refrace.catalogue import Memory, Mode, mode, modes
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
    from refrace.findings import Finding, FindingKind
    from refrace.objects import Object
    from refrace.programs import Program
    from refrace.recorded import RecordedProof
    from refrace.recorded_costs import CostFigure, RecordedCost
    from refrace.reports.append import AppendReport
    from refrace.reports.check import ProgramCheck
    from refrace.reports.comparison import Comparison, ComparisonRow
    from refrace.reports.deadlock import DeadlockReport, WaitEdge
    from refrace.reports.explanation import RefcountExplanation
    from refrace.reports.exploration import Exploration, Outcome
    from refrace.reports.lesson import Lesson, LessonStep
    from refrace.reports.matrix import GalleryMatrix, MatrixCell
    from refrace.reports.parallelism import ParallelismReport, ParallelismRow
    from refrace.reports.pattern import PatternExplanation, VariantExplanation
    from refrace.reports.program_race import ProgramRace
    from refrace.reports.proof import CorpusPart, Proof, ProofScenario, ScenarioLeftOut
    from refrace.reports.race import RaceReport
    from refrace.reports.race_part import RacePart
    from refrace.reports.rounds import RacedOutcome, WidenedRounds
    from refrace.reports.sample import Sample
    from refrace.reports.trace import Trace, TraceStep
    from refrace.spread import Spread
    from refrace.verbs.append import lost_append
    from refrace.verbs.check_gallery import check_gallery
    from refrace.verbs.compare import compare
    from refrace.verbs.deadlock import deadlock
    from refrace.verbs.explain import explain_refcount
    from refrace.verbs.explain_pattern import explain_pattern
    from refrace.verbs.explore import explore
    from refrace.verbs.lesson import lesson
    from refrace.verbs.parallelism import parallelism
    from refrace.verbs.prove import prove
    from refrace.verbs.race import race
    from refrace.verbs.replay import replay
    from refrace.verbs.sample import sample
    from refrace.words import BitField, Word

# Every public name, by the module that has it.
_HOMES = {
    "catalogue": ("Memory", "Mode", "mode", "modes"),
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
    "objects": ("Object",),
    "programs": ("Program",),
    "recorded": ("RecordedProof",),
    "recorded_costs": ("CostFigure", "RecordedCost"),
    "reports.append": ("AppendReport",),
    "reports.check": ("ProgramCheck",),
    "reports.comparison": ("Comparison", "ComparisonRow"),
    "reports.deadlock": ("DeadlockReport", "WaitEdge"),
    "reports.explanation": ("RefcountExplanation",),
    "reports.exploration": ("Exploration", "Outcome"),
    "reports.lesson": ("Lesson", "LessonStep"),
    "reports.matrix": ("GalleryMatrix", "MatrixCell"),
    "reports.parallelism": ("ParallelismReport", "ParallelismRow"),
    "reports.pattern": ("PatternExplanation", "VariantExplanation"),
    "reports.proof": ("CorpusPart", "Proof", "ProofScenario", "ScenarioLeftOut"),
    "reports.program_race": ("ProgramRace",),
    "reports.race": ("RaceReport",),
    "reports.race_part": ("RacePart",),
    "reports.rounds": ("RacedOutcome", "WidenedRounds"),
    "reports.sample": ("Sample",),
    "reports.trace": ("Trace", "TraceStep"),
    "spread": ("Spread",),
    "verbs.append": ("lost_append",),
    "verbs.check_gallery": ("check_gallery",),
    "verbs.compare": ("compare",),
    "verbs.deadlock": ("deadlock",),
    "verbs.explain": ("explain_refcount",),
    "verbs.explain_pattern": ("explain_pattern",),
    "verbs.explore": ("explore",),
    "verbs.lesson": ("lesson",),
    "verbs.parallelism": ("parallelism",),
    "verbs.prove": ("prove",),
    "verbs.race": ("race",),
    "verbs.replay": ("replay",),
    "verbs.sample": ("sample",),
    "words": ("BitField", "Word"),
}
# Public names that are modules.
_MODULES = ("gallery", "strategies")
_EXTENSIONS = ("_contest", "_core", "_explorer", "_lessons", "_refcount", "_work")
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
    from refrace._interpreters import load

    if name in _EXTENSIONS:  # `from refrace import _core` asks here first
        return load(f"refrace.{name}")
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'refrace' has no attribute {name!r}")
    value = getattr(load(f"refrace.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*own, *_HOME_OF, *_MODULES})
