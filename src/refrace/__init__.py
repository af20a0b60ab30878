"""Show, prove and hunt reference-count races."""
