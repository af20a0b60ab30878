"""A self-contained HTML page: no network, no script unless it is given one."""

from __future__ import annotations

from html import escape

from refrace.display.pictures.theme import CODE, COLOURS, PROSE, page_style

__all__ = ["page"]

_STYLE = f"""
:root{{color-scheme:light dark;--ink:{COLOURS["ink"][0]};--soft:{COLOURS["soft"][0]};
--paper:{COLOURS["paper"][0]};--panel:{COLOURS["panel"][0]};--faint:{COLOURS["faint"][0]}}}
@media (prefers-color-scheme:dark){{:root{{--ink:{COLOURS["ink"][1]};
--soft:{COLOURS["soft"][1]};--paper:{COLOURS["paper"][1]};--panel:{COLOURS["panel"][1]};
--faint:{COLOURS["faint"][1]}}}}}
body{{margin:0 auto;padding:1.5rem;max-width:72rem;background:var(--paper);
color:var(--ink);font:16px/1.5 {PROSE}}}
pre,code{{font-family:{CODE};font-size:0.875em}}
pre{{background:var(--panel);border-radius:6px;padding:0.8em 1em;overflow-x:auto}}
table{{border-collapse:collapse;display:block;overflow-x:auto;font-size:0.93em}}
th{{color:var(--soft);font-weight:600;border-bottom:1px solid var(--faint)}}
caption{{color:var(--soft)}}
strong{{font-size:1.2em}}
footer{{color:var(--soft);margin-top:2.5rem;font-size:0.85em}}
@media print{{body{{max-width:none}}details>*{{display:block}}}}
"""


def page(title: str, body: str, *, script: str = "") -> str:
    """Return a complete page.

    Parameters
    ----------
    title : str
        The title of the window, as text.
    body : str
        The content, as HTML.
    script : str
        An ES module; without it, the page has no script.
    """
    module = f'<script type="module">{script}</script>' if script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="generator" content="refrace">'
        f"<title>{escape(title)}</title>"
        f"<style>{_STYLE}{page_style()}</style></head>\n"
        f"<body><main>{body}</main>{module}</body></html>\n"
    )
