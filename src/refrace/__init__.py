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
    from refrace.canaries.canary import Canary
    from refrace.catalogue.mode import Memory, Mode, mode, modes
    from refrace.catalogue.recorded_costs import CostFigure, RecordedCost
    from refrace.catalogue.recorded_orders import RecordedOrder, RecordedOrders
    from refrace.catalogue.recorded_proofs import RecordedProof
    from refrace.display.pictures.picture import Picture
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
        InvalidModeFile,
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
    from refrace.explorer.sample import sample
    from refrace.explorer.sample_report import Sample
    from refrace.explorer.stepper import Stepper, step
    from refrace.explorer.walk import Walk
    from refrace.explorer.weaken import weaken
    from refrace.explorer.weakening_report import WeakenedOrder, WeakeningReport
    from refrace.findings import Finding, FindingKind, Findings
    from refrace.gallery.check_gallery import check_gallery
    from refrace.gallery.explain_pattern import explain_pattern
    from refrace.gallery.lesson import lesson
    from refrace.gallery.lesson_report import Lesson, LessonStep
    from refrace.gallery.matrix_cell import MatrixCell
    from refrace.gallery.matrix_report import GalleryMatrix
    from refrace.gallery.pattern_report import (
        PatternExplanation,
        VariantExplanation,
    )
    from refrace.hunting.finding import HuntFinding
    from refrace.hunting.hunt import hunt
    from refrace.hunting.hunt_report import HuntReport
    from refrace.hunting.instrument.build_instrumented import (
        InstrumentedBuild,
        build_instrumented,
    )
    from refrace.hunting.leak_report import LeakReport
    from refrace.hunting.leaks.culprits import LeakingArguments
    from refrace.hunting.leaks.lines import AllocatingLine
    from refrace.hunting.leaks.series import LevelSeries
    from refrace.hunting.leaks.types import LeakedType
    from refrace.hunting.processes.loaded_code import LoadedCode
    from refrace.hunting.progress import HuntProgress
    from refrace.hunting.refleaks import refleaks
    from refrace.hunting.replaying import replay
    from refrace.hunting.schedules.explored import ExploredSchedules
    from refrace.hunting.schedules.native_replay import NativeReplay, ReplayedFinding
    from refrace.hunting.schedules.native_trace import NativeStep
    from refrace.hunting.slopes import Slope
    from refrace.lessons.append import lost_append
    from refrace.lessons.append_report import AppendReport
    from refrace.lessons.deadlock import deadlock
    from refrace.lessons.deadlock_report import DeadlockReport, WaitEdge
    from refrace.lessons.explain_refcount import explain_refcount
    from refrace.lessons.explanation_report import RefcountExplanation
    from refrace.lessons.parallelism import parallelism
    from refrace.lessons.parallelism_report import ParallelismReport
    from refrace.lessons.parallelism_row import ParallelismRow
    from refrace.mode_files.headers import include_dir
    from refrace.mode_files.load_mode import load_mode
    from refrace.programs import Program
    from refrace.races.compare import compare
    from refrace.races.comparison_report import Comparison
    from refrace.races.comparison_row import ComparisonRow
    from refrace.races.growth import growth
    from refrace.races.growth_report import Growth
    from refrace.races.growth_row import GrowthRow
    from refrace.races.object import Object
    from refrace.races.program_race_report import ProgramRace
    from refrace.races.race import race
    from refrace.races.race_part import RacePart
    from refrace.races.race_report import RaceReport
    from refrace.races.rounds import RacedOutcome, WidenedRounds
    from refrace.races.timeline import timeline
    from refrace.races.timeline_report import Stretch, Timeline
    from refrace.stored_results import read_result
    from refrace.subjects.operation import operation
    from refrace.subjects.program import HuntProgram
    from refrace.subjects.subject import Subject
    from refrace.traces.steps import MemoryAccess, TraceStep
    from refrace.traces.trace import Trace

