"""Lessons on real threads: lost appends, deadlocks, parallelism, referrers."""
