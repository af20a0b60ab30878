"""One lock for all objects cannot deadlock, but lets only one thread count."""

import refrace

print(refrace.deadlock(order="opposite", lock="global").answer)
print()
for row in refrace.compare(["global_lock", "object_lock"], threads=[2], rounds=5).rows:
    if row.objects == "private" and row.workload == "latency":
        print(
            f"{row.mode}, two threads with private objects: "
            f"{row.scaling.median:.2f} times the work of one thread"
        )
