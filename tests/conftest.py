"""Settings of all tests."""

from hypothesis import settings

# For builds and interpreters that run the same tests once more: --hypothesis-profile.
settings.register_profile("quick", max_examples=10, deadline=None)
