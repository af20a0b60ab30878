"""What the numbers of one native object amount to."""

from __future__ import annotations

from refrace.findings import Finding, FindingKind

__all__ = ["findings_of"]


def findings_of(reading: dict[str, int]) -> tuple[Finding, ...]:
    """Return the findings of one handle, gravest first.

    A count that differs from the ledger is judged only while no operation is running
    and nothing waits, as if the object were left as it is now.
    """
    freed = reading["deaths"] > 0
    dangling = max(reading["ledger_at_end"], 0) if freed else 0
    is_settled = reading["in_flight"] == 0 and not reading["is_waiting"]
    quiet_and_alive = not freed and is_settled
    drift = reading["refcount"] - reading["ledger"] if quiet_and_alive else 0
    found = (
        (
            FindingKind.DANGLING_FREE,
            int(dangling > 0),
            f"freed while {dangling:,} counted references existed",
        ),
        (
            FindingKind.USE_AFTER_FREE,
            reading["uses_after_free"],
            "an operation came to the object after it was freed",
        ),
        (
            FindingKind.DOUBLE_FREE,
            max(reading["deaths"] - 1, 0),
            "the freed object was freed again",
        ),
        (
            FindingKind.UNDERFLOW,
            max(-reading["ledger"], 0),
            "a reference was dropped that nobody held",
        ),
        (
            FindingKind.LEAK,
            int(drift > 0),
            f"the count says {reading['refcount']:,}, in truth it is "
            f"{reading['ledger']:,}: the object is never freed",
        ),
        (
            FindingKind.COUNT_TOO_LOW,
            int(drift < 0),
            f"the count says {reading['refcount']:,}, in truth it is "
            f"{reading['ledger']:,}: the object is freed too early",
        ),
    )
    return tuple(
        Finding(kind, "object", message, count)
        for kind, count, message in found
        if count
    )
