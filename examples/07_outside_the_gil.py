"""How many cores a workload uses under this interpreter."""

import refrace

print(refrace.parallelism())
