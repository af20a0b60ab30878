"""The JSON form of a program: blocks as objects, statements and declarations as text.

Reading is strict: a missing or unknown key, a wrong type or a statement that does
not parse is `InvalidData`, with the path to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from refrace._base.safe_repr import shown
from refrace.errors import InvalidData, InvalidProgram
from refrace.programs.parts import Parts
from refrace.programs.regions import REGION_FORMS
from refrace.programs.syntax import (
    MAX_INTEGER,
    MAX_NESTING,
    Assert,
    Block,
    CellDeclaration,
    Condition,
    Critical,
    Declaration,
    Function,
    If,
    Local,
    Region,
    Repeat,
    Statement,
    Step,
    Thread,
    While,
)
from refrace.programs.text.parser import parse_body, parse_declarations
from refrace.programs.text.printer import condition_text, node_text
from refrace.programs.text.statements import read_condition
from refrace.programs.text.tokens import Malformed
from refrace.programs.vocabulary import in_words, is_name

__all__ = ["FORMAT", "VERSION", "parts_from_dict", "parts_to_dict"]

FORMAT = "refrace/program"
VERSION = 1

_Positioned = TypeVar("_Positioned", bound=Declaration | Statement)
_Named = TypeVar("_Named", Thread, Function)


def parts_to_dict(parts: Parts) -> dict[str, Any]:
    """Return the JSON-ready form; positions are left out."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "declarations": [node_text(node) for node in parts.declarations],
        "threads": [_named_to_dict(node) for node in parts.threads],
        "functions": [_named_to_dict(node) for node in parts.functions],
        "end": _block_to_list(parts.end),
    }


def _named_to_dict(node: Thread | Function) -> dict[str, Any]:
    data = {"name": node.name, "body": _block_to_list(node.body)}
    if isinstance(node, Function) and node.parameters:
        data["parameters"] = list(node.parameters)
    return data


def _block_to_list(body: Block) -> list[Any]:
    # Recursion is bounded: blocks nest at most MAX_NESTING deep.
    return [_statement_to_json(statement) for statement in body]


def _statement_to_json(statement: Statement) -> str | dict[str, Any]:
    if isinstance(statement, If):
        return {
            "if": condition_text(statement.condition),
            "then": _block_to_list(statement.then),
            "else": _block_to_list(statement.otherwise),
        }
    if isinstance(statement, While):
        return {
            "while": condition_text(statement.condition),
            "body": _block_to_list(statement.body),
        }
    if isinstance(statement, Repeat):
        return {"repeat": statement.count, "body": _block_to_list(statement.body)}
    if isinstance(statement, Region):
        return {"region": statement.word, "body": _block_to_list(statement.body)}
    if isinstance(statement, Critical):
        objects = [one.name for one in statement.objects]
        return {"critical": objects, "body": _block_to_list(statement.body)}
    return node_text(statement)


def parts_from_dict(data: object) -> Parts:
    """Rebuild the parts from :func:`parts_to_dict`, without checking their meaning.

    Raises
    ------
    InvalidData
        The data is not of that form, or of an unsupported version.
    """
    if not isinstance(data, dict):
        raise InvalidData(f"a program is a JSON object, not {type(data).__name__}")
    if data.get("format") != FORMAT:
        raise InvalidData(
            f"format={shown(data.get('format'), 60)}: this is not a program, whose "
            f"format is {FORMAT!r}"
        )
    if type(data.get("version")) is not int or data["version"] != VERSION:
        raise InvalidData(
            f"version={shown(data.get('version'), 60)}: this refrace reads version "
            f"{VERSION}; convert the program, or use a matching refrace"
        )
    keys = ("format", "version", "declarations", "threads", "functions", "end")
    _need_keys(data, keys, "program")
    declarations = _declarations(data["declarations"])
    cells = {node.name for node in declarations if isinstance(node, CellDeclaration)}
    reader = _Reader(cells)
    return Parts(
        declarations,
        reader.named(data["threads"], Thread, "threads"),
        reader.named(data["functions"], Function, "functions"),
        reader.block(data["end"], "end", 0),
    )


def _declarations(data: object) -> tuple[Declaration, ...]:
    nodes: list[Declaration] = []
    for index, text in enumerate(_need_list(data, "declarations")):
        path = f"declarations[{index}]"
        try:
            found = parse_declarations(_need_text(text, path))
        except InvalidProgram as problem:
            raise InvalidData(f"{path}: {problem}") from None
        if len(found) != 1:
            raise InvalidData(f"{path}: {shown(text, 60)} is not one declaration")
        nodes.extend(_without_position(node) for node in found)
    return tuple(nodes)


def _without_position(node: _Positioned) -> _Positioned:
    return replace(node, line=None, column=None)


