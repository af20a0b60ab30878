"""The extensions of sources/: what is wrong with the buggy form of each."""

import sysconfig
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter

IS_FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

# Where the functions are that make subjects, by the name of the extension.
SUBJECTS = ("functions", "types", "threads", "unlocked")


@dataclass(frozen=True)
class Twin:
    """An extension in two forms.

    Attributes
    ----------
    name : str
        The name of its source and of the modules ``buggy.NAME`` and ``fixed.NAME``.
    bug : str
        What is wrong with the buggy form.
    kinds : set of str
        The kinds of findings that are right for it: a hunt reports one or more of them.
    needs_threads : bool
        Whether it can go wrong in several threads only.
    needs_no_gil : bool
        Whether it can go wrong on a free-threaded build only.
    """

    name: str
    bug: str
    kinds: frozenset[str]
    needs_threads: bool = False
    needs_no_gil: bool = False

    @property
    def can_fail_here(self):
        return IS_FREE_THREADED or not self.needs_no_gil

    @property
    def hangs(self):
        return "deadlock" in self.kinds

    def subject(self, form):
        """Return what to hunt in the form "buggy" or "fixed"; needs Hypothesis."""
        library = import_module(f"{form}.{self.name}")
        # The standard library has a function of this name.
        name = "sorted_" if self.name == "sorted" else self.name
        for place in SUBJECTS:
            module = import_module(f"extensions.subjects.{place}")
            if hasattr(module, name):
                return getattr(module, name)(library)
        raise LookupError(f"no subject for {self.name}")


LEAK = frozenset({"leak", "never-freed"})
BLOCKS = frozenset({"block-leak"})
FREED = frozenset({"over-decref", "use-after-free", "crash"})
LOCKED = frozenset({"deadlock", "hang"})
WRONG = frozenset({"wrong-answer"})
CRASH = frozenset({"crash"})

_UNLOCKED = [
    Twin("bag", "resized without a lock", FREED | LEAK, True, True),
    Twin("label", "kept text dropped while it is read", FREED | BLOCKS, True, True),
    Twin("lazy", "made twice", BLOCKS | CRASH, True, True),
    Twin("registry", "borrowed from a dictionary", FREED, True, True),
    Twin("share", "handles counted without a lock", BLOCKS | FREED, True, True),
    Twin("shelf", "borrowed from a list", FREED, True, True),
    Twin("walk", "two threads at the end of an iterator", FREED | LEAK, True, True),
]

_ALL = [
    Twin("apply", "missing free of large input on an error path", BLOCKS),
    Twin("cell", "getter against setter", FREED | LEAK, True, needs_no_gil=True),
    Twin("checksum", "buffer not released on an error path (Cython)", LEAK),
    Twin("chunks", "stolen reference", FREED),
    Twin("document", "borrowed across a GIL release", FREED, needs_threads=True),
    Twin("find", "borrowed across a callback", FREED),
    Twin("frame", "buffer freed while exported", WRONG | CRASH, needs_threads=True),
    Twin("group", "missing decref on an error path", LEAK | BLOCKS),
    Twin("histogram", "lost counters (Cython)", WRONG, needs_threads=True),
    Twin("holder", "finaliser re-entry", FREED),
    Twin("journal", "lost append", LEAK | WRONG | FREED),
    Twin("mean", "missing free on an error path (Cython)", BLOCKS),
    Twin("merge", "decref of NULL on an error path", CRASH),
    Twin("meter", "native lock against the GIL", LOCKED, needs_threads=True),
    Twin("missing", "global returned as a borrowed reference", FREED),
    Twin("node", "free list with old contents", FREED),
    Twin("pairs", "double decref on an error path", FREED),
    Twin("quote", "missing decref for input other than ASCII", BLOCKS),
    Twin("record", "leak of self on an error path", BLOCKS),
    Twin("ring", "decref without the GIL", CRASH | {"decref-without-gil"}),
    Twin("rounding", "leak of a global", LEAK),
    Twin("signals", "user data without a reference (Cython)", FREED),
    Twin("sorted", "changed in a comparison", FREED),
    Twin("stack", "container of an iterator freed", FREED),
    Twin("tally", "lost counter", WRONG, needs_threads=True),
    Twin("template", "lazy initialisation", LEAK | WRONG),
    Twin("tree", "tp_clear without NULL", FREED),
    Twin("vault", "finaliser runs with a lock held", LOCKED),
    Twin("vector", "aliasing", FREED | LEAK),
    Twin("watch", "weak reference callback", FREED),
]

TWINS = {
    twin.name: twin for twin in sorted([*_ALL, *_UNLOCKED], key=attrgetter("name"))
}


def subject(spec):
    """Return the subject that `spec`, such as "find.buggy", names."""
    name, form = spec.split(".")
    return TWINS[name].subject(form)
