"""What a user might test of xxhash, for pytest-run-parallel."""

import pytest
import xxhash

DATA = b"abcdefgh" * 50_000


@pytest.fixture(scope="module")
def hasher():
    return xxhash.xxh3_64()


def test_hexdigest(hasher):
    hasher.update(DATA)
    assert len(hasher.hexdigest()) == 16


def test_one_digest():
    hasher = xxhash.xxh3_64(DATA)
    assert hasher.hexdigest() == xxhash.xxh3_64_hexdigest(DATA)
