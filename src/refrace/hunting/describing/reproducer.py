"""A pytest test for a finding, to paste into a test suite; it needs only refrace."""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from refrace.hunting.processes.subject_pickle import dump_subject
from refrace.hunting.processes.subject_source import can_be_imported

__all__ = ["SubjectText", "reproducer_of", "subject_text"]

_WIDTH = 76
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True)
class SubjectText:
    """How a test gets the subject.

    Attributes
    ----------
    lines : str
        Imports and definitions.
    expression : str
        What to pass to ``refrace.hunt``.
    """

    lines: str
    expression: str


def subject_text(subject: Any, name: str) -> SubjectText:
    """Return how a test gets a subject: imported, defined again, or unpickled.

    Parameters
    ----------
    subject : object or None
        The class or function; None if only its name is known.
    name : str
        ``"module:name"`` or ``"file.py:name"``.
    """
    where, _, attribute = name.rpartition(":")
    first = attribute.split(".")[0]
    if where.endswith(".py"):
        path = os.path.abspath(where)
        lines = (
            f"import sys\n\nsys.path.insert(0, {os.path.dirname(path)!r})\n"
            f"from {Path(path).stem} import {first}  # noqa: E402\n"
        )
        return SubjectText(lines, attribute)
    if subject is None or _is_importable(subject, where, attribute):
        return SubjectText(f"from {where} import {first}\n", attribute)
    return _defined_again(subject) or _unpickled(subject)


def _is_importable(subject: Any, where: str, attribute: str) -> bool:
    module = sys.modules.get(where)
    if module is None or where == "__main__" or not can_be_imported(module):
        return False
    found: Any = module
    for part in attribute.split("."):
        found = getattr(found, part, None)
    return found is subject


def _defined_again(subject: Any) -> SubjectText | None:
    """Return the source of a class or function, and imports of what it uses."""
    try:
        source = textwrap.dedent(inspect.getsource(subject))
    except (OSError, TypeError):
        return None
    is_lambda = getattr(subject, "__name__", "") == "<lambda>"
    if is_lambda:
        source = _lambda_in(source, subject) or ""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    if not source or _is_closure(subject):
        return None
    imports = _imports_for(tree, subject)
    if imports is None:
        return None
    if is_lambda:
        return SubjectText(imports, source.strip())
    return SubjectText(f"{imports}\n\n{source.strip()}\n", subject.__name__)


def _is_closure(subject: Any) -> bool:
    code = getattr(subject, "__code__", None)
    return code is not None and bool(code.co_freevars)


def _lambda_in(source: str, subject: Any) -> str | None:
    """Return the only lambda of a piece of source that may be the subject."""
    for text in (source, source.strip().rstrip(",)"), f"({source.strip()}"):
        try:
            tree = ast.parse(text.strip())
        except SyntaxError:
            continue
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
        names = subject.__code__.co_varnames[: subject.__code__.co_argcount]
        fitting = [n for n in found if tuple(a.arg for a in n.args.args) == names]
        if len(fitting) == 1:
            return ast.unparse(fitting[0])
    return None


