"""The base of all results: text, HTML, dictionary, JSON, raising for findings."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, ClassVar, Self

from refrace._base.codec import decode, encode
from refrace._base.json_text import load_json
from refrace._base.safe_repr import shown
from refrace.display.blocks import Block, Paragraph
from refrace.display.html import render_html
from refrace.display.judged import Judged
from refrace.display.text import render_text
from refrace.errors import InvalidData

__all__ = ["Report"]

_HEAD = ("format", "version", "judgement")
"""Keys of the stored form that are not fields of the result."""


class Report(Judged):
    """Base of all results: frozen data that can be displayed, stored and judged.

    A subclass is a frozen dataclass with a class attribute `format_name`; it defines
    `answer` and `body`, and the members that `Judged` requires.
    """

    __slots__ = ()

    format_name: ClassVar[str]
    """Name of the stored form, for example ``"refrace/race"``."""
    format_version: ClassVar[int] = 1
    """Version of the stored form; other versions are rejected."""

    @property
    def answer(self) -> str:
        """The result in one sentence: the first line of every form."""
        raise NotImplementedError

    def body(self) -> list[Block]:
        """Return the blocks after the answer."""
        raise NotImplementedError

    def _blocks(self) -> list[Block]:
        return [Paragraph(self.answer), *self.body()]

    def __str__(self) -> str:
        return render_text(self._blocks())

    def _repr_html_(self) -> str:
        return render_html(self._blocks())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data with format, version and judgement."""
        return {
            "format": self.format_name,
            "version": self.format_version,
            "judgement": self.judgement,
            **encode(self),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Return :meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent)

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a result from :meth:`to_dict`.

        Raises
        ------
        InvalidData
            If `data` has another format or version, or does not match it.
        """
        if not isinstance(data, dict) or data.get("format") != cls.format_name:
            found = data.get("format") if isinstance(data, dict) else data
            raise InvalidData(
                f"format is {shown(found, 60)}; {cls.__name__}.from_dict reads "
                f"{cls.format_name!r}; pass the data of such a result"
            )
        data = cls._upgraded(data)
        if data.get("version") != cls.format_version:
            raise InvalidData(
                f"version is {shown(data.get('version'), 60)}; this refrace reads "
                f"version {cls.format_version} of {cls.format_name}; read it with the "
                "version that wrote it"
            )
        rest = {key: data[key] for key in data if key not in _HEAD}
        result = decode(cls, rest, cls.format_name)
        # Results stored by an older version do not have it.
        judgement = data.get("judgement", result.judgement)
        if judgement != result.judgement:
            raise InvalidData(
                f"{cls.format_name}.judgement is {shown(judgement, 60)}, but the rest "
                f"of the data amounts to {result.judgement!r}; pass the output of "
                "to_dict() or to_json() unchanged"
            )
        return result

    @classmethod
    def _upgraded(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Convert data of an older version to this version."""
        return data

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a result from :meth:`to_json`; errors as in :meth:`from_dict`."""
        try:
            data = load_json(text)
        except InvalidData:
            raise
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidData(
                f"not JSON: {error}; pass the output of to_json()"
            ) from None
        return cls.from_dict(data)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]
