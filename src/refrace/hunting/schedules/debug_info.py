"""Variables and fields of C code, read from its debug information by pyelftools."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from refrace.hunting.schedules.file_cache import cached_by_file

__all__ = ["DebugInfo", "Field", "debug_info_of", "prepare"]

Die = Any
"""An entry of the debug information, as pyelftools has it."""

_DECORATIONS = {
    "DW_TAG_typedef",
    "DW_TAG_const_type",
    "DW_TAG_volatile_type",
    "DW_TAG_restrict_type",
    "DW_TAG_atomic_type",
}
_RECORDS = {"DW_TAG_structure_type", "DW_TAG_union_type", "DW_TAG_class_type"}
_VARIABLES = {"DW_TAG_formal_parameter", "DW_TAG_variable"}
_BLOCKS = {"DW_TAG_lexical_block", "DW_TAG_inlined_subroutine"}
_IS_ADDRESS = 0x03  # DW_OP_addr
_LARGEST = 1 << 20
"""Bytes of entries that are read; more would keep a hunt waiting for long."""


class Field(NamedTuple):
    """A member of a struct, those of anonymous members included.

    Attributes
    ----------
    name : str
    offset : int
        Bytes from the start of the struct.
    kind : Die
        Its type, without typedefs and qualifiers; None for void.
    """

    name: str
    offset: int
    kind: Die


class _Scope(NamedTuple):
    """The variables of a function, those of blocks included that an offset is in."""

    function: str
    variables: dict[str, Die]


class DebugInfo:
    """The debug information of one module file; a unit is read when it is asked for."""

    def __init__(self, dwarf: Any) -> None:
        self._dwarf = dwarf
        self._units = [
            (unit, unit.get_top_DIE())
            for unit in dwarf.iter_CUs()
            if unit.get_top_DIE().tag == "DW_TAG_compile_unit"
        ]
        self._fields: dict[int, tuple[Field, ...]] = {}
        self._scopes: dict[int, list[_Scope]] = {}
        self._functions: list[tuple[int, int, Die]] | None = None
        self._statics: list[tuple[int, int, str, Die]] | None = None

    def variable_at(self, offset: int) -> tuple[str, Die, int] | None:
        """Return the static or global variable at an offset: name, type, bytes into it.

        None if there is none.
        """
        if self._statics is None:
            self._statics = sorted(self._read_statics(), key=lambda one: one[0])
        for begin, end, name, kind in self._statics:
            if begin <= offset < end:
                return name, kind, offset - begin
        return None

    def variables_in_scope(self, offset: int, function: str = "") -> dict[str, Die]:
        """Return the parameters and variables, with types, that code at an offset has.

        Those of inner blocks hide others of the same name.  Of functions that are
        inlined there, `function` is the one whose variables to return, if it is one of
        them; without it, the variables of all, where the innermost hides others.
        """
        if offset not in self._scopes:
            self._scopes[offset] = self._read_scopes(offset)
        scopes = self._scopes[offset]
        for scope in reversed(scopes):
            if scope.function == function:
                return scope.variables
        return {
            name: kind for scope in scopes for name, kind in scope.variables.items()
        }

    def fields(self, kind: Die) -> tuple[Field, ...]:
        """Return the members of a struct or union; empty for other types."""
        if kind is None or kind.tag not in _RECORDS:
            return ()
        if kind.offset not in self._fields:
            self._fields[kind.offset] = tuple(self._read_fields(kind))
        return self._fields[kind.offset]

    def named_type(self, near: int, name: str) -> Die:
        """Return the type of a name, in the unit of the function at an offset."""
        for unit, top in self._units:
            if any(low <= near < high for low, high in _ranges_of(self._dwarf, top)):
                return _types_of(unit).get(name)
        return None

    # ------------------------------------------------------------------- reading

    def _read_statics(self) -> Iterator[tuple[int, int, str, Die]]:
        for _, top in self._units:
            for die in _static_variables(top):
                location = die.attributes["DW_AT_location"].value
                whole = _origin(die)
                begin = int.from_bytes(bytes(location[1:9]), "little")
                kind = plain(_type_of(whole))
                size = max(1, size_of(kind))
                yield begin, begin + size, _name_of(whole), kind

    def _read_functions(self) -> Iterator[tuple[int, int, Die]]:
        for _, top in self._units:
            for die in top.iter_children():
                if die.tag == "DW_TAG_subprogram":
                    for low, high in _ranges_of(self._dwarf, die):
                        yield low, high, die

    def _read_scopes(self, offset: int) -> list[_Scope]:
        if self._functions is None:
            self._functions = list(self._read_functions())
        for low, high, die in self._functions:
            if low <= offset < high:
                scopes: list[_Scope] = []
                self._enter(die, offset, scopes)
                return scopes
        return []

    def _enter(self, die: Die, offset: int, scopes: list[_Scope]) -> None:
        """Add the variables of a function or block, and of those in it at an offset."""
        if die.tag != "DW_TAG_lexical_block":
            scopes.append(_Scope(_name_of(_origin(die)), {}))
        scopes[-1].variables.update(_variables_of(die))
        for child in die.iter_children():
            if child.tag in _BLOCKS and any(
                low <= offset < high for low, high in _ranges_of(self._dwarf, child)
            ):
                self._enter(child, offset, scopes)

    def _read_fields(self, kind: Die) -> Iterator[Field]:
        for die in kind.iter_children():
            if die.tag not in {"DW_TAG_member", "DW_TAG_inheritance"}:
                continue
            at = die.attributes.get("DW_AT_data_member_location")
            if "DW_AT_bit_size" in die.attributes or "DW_AT_declaration" in (
                die.attributes
            ):
                continue
            offset = at.value if at is not None and isinstance(at.value, int) else 0
            member = plain(_type_of(die))
            if "DW_AT_name" in die.attributes:
                yield Field(_name_of(die), offset, member)
            else:
                for name, inner, of in self.fields(member):
                    yield Field(name, offset + inner, of)


@cached_by_file
def debug_info_of(path: str) -> DebugInfo | None:
    """Return the debug information of a module file.

    None if it has none or more than 1 MB, or pyelftools is not installed.
    """
    try:
        from elftools.elf.elffile import ELFFile
    except ImportError:
        return None
    file = ELFFile(BytesIO(Path(path).read_bytes()))
    if not file.has_dwarf_info():
        return None
    dwarf = file.get_dwarf_info()
    entries = dwarf.debug_info_sec
    if entries is None or entries.size > _LARGEST:
        return None
    return DebugInfo(dwarf)


def prepare(path: str) -> None:
    """Read the variables and functions of a module file, for the processes to come."""
    info = debug_info_of(path)
    if info is not None:
        info.variable_at(0)
        info.variables_in_scope(0)


# ------------------------------------------------------------------------ types


def plain(kind: Die) -> Die:
    """Return a type without typedefs and qualifiers; None is void."""
    while kind is not None and kind.tag in _DECORATIONS:
        kind = _type_of(kind)
    return kind


def pointee(kind: Die) -> Die:
    """Return what a pointer or an array has elements of; None for other types."""
    if kind is None or kind.tag not in {
        "DW_TAG_pointer_type",
        "DW_TAG_array_type",
        "DW_TAG_reference_type",
    }:
        return None
    return plain(_type_of(kind))


def size_of(kind: Die) -> int:
    """Return the size of a type in bytes; 0 if it is not known."""
    kind = plain(kind)
    if kind is None:
        return 0
    size = kind.attributes.get("DW_AT_byte_size")
    if size is not None:
        return int(size.value)
    if kind.tag == "DW_TAG_pointer_type":
        return 8
    if kind.tag != "DW_TAG_array_type":
        return 0
    total = size_of(_type_of(kind))
    for die in kind.iter_children():
        upper = die.attributes.get("DW_AT_upper_bound")
        count = die.attributes.get("DW_AT_count")
        if count is not None and isinstance(count.value, int):
            total *= count.value
        elif upper is not None and isinstance(upper.value, int):
            total *= upper.value + 1
        else:
            return 0
    return total


def _type_of(die: Die) -> Die:
    if "DW_AT_type" not in die.attributes:
        return None
    return die.get_DIE_from_attribute("DW_AT_type")


def _origin(die: Die) -> Die:
    """Return the entry that has name and type: an inlined one refers to it."""
    for attribute in ("DW_AT_abstract_origin", "DW_AT_specification"):
        if attribute in die.attributes:
            return _origin(die.get_DIE_from_attribute(attribute))
    return die


def _name_of(die: Die) -> str:
    name = die.attributes.get("DW_AT_name")
    return "" if name is None else name.value.decode(errors="replace")


@cache
def _types_of(unit: Any) -> dict[str, Die]:
    return {
        _name_of(die): plain(die)
        for die in unit.get_top_DIE().iter_children()
        if die.tag in _RECORDS | {"DW_TAG_typedef"} and "DW_AT_name" in die.attributes
    }


def _static_variables(die: Die) -> Iterator[Die]:
    for child in die.iter_children():
        if child.tag == "DW_TAG_variable":
            location = child.attributes.get("DW_AT_location")
            value = None if location is None else location.value
            if isinstance(value, list) and len(value) == 9 and value[0] == _IS_ADDRESS:
                yield child
        elif child.tag in _BLOCKS | {"DW_TAG_subprogram", "DW_TAG_namespace"}:
            yield from _static_variables(child)


def _variables_of(die: Die) -> Iterator[tuple[str, Die]]:
    """Return the variables of a function or block, without those of blocks in it."""
    if "DW_AT_abstract_origin" in die.attributes:
        yield from _variables_of(_origin(die))
    for child in die.iter_children():
        if child.tag in _VARIABLES:
            whole = _origin(child)
            yield _name_of(whole), plain(_type_of(whole))


def _ranges_of(dwarf: Any, die: Die) -> list[tuple[int, int]]:
    """Return the addresses of a function or unit, also if it has several parts."""
    low, high = (die.attributes.get(f"DW_AT_{end}_pc") for end in ("low", "high"))
    if low is not None and high is not None:
        is_length = high.form != "DW_FORM_addr"
        return [(low.value, high.value + (low.value if is_length else 0))]
    at = die.attributes.get("DW_AT_ranges")
    lists = dwarf.range_lists()
    if at is None or lists is None:
        return []
    base = die.cu.get_top_DIE().attributes.get("DW_AT_low_pc")
    start = 0 if base is None else base.value
    found = []
    for entry in lists.get_range_list_at_offset(at.value, cu=die.cu):
        if hasattr(entry, "base_address"):
            start = entry.base_address
        else:
            is_absolute = getattr(entry, "is_absolute", False)
            shift = 0 if is_absolute else start
            found.append((entry.begin_offset + shift, entry.end_offset + shift))
    return found
