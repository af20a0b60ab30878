"""The proofs that several tests look at, each made once: they take seconds."""

import fcntl
import os
from functools import cache

import pytest

import refrace


@pytest.fixture(scope="session")
def proof_of(tmp_path_factory):
    """Return the proof of a mode; workers that test in parallel share them."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return cache(refrace.prove)
    shared = tmp_path_factory.getbasetemp().parent  # of all workers of this run

    @cache
    def proof_of(mode):
        with (shared / f"proof-{mode}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = shared / f"proof-{mode}.json"
            if not file.exists():
                file.write_text(refrace.prove(mode).to_json())
            return refrace.Proof.from_json(file.read_text())

    return proof_of
