"""Two threads count without a lock, so some objects may leak or be freed early."""

import refrace

report = refrace.race("unlocked", threads=2, objects=1000, hold=256)
print(report)

print()
print(f"{report.leaked} leaked: lost decrements, so never freed.")
print(f"{report.freed_early} freed early: lost increments, so freed in use.")