class _Reader:
    """Reads the bodies of one program."""

    def __init__(self, cells: set[str]) -> None:
        self._cells = cells
        self._statements: dict[str, Statement] = {}

    def named(self, data: object, node: type[_Named], path: str) -> tuple[_Named, ...]:
        found = []
        for index, item in enumerate(_need_list(data, path)):
            here = f"{path}[{index}]"
            if not isinstance(item, dict):
                raise InvalidData(f"{here}: needs an object with `name` and `body`")
            has_parameters = issubclass(node, Function) and "parameters" in item
            keys = ("name", "body", "parameters")[: 2 + has_parameters]
            _need_keys(item, keys, here)
            name = item["name"]
            if not is_name(name):
                raise InvalidData(f"{here}.name: {shown(name, 60)} is not a name")
            made = node(name, self.block(item["body"], f"{here}.body", 0))
            if has_parameters:
                path_of_names = f"{here}.parameters"
                names = _need_list(item["parameters"], path_of_names)
                if not all(map(is_name, names)):
                    raise InvalidData(
                        f"{path_of_names}: {shown(names, 60)} is not a list of names"
                    )
                assert isinstance(made, Function)
                made = replace(made, parameters=tuple(names))
            found.append(made)
        return tuple(found)

    def block(self, data: object, path: str, depth: int) -> Block:
        if depth > MAX_NESTING:
            raise InvalidData(f"{path[:60]}…: nested more than {MAX_NESTING} deep")
        return tuple(
            self._statement(text, f"{path}[{index}]")
            if isinstance(text, str)
            else self._compound(text, f"{path}[{index}]", depth + 1)
            for index, text in enumerate(_need_list(data, path))
        )

    def _statement(self, text: str, path: str) -> Statement:
        known = self._statements.get(text)
        if known is not None:
            return known
        try:
            body = parse_body(text, self._cells)
        except InvalidProgram as problem:
            raise InvalidData(f"{path}: {problem}") from None
        if len(body) != 1 or not isinstance(body[0], (Step, Assert)):
            raise InvalidData(f"{path}: {shown(text, 60)} is not one statement")
        self._statements[text] = statement = _without_position(body[0])
        return statement

    def _compound(self, data: object, path: str, depth: int) -> Statement:
        if not isinstance(data, dict):
            raise InvalidData(f"{path}: {shown(data, 60)} is neither text nor a block")
        if "if" in data:
            _need_keys(data, ("if", "then", "else"), path)
            return If(
                self._condition(data, "if", path),
                self.block(data["then"], f"{path}.then", depth),
                self.block(data["else"], f"{path}.else", depth),
            )
        if "while" in data:
            _need_keys(data, ("while", "body"), path)
            body = self.block(data["body"], f"{path}.body", depth)
            return While(self._condition(data, "while", path), body)
        if "region" in data:
            _need_keys(data, ("region", "body"), path)
            word = data["region"]
            if not isinstance(word, str) or word not in REGION_FORMS:
                known = in_words(REGION_FORMS)
                raise InvalidData(f"{path}.region: {shown(word, 60)} is not {known}")
            return Region(word, self.block(data["body"], f"{path}.body", depth))
        if "critical" in data:
            _need_keys(data, ("critical", "body"), path)
            names = _need_list(data["critical"], f"{path}.critical")
            if not 1 <= len(names) <= 2 or not all(map(is_name, names)):
                raise InvalidData(
                    f"{path}.critical: {shown(names, 60)} is not a list of one name "
                    "or two"
                )
            body = self.block(data["body"], f"{path}.body", depth)
            return Critical(tuple(map(Local, names)), body)
        _need_keys(data, ("repeat", "body"), path)
        count = data["repeat"]
        if type(count) is not int or not 0 <= count <= MAX_INTEGER:
            raise InvalidData(
                f"{path}.repeat: {shown(count, 60)} is not a number from 0 to "
                f"{MAX_INTEGER}"
            )
        return Repeat(count, self.block(data["body"], f"{path}.body", depth))

    def _condition(self, data: dict[str, Any], key: str, path: str) -> Condition:
        text = _need_text(data[key], f"{path}.{key}")
        try:
            return read_condition(f"{key} {text}", key)
        except Malformed as problem:
            cure = f"; {problem.cure}" if problem.cure else ""
            raise InvalidData(
                f"{path}.{key}: `{problem.text:.60}`: {problem.problem}{cure}"
            ) from None


def _need_keys(data: dict[str, Any], keys: tuple[str, ...], path: str) -> None:
    missing = [key for key in keys if key not in data]
    unknown = [key for key in data if key not in keys]
    if missing:
        raise InvalidData(f"{path}: the key {missing[0]!r} is missing")
    if unknown:
        raise InvalidData(f"{path}: the key {shown(unknown[0], 60)} is unknown")


def _need_list(data: object, path: str) -> list[Any]:
    if not isinstance(data, list):
        raise InvalidData(f"{path}: needs a list, not {type(data).__name__}")
    return data


def _need_text(data: object, path: str) -> str:
    if not isinstance(data, str):
        raise InvalidData(f"{path}: needs text, not {type(data).__name__}")
    return data
