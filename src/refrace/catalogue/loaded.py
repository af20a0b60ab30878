"""The modes that were loaded from C files, and those that installed packages have."""

from __future__ import annotations

from importlib.metadata import entry_points
from threading import Lock

from refrace._base.arguments import a_kind
from refrace.catalogue.card import Mode
from refrace.errors import InvalidArgument

__all__ = [
    "GROUP",
    "as_loaded",
    "loaded_modes",
    "mode_of_package",
    "package_modes",
    "remember",
]

GROUP = "refrace.modes"
"""The group of entry points that name the modes of packages."""

# By name, in the order in which they were loaded; only `remember` writes it.
_loaded: dict[str, Mode] = {}
_lock = Lock()


def remember(mode: Mode) -> Mode:
    """Add a mode to those that are known by name; return the one that is known."""
    with _lock:
        return _loaded.setdefault(mode.name, mode)


def loaded_modes() -> tuple[Mode, ...]:
    """Return the modes that were loaded in this process, in that order."""
    return tuple(_loaded.values())


def as_loaded(name: str) -> Mode | None:
    """Return the mode that was loaded last among those with an id; None if none was."""
    for one in reversed(loaded_modes()):
        if one.name.partition("@")[0] == name:
            return one
    return None


def package_modes() -> tuple[str, ...]:
    """Return the names of the modes that installed packages have."""
    return tuple(sorted({one.name for one in entry_points(group=GROUP)}))


def mode_of_package(name: str) -> Mode | None:
    """Return the mode of an installed package; None if no package has it.

    Raises
    ------
    InvalidArgument
        If the entry point gives something else than a mode.
    """
    for point in entry_points(group=GROUP, name=name.partition("@")[0]):
        found = point.load()
        if not isinstance(found, Mode) and callable(found):
            found = found()
        if not isinstance(found, Mode):
            raise InvalidArgument(
                f"entry point {point.name} = {point.value!r} of the group {GROUP} "
                f"gives {a_kind(found)}; it has to name a mode, or a function that "
                "returns refrace.load_mode(path)"
            )
        if name in (point.name, found.name):
            return found
    return None
