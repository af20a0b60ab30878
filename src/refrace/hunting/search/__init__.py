"""The search of a hunt: batches of programs, their figures, and the whole of it."""
