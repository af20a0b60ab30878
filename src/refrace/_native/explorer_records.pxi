# explorer_records.pxi -- the records that explorer.pyx returns.

from collections import namedtuple

SearchNumbers = namedtuple("SearchNumbers", [
    "phase", "limit", "is_complete", "states", "most_states", "transitions",
    "frontier", "state_bytes", "bytes", "disk_bytes", "has_cycle",
])
Remainders = namedtuple("Remainders", [
    "is_singular", "is_unsolved", "outcomes", "paths", "probabilities", "infinite",
])
Seen = namedtuple("Seen", [
    "progress", "before", "after", "op", "statement", "text", "file", "line", "place",
    "place_number", "object", "begins", "completes", "result", "preempts", "kinds",
    "culprit", "order", "fence", "source", "value", "is_old", "rival",
    "follows",
])
WalkNumbers = namedtuple("WalkNumbers", [
    "kinds", "last_kinds", "culprit", "preemptions", "last", "misuse", "at_thread",
    "at_statement", "lacks",
])
Message = namedtuple("Message", ["word", "value", "source", "is_newest", "readers"])
Unordered = namedtuple("Unordered", ["thread", "object", "word", "others", "is_new"])
Shape = namedtuple("Shape", [
    "cells", "latent", "count_lock", "gil", "holder", "containers", "locks", "mutex",
    "count_mutex", "ref_shared", "tid", "queue", "epoch", "announced", "attachment",
    "lanes", "n_lanes", "objects", "named_templates", "locals", "buffers", "stop",
    "depths",
])
SampleNumbers = namedtuple("SampleNumbers", [
    "runs", "too_long", "outgrown", "beyond_horizon", "longest", "lacks", "misuse",
    "codes", "tally", "found",
])
