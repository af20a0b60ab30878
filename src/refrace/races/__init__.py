"""Races of real threads on native counts, their reports, and single objects."""
