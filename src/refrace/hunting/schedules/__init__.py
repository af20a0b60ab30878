"""Schedules inside the user's native code: chosen, run, and searched."""
