"""Parameters for tests about proofs: the longest proofs are long searches."""

import pytest

# About a million states each; as many as all other modes together.
LONG = {"biased_suspend", "biased_unsuspended", "biased_weak_queue", "deferred"}


def each(modes):
    """Give the modes, or names of modes, as parameters."""
    names = [getattr(mode, "name", mode) for mode in modes]
    return [
        pytest.param(mode, id=name, marks=[pytest.mark.soak] * (name in LONG))
        for mode, name in zip(modes, names, strict=True)
    ]
