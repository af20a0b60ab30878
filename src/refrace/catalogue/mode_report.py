"""`ModeReport`: the result of one mode, which this refrace has to know to read it."""

from __future__ import annotations

from typing import Any, Self

from refrace._base.safe_repr import shown
from refrace.catalogue.mode import modes
from refrace.display.report import Report
from refrace.errors import InvalidData

__all__ = ["ModeReport"]


class ModeReport(Report):
    """Base of the results of one mode: a subclass has the field `mode`, its name."""

    __slots__ = ()

    mode: str

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a result from :meth:`to_dict`.

        Raises
        ------
        InvalidData
            If `data` is of another format or version, does not fit it, or is of a mode
            that this refrace does not have.
        """
        result = super().from_dict(data)
        if result.mode not in [mode.name for mode in modes()]:
            raise InvalidData(
                f"{cls.format_name}.mode is {shown(result.mode, 60)}, which is not in "
                "this refrace; read it with the refrace that wrote it"
            )
        return result
