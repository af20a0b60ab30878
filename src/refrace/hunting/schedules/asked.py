"""The arguments of a hunt that choose schedules, checked and turned into settings."""

from __future__ import annotations

import os
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from refrace._base.arguments import a_kind, check_bool, check_choice, check_integer
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.hunting.instrument.build_instrumented import InstrumentedBuild
from refrace.hunting.schedules.variables import BUILD, SETTING
from refrace.hunting.search.settings import HuntSettings

__all__ = [
    "ENGINE",
    "Schedules",
    "folders_of",
    "with_schedules",
]

Schedules = Literal["bounded", "random", "pct"]
_STRATEGIES: tuple[Schedules, ...] = ("bounded", "random", "pct")
ENGINE = "refrace.hunting.schedules.engine"

DEFAULT_PREEMPTIONS = 2
MOST_PREEMPTIONS = 10
MOST_THREADS = 8


def with_schedules(
    settings: HuntSettings,
    schedules: Schedules | None,
    preemptions: int,
    build: InstrumentedBuild | str | PathLike[str] | None,
    reduction: bool = True,
) -> HuntSettings:
    """Return settings with chosen schedules, or as they are without.

    Parameters
    ----------
    settings : HuntSettings
    schedules : {"bounded", "random", "pct"} or None
    preemptions : int
        0 to 10.
    build : InstrumentedBuild, path or None
        Where the extension with hooks is; None finds it on the search path.
    reduction : bool
        Whether schedules are tried once that differ in what commutes.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If an argument has the wrong type or is out of range, or does not fit the rest.
    """
    check_integer("preemptions", preemptions, low=0, high=MOST_PREEMPTIONS)
    check_bool("reduction", reduction)
    if schedules is None:
        if build is not None:
            raise InvalidArgument(
                f"build={shown(build)} needs schedules: an extension with hooks runs "
                "under a chosen schedule only; pass schedules='bounded'"
            )
        if preemptions != DEFAULT_PREEMPTIONS:
            raise InvalidArgument(
                f"preemptions={preemptions} needs schedules: the system decides when "
                "real threads are preempted; pass schedules='bounded'"
            )
        if not reduction:
            raise InvalidArgument(
                "reduction=False needs schedules: real threads have none to leave out; "
                "pass schedules='bounded'"
            )
        return settings
    check_choice("schedules", schedules, _STRATEGIES)
    if schedules == "random" and preemptions != DEFAULT_PREEMPTIONS:
        raise InvalidArgument(
            f"schedules='random' ignores preemptions={preemptions}: it preempts at "
            "each point with a fixed probability; pass schedules='bounded', or leave "
            "preemptions out"
        )
    if schedules != "bounded" and not reduction:
        raise InvalidArgument(
            f"reduction=False has no meaning with schedules={schedules!r}, which "
            "leave none out; pass schedules='bounded', or leave reduction out"
        )
    threads = tuple(number for number in settings.threads if number > 1)
    if not threads:
        raise InvalidArgument(
            f"threads={settings.threads} leaves nothing to schedule; pass 2 or more"
        )
    if max(threads) > MOST_THREADS:
        raise InvalidArgument(
            f"threads={settings.threads} are too many for chosen schedules; pass at "
            f"most {MOST_THREADS}"
        )
    path = folders_of(build)
    arguments = f"schedules={schedules!r}"
    if schedules != "random":
        arguments += f", preemptions={preemptions}"
    if not reduction:
        arguments += ", reduction=False"
    return replace(
        settings,
        threads=threads,
        arguments=arguments,
        build=path[0] if path else None,
        engine=ENGINE,
        environ=(
            *settings.environ,
            (SETTING, f"{schedules}:{preemptions}:{reduction:d}"),
            (BUILD, "".join(path)),
        ),
        path=(*path, *settings.path),
    )


def folders_of(build: Any) -> tuple[str, ...]:
    """Return what goes in front of `sys.path`: the folder of a build, if there is one.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If it is neither a build nor a folder.
    """
    if build is None:
        return ()
    if isinstance(build, InstrumentedBuild):
        return (build.folder,)
    if not isinstance(build, str | PathLike):
        raise InvalidArgumentType(
            f"build={shown(build)} is {a_kind(build)}; pass what build_instrumented "
            "returned, or its folder"
        )
    folder = Path(os.fspath(build)).absolute()
    if not folder.is_dir():
        raise InvalidArgument(
            f"build={str(folder)!r} is not a folder; pass what build_instrumented "
            "returned, or its folder"
        )
    return (str(folder),)
