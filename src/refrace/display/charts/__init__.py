"""Charts of results, rendered by Altair: optional, imported at first use."""

from __future__ import annotations

from refrace.display.charts.files import check_chart_file, save_chart

__all__ = ["check_chart_file", "save_chart"]
