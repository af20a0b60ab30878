"""How many cores a workload really uses under this interpreter."""

import refrace

print(refrace.parallelism())
