"""Schedules inside of the user's native code: chosen, run, and searched."""