def _imports_for(tree: ast.AST, subject: Any) -> str | None:
    """Return imports of the global names that a definition uses; None if some fail."""
    module = sys.modules.get(getattr(subject, "__module__", "") or "")
    known = getattr(subject, "__globals__", None) or vars(module or builtins)
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    stored.add(getattr(subject, "__name__", ""))
    lines = []
    for name in sorted(
        {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - stored
    ):
        if name not in known:
            if hasattr(builtins, name):
                continue
            return None
        line = _import_of(name, known[name])
        if line is None:
            return None
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _import_of(name: str, value: Any) -> str | None:
    if isinstance(value, ModuleType):
        if (
            not can_be_imported(value)
            and value.__name__ not in sys.builtin_module_names
        ):
            return None
        same = value.__name__ == name
        return f"import {value.__name__}" + ("" if same else f" as {name}")
    if isinstance(value, int | float | str | bytes | bool | None):
        return f"{name} = {value!r}"
    home = sys.modules.get(getattr(value, "__module__", None) or "")
    original = getattr(value, "__qualname__", "")
    if home is None or home.__name__ == "__main__" or "." in original or not original:
        return None
    if getattr(home, original, None) is not value or not can_be_imported(home):
        return None
    renamed = "" if original == name else f" as {name}"
    return f"from {home.__name__} import {original}{renamed}"


def _unpickled(subject: Any) -> SubjectText:
    import base64

    text = base64.b64encode(dump_subject(subject)).decode()
    lines = "\n".join(f'    "{part}"' for part in textwrap.wrap(text, _WIDTH - 6))
    return SubjectText(
        f"import base64\nimport pickle\n\nSUBJECT = (\n{lines}\n)\n",
        "pickle.loads(base64.b64decode(SUBJECT))",
    )


def reproducer_of(
    text: SubjectText,
    *,
    kind: str,
    operations: tuple[str, ...],
    message: str,
    source: str,
    token: str,
    found_with: str,
    seconds: float,
    arguments: str = "",
    build: str | None = None,
    replay_token: str | None = None,
) -> str:
    """Return a test that fails as long as the finding shows.

    Parameters
    ----------
    text : SubjectText
        How to get the subject.
    kind, operations, message, source, token
        The finding; see :class:`HuntFinding`.
    found_with : str
        Interpreter and machine.
    seconds : float
        How long the test looks for it, at most.
    arguments : str
        Further arguments of the hunt, as text.
    build : str, optional
        The folder of an extension with hooks.
    replay_token : str, optional
        The token of a schedule of native code: the test replays it, and searches only
        in another build.
    """
    words = "_".join([kind, *operations])
    name = re.sub(r"\W+", "_", words).strip("_").lower()[:60]
    program = source if len(source) < _MOST_CHARACTERS else source[:_MOST_CHARACTERS]
    comment = textwrap.indent(program.rstrip(), "#   ", lambda _: True)
    found = textwrap.fill(
        f"Found by refrace on {found_with}, with this program:",
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
    )
    call = f"{text.expression}, program=PROGRAM, seconds={seconds:g}, store=False"
    if arguments:
        call += f",\n        {arguments}"
    shown = replay_token or token
    lines = textwrap.wrap(shown, _WIDTH - 6, break_on_hyphens=False)
    wrapped = "\n".join(f'    "{part}"' for part in lines)
    constant = "" if build is None else f"BUILD = {build!r}\n"
    said = textwrap.fill(
        f"{kind}: {message}", _WIDTH, initial_indent="# ", subsequent_indent="#   "
    )
    imports, definitions = _split(text.lines)
    return (
        f"{said}\n{found}\n#\n{comment}\n"
        f"{imports}import refrace\n"
        f"{definitions}\n"
        f"{constant}PROGRAM = (\n{wrapped}\n)\n\n\n"
        f"def test_{name}():\n"
        f"{_body(text.expression, call, replay_token is not None, build)}"
        f"    report.raise_for_findings()\n"
    )


def _body(subject: str, call: str, replays: bool, build: str | None) -> str:
    call = call if build is None else f"{call}, build=BUILD"
    if not replays:
        return f"    report = refrace.hunt(\n        {call}\n    )\n"
    where = "" if build is None else ", build=BUILD"
    return (
        f"    try:\n"
        f"        report = refrace.replay(PROGRAM, subject={subject}{where})\n"
        f"    except refrace.ReplayMismatch:  # another build has other schedules\n"
        f"        report = refrace.hunt(\n"
        f"            {textwrap.indent(call, '    ').lstrip()}\n        )\n"
    )


def _split(lines: str) -> tuple[str, str]:
    """Separate the imports at the top from what follows."""
    whole = lines.splitlines()
    count = 0
    while count < len(whole) and whole[count].startswith(("import ", "from ")):
        count += 1
    imports = "".join(f"{line}\n" for line in whole[:count])
    rest = "\n".join(whole[count:]).strip("\n")
    return imports, f"\n\n{rest}\n" if rest else ""
