"""The stepper as a widget of a notebook; anywidget is optional."""

from __future__ import annotations

from typing import Any

from refrace.display.stepper.embedding import data_text, module_text, style_text
from refrace.errors import MissingPackage

__all__ = ["stepper_widget"]


def stepper_widget(data: dict[str, Any]) -> Any:
    """Return a widget; its trait `codes` is the run on display, in both directions.

    Raises
    ------
    MissingPackage
        If anywidget is not installed.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingPackage(
            f"the widget needs the package anywidget ({error}); install it: "
            "pip install 'refrace[notebook]', or display the stepper itself"
        ) from None

    class StepperWidget(anywidget.AnyWidget):
        _esm = module_text()
        _css = style_text()
        data = traitlets.Unicode().tag(sync=True)
        codes = traitlets.List(traitlets.Int()).tag(sync=True)

    return StepperWidget(data=data_text(data), codes=list(data["begins"]))
