"""The core's model of a program: lowering, limits, exact numbers, typed results."""
