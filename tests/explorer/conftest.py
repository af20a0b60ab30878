"""The proofs that several tests look at, each made once: they take seconds."""

import fcntl
import os
from functools import cache

import pytest

import refrace

MOST_SECONDS = 3600  # a busy machine takes its time


@pytest.fixture(scope="session")
def proof_of(tmp_path_factory):
    """Return the proof of a mode; workers that test in parallel share them."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent  # of all workers of this run

    def prove(mode, memory):
        return refrace.prove(mode, memory=memory, max_seconds=MOST_SECONDS)

    @cache
    def cached(mode, memory):
        if not is_worker:
            return prove(mode, memory)
        with (shared / f"proof-{mode}-{memory}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file = shared / f"proof-{mode}-{memory}.json"
            if not file.exists():
                file.write_text(prove(mode, memory).to_json())
            return refrace.Proof.from_json(file.read_text())

    def proof_of(mode, memory="sc"):
        return cached(mode, memory)

    return proof_of
