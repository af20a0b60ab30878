"""Modes from C files: read, check, compile, load, and try out."""
