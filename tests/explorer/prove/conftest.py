"""The proofs that several tests look at, each made once: they take seconds."""

from functools import cache

import pytest

import refrace


@pytest.fixture(scope="session")
def proof_of():
    return cache(refrace.prove)