# Every public name, by the module that defines it.
_HOMES = {
    "canaries.canary": ("Canary",),
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
        "InvalidModeFile",
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
    "display.pictures.picture": ("Picture",),
    "findings": ("Finding", "FindingKind", "Findings"),
    "races.object": ("Object",),
    "programs": ("Program",),
    "catalogue.recorded_orders": ("RecordedOrder", "RecordedOrders"),
    "catalogue.recorded_proofs": ("RecordedProof",),
    "catalogue.recorded_costs": ("CostFigure", "RecordedCost"),
    "hunting.instrument.build_instrumented": (
        "InstrumentedBuild",
        "build_instrumented",
    ),
    "mode_files.headers": ("include_dir",),
    "mode_files.load_mode": ("load_mode",),
    "hunting.leak_report": ("LeakReport",),
    "hunting.leaks.culprits": ("LeakingArguments",),
    "hunting.leaks.lines": ("AllocatingLine",),
    "hunting.leaks.series": ("LevelSeries",),
    "hunting.leaks.types": ("LeakedType",),
    "hunting.slopes": ("Slope",),
    "lessons.append_report": ("AppendReport",),
    "explorer.check": ("check",),
    "explorer.check_report": ("ProgramCheck",),
    "races.comparison_report": ("Comparison",),
    "races.comparison_row": ("ComparisonRow",),
    "lessons.deadlock_report": ("DeadlockReport", "WaitEdge"),
    "lessons.explanation_report": ("RefcountExplanation",),
    "explorer.exploration_report": ("Exploration", "Outcome"),
    "gallery.lesson_report": ("Lesson", "LessonStep"),
    "gallery.matrix_cell": ("MatrixCell",),
    "gallery.matrix_report": ("GalleryMatrix",),
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
    "hunting.finding": ("HuntFinding",),
    "hunting.hunt": ("hunt",),
    "hunting.hunt_report": ("HuntReport",),
    "hunting.processes.loaded_code": ("LoadedCode",),
    "hunting.progress": ("HuntProgress",),
    "explorer.sample_report": ("Sample",),
    "explorer.stepper": ("Stepper", "step"),
    "races.growth": ("growth",),
    "races.growth_report": ("Growth",),
    "races.growth_row": ("GrowthRow",),
    "races.timeline": ("timeline",),
    "races.timeline_report": ("Stretch", "Timeline"),
    "explorer.walk": ("Walk",),
    "stored_results": ("read_result",),
    "traces.steps": ("MemoryAccess", "TraceStep"),
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
    "explorer.weaken": ("weaken",),
    "explorer.weakening_report": ("WeakenedOrder", "WeakeningReport"),
    "races.race": ("race",),
    "hunting.refleaks": ("refleaks",),
    "hunting.replaying": ("replay",),
    "hunting.schedules.explored": ("ExploredSchedules",),
    "hunting.schedules.native_replay": ("NativeReplay", "ReplayedFinding"),
    "hunting.schedules.native_trace": ("NativeStep",),
    "explorer.sample": ("sample",),
    "subjects.operation": ("operation",),
    "subjects.program": ("HuntProgram",),
    "subjects.subject": ("Subject",),
    "bit_layout": ("BitField", "Word"),
}
# What IPython calls for `%load_ext refrace` and `%unload_ext refrace`.
_HOOKS = dict.fromkeys(
    ("load_ipython_extension", "unload_ipython_extension"), "notebook.extension"
)
# Public names that are modules.
_MODULES = ("gallery", "strategies")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"

__all__ = [
    "AllocatingLine",
    "AppendReport",
    "BitField",
    "Canary",
    "Comparison",
    "ComparisonRow",
    "CorpusPart",
    "CorruptionFound",
    "CostFigure",
    "DeadlockReport",
    "Environment",
    "EnvironmentUnfit",
    "Exploration",
    "ExploredSchedules",
    "Finding",
    "FindingKind",
    "Findings",
    "GalleryMatrix",
    "Growth",
    "GrowthRow",
    "HuntFinding",
    "HuntProgram",
    "HuntProgress",
    "HuntReport",
    "Inconclusive",
    "InconclusiveWarning",
    "InstrumentedBuild",
    "Interrupted",
    "InvalidArgument",
    "InvalidArgumentType",
    "InvalidData",
    "InvalidModeFile",
    "InvalidProgram",
    "LeakReport",
    "LeakedType",
    "LeakingArguments",
    "Lesson",
    "LessonStep",
    "LevelSeries",
    "LimitReached",
    "LoadedCode",
    "MatrixCell",
    "Memory",
    "MemoryAccess",
    "MissingPackage",
    "Mode",
    "NativeReplay",
    "NativeStep",
    "NotProved",
    "Object",
    "ObjectClosed",
    "Outcome",
    "ParallelismReport",
    "ParallelismRow",
    "PatternExplanation",
    "Picture",
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
    "RecordedOrder",
    "RecordedOrders",
    "RecordedProof",
    "RefcountExplanation",
    "RefraceError",
    "ReplayMismatch",
    "ReplayedFinding",
    "Sample",
    "ScenarioLeftOut",
    "Slope",
    "Spread",
    "Stepper",
    "Stretch",
    "Subject",
    "ThreadDetached",
    "Timeline",
    "Trace",
    "TraceStep",
    "UnknownMode",
    "UnknownPattern",
    "VariantExplanation",
    "WaitEdge",
    "Walk",
    "WeakenedOrder",
    "WeakeningReport",
    "WidenedRounds",
    "Word",
    "__version__",
    "build_instrumented",
    "check",
    "check_gallery",
    "compare",
    "deadlock",
    "explain_pattern",
    "explain_refcount",
    "explore",
    "gallery",
    "growth",
    "hunt",
    "include_dir",
    "lesson",
    "load_mode",
    "lost_append",
    "mode",
    "modes",
    "operation",
    "parallelism",
    "prove",
    "race",
    "read_result",
    "refleaks",
    "replay",
    "sample",
    "step",
    "strategies",
    "timeline",
    "weaken",
]


def __getattr__(name: str) -> typing.Any:
    if name in _MODULES:
        return import_module(f"refrace.{name}")
    from refrace._native.interpreters import load

    home = _HOME_OF.get(name) or _HOOKS.get(name)
    if home is None:
        raise AttributeError(f"module 'refrace' has no attribute {name!r}")
    value = getattr(load(f"refrace.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*own, *_HOME_OF, *_MODULES})
