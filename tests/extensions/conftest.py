"""The extensions that the selected tests need, built once for all workers."""

import sys

import pytest

from extensions import build


def names_of_twins(items):
    """Return the names of the extensions that tests are about."""
    tests = [item for item in items if "extensions" in item.fixturenames]
    parameters = [item.callspec.params for item in tests]
    return {one["twin"].name if "twin" in one else one["name"] for one in parameters}


@pytest.fixture(scope="session")
def extensions(request):
    """Give the folder with the packages `buggy` and `fixed`, which can be imported."""
    for needed in ("Cython", "setuptools"):
        pytest.importorskip(needed)
    folder = build.build(names_of_twins(request.session.items))
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
