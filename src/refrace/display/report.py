"""The base of all results: text, HTML, dictionary, JSON, raising for findings."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Self

from refrace._base.codec import decode, encode
from refrace._base.json_text import load_json
from refrace._base.safe_repr import shown
from refrace.display.blocks import Block, Paragraph
from refrace.display.export.junit import junit_text
from refrace.display.export.markdown import markdown_text
from refrace.display.export.sarif import sarif_text
from refrace.display.html import render_html
from refrace.display.judged import Judged
from refrace.display.page import page
from refrace.display.pictures.card import card_picture
from refrace.display.pictures.files import check_file
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.theme import Theme
from refrace.display.saving import SUFFIXES, write_result
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

    def _picture(self) -> Picture:
        """Return the picture of the result; a subclass may have a better one."""
        return card_picture(self.answer, self.judgement, self.findings)

    def plot(self) -> Any:
        """Return the picture of the result.

        Returns
        -------
        Picture
            Displays itself in a notebook, and has ``svg()`` and ``save(path)``.
        """
        return self._picture()

    def svg(self, theme: Theme = "auto") -> str:
        """Return the picture of the result as an SVG document.

        Parameters
        ----------
        theme : {"auto", "light", "dark"}
            ``"auto"`` (default): dark if the reader's system asks for dark pages.

        Raises
        ------
        InvalidArgument
            If there is no such theme.
        """
        return self._picture().svg(theme)

    def html(self) -> str:
        """Return the result as a complete page, which needs no network.

        The page follows the light or dark theme of the reader's system.  It is complete
        without scripts; with them, a small program can also be stepped through.
        """
        return page(self.answer, self._repr_html_() + self._interactive())

    def _interactive(self) -> str:
        """Return what only a page can have: the stepper, if the result has one."""
        return ""

    def markdown(self) -> str:
        """Return the result as Markdown, to paste into a bug report.

        If the result has a run with a finding, it is a Mermaid sequence diagram, which
        GitHub displays.
        """
        runs = [run for run in self._runs() if run.steps]
        diagram = runs[0].mermaid() if runs else ""
        return markdown_text(self.answer, str(self), diagram)

    def sarif(self) -> str:
        """Return the findings as SARIF 2.1.0, with the steps that lead to each."""
        steps = {
            run.finding: run.places() for run in self._runs() if run.finding is not None
        }
        found = [(finding, steps.get(finding, [])) for finding in self.findings]
        return sarif_text(
            self.answer, version("refrace"), found, self.inconclusive_because
        )

    def junit(self) -> str:
        """Return the result as JUnit XML with one test case.

        Findings are failures; an inconclusive result is an error.
        """
        return junit_text(
            self.format_name.rpartition("/")[2],
            self.answer,
            str(self),
            self.findings,
            self.inconclusive_because,
            getattr(self, "elapsed_s", 0.0),
        )

    def _runs(self) -> Sequence[Any]:
        """Return the traces of the result."""
        return getattr(self, "traces", ())

    def save(self, path: str | Path) -> None:
        """Write the result to a file.

        Parameters
        ----------
        path : str or Path
            Its suffix selects the format: ``.html`` for a complete page, ``.svg`` or
            ``.png`` for the picture, ``.json`` for :meth:`to_json`, ``.txt`` for the
            text, ``.md`` for :meth:`markdown`, ``.sarif`` for :meth:`sarif`, ``.xml``
            for :meth:`junit`.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If it is no path, the suffix is another one, or the folder does not exist.
        MissingPackage
            If the package for ``.png`` is not installed: ``pip install
            'refrace[plot]'``.
        OSError
            If the file cannot be written.
        """
        write_result(self, check_file(path, SUFFIXES))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        # IPython prefers a class's own `__repr__`, which a dataclass has, to an
        # inherited method.
        cls._repr_pretty_ = Report._repr_pretty_  # type: ignore[method-assign]

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
