"""Render the blocks of a report as text and HTML."""
