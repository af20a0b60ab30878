"""Subjects for zope.interface."""

from hypothesis import strategies as st
from zope.interface._zope_interface_coptimizations import LookupBase

import refrace


class Lookups(LookupBase):
    """A table of lookups; `_uncached_lookup` is what its users override."""

    def _uncached_lookup(self, required, provided, name=""):
        return [name]


class Table:
    def setup(self):
        self.lookups = Lookups()

    @refrace.operation(
        required=st.tuples(st.integers(0, 99)),
        provided=st.sampled_from(["text", "image"]),
        name=st.sampled_from(["", "name"]),
    )
    def lookup(self, required, provided, name):
        return self.lookups.lookup(required, provided, name)

    @refrace.operation
    def changed(self):
        self.lookups.changed(None)
