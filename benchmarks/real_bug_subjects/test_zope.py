"""What a user might test of zope.interface, for pytest-run-parallel."""

import pytest
from subjects_zope import Lookups


@pytest.fixture(scope="module")
def lookups():
    return Lookups()


def test_lookup(lookups):
    assert lookups.lookup((object(),), object(), "name") == ["name"]


def test_changed(lookups):
    lookups.changed(None)
    assert lookups.lookup((object(),), object(), "") == [""]
