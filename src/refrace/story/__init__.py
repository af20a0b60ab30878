"""The story that `refrace demo` tells, chapter by chapter."""
