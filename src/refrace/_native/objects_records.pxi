# objects_records.pxi -- the records that objects.pyx returns.

from collections import namedtuple

ModeMemory = namedtuple("ModeMemory", [
    "words", "locks", "lanes", "bytes", "lane_bytes",
])
ModeCard = namedtuple("ModeCard", [
    "name", "claims_correct", "title", "summary", "incref_steps", "decref_steps",
    "layout", "limits", "source", "memory", "settles", "protects_reads",
    "needs_attached_owner", "has_count_word", "has_owner",
    "has_immortalise", "has_merge", "has_enable_try",
])
Reading = namedtuple("Reading", [
    "refcount", "ledger", "ledger_at_end", "deaths", "uses_after_free", "over_releases",
    "operations", "in_flight", "gap_waits", "gaps_met", "is_waiting",
])
First = namedtuple("First", ["doing", "thread", "before", "after"])
RaceStretch = namedtuple("RaceStretch", [
    "begin_ns",
    "end_ns",
    "round",
    "operations",
    "drops",
])

RaceTally = namedtuple("RaceTally", [
    "objects", "intact", "leaked", "freed_early", "operations", "dangling_uses",
    "double_frees", "freed_late", "late_ns", "lost_increments", "lost_decrements",
    "drift", "busy_ns", "crowded_ns", "elapsed_ns", "gap_waits", "gaps_met",
])
