"""One result of every kind that has a picture, each made once."""

from functools import cache

import refrace

BORROWED = refrace.gallery["borrow-then-incref"].buggy
LOST = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"
CROSSED = """
hold T1.mine = A
borrow T1.other = B
hold T2.mine = B
borrow T2.other = A
T1: lock mine.m ; lock other.m ; unlock other.m ; unlock mine.m ; decref mine
T2: lock mine.m ; lock other.m ; unlock other.m ; unlock mine.m ; decref mine
"""

MAKERS = {
    "exploration": lambda: refrace.explore(BORROWED, "biased"),
    "safe": lambda: refrace.explore("T1: x = new A ; decref x"),
    "unfinished": lambda: refrace.explore(BORROWED, "biased", max_states=2),
    "lost": lambda: refrace.explore(LOST, "unlocked").counterexample("leak"),
    "freed": lambda: refrace.explore(BORROWED, "biased").counterexample(),
    "deadlocked": lambda: refrace.explore(CROSSED).counterexample(),
    "sample": lambda: refrace.sample(BORROWED, runs=50, seed=1),
    "proof": lambda: refrace.prove("biased_publish_first"),
    "check": lambda: refrace.check("T1: x = new A ; decref x ; decref x"),
    "growth": lambda: refrace.growth(pairs=1, rounds=20, seed=1),
    "timeline": lambda: refrace.timeline("atomic", objects=2, hold=8),
    "race": lambda: refrace.race("unlocked", objects=40, gaps="widened"),
    "program-race": lambda: refrace.race("atomic", program=BORROWED, rounds=50),
    "comparison": lambda: refrace.compare(["unlocked", "atomic"], rounds=1),
    "append": lambda: refrace.lost_append(appends=50),
    "deadlock": lambda: refrace.deadlock(threads=3),
    "explanation": lambda: refrace.explain_refcount([]),
    "pattern": lambda: refrace.explain_pattern("borrow-then-incref"),
    "lesson": lambda: refrace.lesson(2),
    "matrix": lambda: refrace.check_gallery(modes=["atomic", "unlocked"]),
}

TRACES = ("lost", "freed", "deadlocked")


@cache
def result(name):
    return MAKERS[name]()
