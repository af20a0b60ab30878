"""One lock for all objects cannot deadlock, but gives one core."""

import refrace

print(refrace.deadlock(order="opposite", lock="global").answer)
print()
for row in refrace.compare(["global_lock", "object_lock"], threads=[2], rounds=5).rows:
    if row.objects == "private":
        print(
            f"{row.mode}, two threads on objects of their own: "
            f"{row.scaling.median:.2f} times the work of one"
        )
