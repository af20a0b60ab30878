"""``refrace cc`` and ``refrace c++``: compilers whose output has scheduling points."""

from __future__ import annotations

import click

from refrace.hunting.instrument import cc as wrapper

_SETTINGS = {
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
    "help_option_names": ["--help"],
}


@click.command(
    context_settings=_SETTINGS, short_help="Compile C for schedules of native code."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[GCC] ARGS...")
def cc(arguments: tuple[str, ...]) -> int:
    """Run a C compiler that makes each memory access a scheduling point.

    Name it where a build system asks for a compiler: CC="refrace cc" (gcc), or
    CC="refrace cc clang".  It adds -fsanitize=thread to compile steps and links no
    sanitizer's runtime; `refrace hunt --schedules` runs the extension on its own.

    Steps that compile and link at once are left as they are.
    """
    return wrapper.main(arguments, "gcc")


@click.command(
    context_settings=_SETTINGS, short_help="Compile C++ for schedules of native code."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[G++] ARGS...")
def cxx(arguments: tuple[str, ...]) -> int:
    """Run a C++ compiler that makes each memory access a scheduling point.

    Name it where a build system asks for a compiler: CXX="refrace c++" (g++), or
    CXX="refrace c++ clang++".  See `refrace cc --help`.
    """
    return wrapper.main(arguments, "g++")
