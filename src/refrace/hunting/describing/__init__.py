"""Describe a finding: its place in C, a pattern, a test, and the report around it."""
