"""`Drawn`: what an object with a picture offers, besides the picture."""

from __future__ import annotations

from pathlib import Path

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.theme import Theme

__all__ = ["Drawn"]


class Drawn:
    """Base of objects that define `plot`, their picture."""

    __slots__ = ()

    def plot(self) -> Picture:
        """Return the picture."""
        raise NotImplementedError

    def svg(self, theme: Theme = "auto") -> str:
        """Return the picture as SVG; `theme` is ``"auto"``, ``"light"`` or ``"dark"``.

        Raises
        ------
        InvalidArgument
            If there is no such theme.
        """
        return self.plot().svg(theme)

    def save(self, path: str | Path) -> None:
        """Write the picture to a file; formats and errors as :meth:`Picture.save`."""
        self.plot().save(path)
