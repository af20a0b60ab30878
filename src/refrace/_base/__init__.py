"""Shared by all packages: codec, argument checks, statistics, threads."""
