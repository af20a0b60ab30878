"""`{public-names} PACKAGE ...`: the public names that some packages define.

Functions come first, then classes, each in alphabetical order.  A package is the first
part of the module that defines a name; so a new name appears without a new line here.
"""

from __future__ import annotations

import inspect

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import refrace


def home_of(name: str) -> str:
    """Return the package that defines a public name: "races" of "races.race"."""
    return refrace._HOME_OF[name].partition(".")[0]


def names_of(packages: list[str]) -> list[str]:
    """Return the public names of packages, functions first."""
    names = [name for name in refrace._HOME_OF if home_of(name) in packages]
    return sorted(names, key=lambda name: (inspect.isclass(named(name)), name.lower()))


def named(name: str) -> object:
    """Return what a public name stands for."""
    return getattr(refrace, name)


class PublicNames(SphinxDirective):
    """Document the public names of packages."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return what autodoc makes of every name."""
        packages = self.arguments[0].split()
        names = names_of(packages)
        missing = set(packages) - {home_of(name) for name in names}
        if missing:
            raise self.error(f"no public name is defined in {', '.join(missing)}")
        lines = [".. currentmodule:: refrace", ""]
        for name in names:
            if inspect.isclass(named(name)):
                lines += [f".. autoclass:: {name}", "   :members:", ""]
            else:
                lines += [f".. autofunction:: {name}", ""]
        return self.parse_text_to_nodes(_as_rst(lines))


def _as_rst(lines: list[str]) -> str:
    return "\n".join(["````{eval-rst}", *lines, "````"])


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("public-names", PublicNames)
