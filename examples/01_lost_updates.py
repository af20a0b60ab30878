"""Two threads count without a lock: some objects leak, some are freed too early."""

import refrace

report = refrace.race("unlocked", threads=2, objects=1000, hold=256)
print(report)

print()
print(f"{report.leaked} objects would never be freed: each lost a decrement.")
print(f"{report.freed_early} objects were freed in use: each lost an increment.")
