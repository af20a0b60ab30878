"""`ModeReport`: the base of results that refer to one mode."""

from __future__ import annotations

from typing import Any, Self

from refrace._base.safe_repr import shown
from refrace.catalogue.interpreter_mode import INTERPRETER
from refrace.catalogue.mode import known_modes
from refrace.display.report import Report
from refrace.errors import InvalidData

__all__ = ["ModeReport"]


class ModeReport(Report):
    """Base of the results of one mode; a subclass has the field `mode`, its name."""

    __slots__ = ()

    mode: str

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a result from :meth:`to_dict`.

        Raises
        ------
        InvalidData
            If `data` has another format or version, does not match it, or names a mode
            that this version of refrace does not have.
        """
        result = super().from_dict(data)
        if result.mode not in [INTERPRETER, *known_modes()]:
            cure = (
                "load the C file of the mode first, with refrace.load_mode"
                if "@" in result.mode
                else "read it with the version that wrote it"
            )
            raise InvalidData(
                f"{cls.format_name}.mode is {shown(result.mode, 60)}, which this "
                f"refrace does not have; {cure}"
            )
        return result
