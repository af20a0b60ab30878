"""All static checks of a program, in order."""

from __future__ import annotations

from dataclasses import dataclass

from refrace.programs.checks.arguments import check_parameters
from refrace.programs.checks.calls import check_calls
from refrace.programs.checks.declared import check_declarations
from refrace.programs.checks.flow import check_flow
from refrace.programs.checks.masks import check_masks
from refrace.programs.checks.names import Names
from refrace.programs.checks.references import check_references
from refrace.programs.checks.sections import Section, sections_of
from refrace.programs.checks.types import LocalTypes
from refrace.programs.faults import Fault
from refrace.programs.parts import Parts

__all__ = ["Checked", "check_parts"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The results that the checks compute."""

    names: Names
    sections: tuple[Section, ...]
    types: LocalTypes


def check_parts(parts: Parts) -> Checked:
    """Check a program whose nodes are well-formed.

    Raises
    ------
    Fault
        The first error.
    """
    if not parts.threads:
        raise Fault(
            "a race program has at least one thread", None, cure="write `T1: …`"
        )
    names = Names.of(parts.declarations, parts.threads, parts.functions)
    fields = check_declarations(parts.declarations, names)
    check_parameters(names)
    sections = sections_of(parts.threads, parts.functions, parts.end)
    check_references(sections, names, fields)
    types = LocalTypes(sections, names, fields)
    flows = {section.key: check_flow(section, names, types) for section in sections}
    check_calls(sections, names, flows)
    check_masks(sections, names)
    return Checked(names, sections, types)
