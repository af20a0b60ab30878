"""Subjects of the extensions: they name the API and not the bug."""
