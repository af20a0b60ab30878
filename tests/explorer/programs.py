"""Small programs that the tests of explorations share, by what they show."""

SHARED_DECREF = """
hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x
"""

BORROWED_GETTER = """
slot S = A
T1: x = S
  if x != null {
    incref x ; use x ; decref x
  }
T2: old = swap S null ; decref old
"""

COUNTING_PAIRS = """
slot S = A
borrow T1.x = A
borrow T2.x = A
T1: incref x ; decref x
T2: incref x ; decref x
"""

CROSSED_LOCKS = """
lock L M
T1: lock L ; lock M ; unlock M ; unlock L
T2: lock M ; lock L ; unlock L ; unlock M
"""

ONE_SHOT = """
hold T1.x = A
T1: decref x
"""

# A program with a cycle: T1 looks at N until T2 has stored it.
SPINNING = """
int N = 0
T1: n = N
  while n == 0 {
    n = N
  }
T2: N = 1
"""

# States by the million, all safe: three threads of many uses.
MANY_STATES = """
slot S = A
borrow T1.x = A
borrow T2.x = A
borrow T3.y = A
T1: repeat 300 { use x }
T2: repeat 300 { use x }
T3: repeat 300 { use y }
"""

THREE_PAIRS = """
slot S = A
borrow T1.x = A
borrow T2.x = A
borrow T3.x = A
T1: incref x ; decref x
T2: incref x ; decref x
T3: incref x ; decref x
"""

FIVE_DECREFS = "\n".join(
    [f"hold T{i}.x = A" for i in range(1, 6)] + [f"T{i}: decref x" for i in range(1, 6)]
)

LATE_WRITE = """
hold T1.x = A
hold T2.x = A
T1: put x ; decref_rlx x
T2: put x ; decref_rlx x
"""

# The finaliser drops the object that the dying one owns, while T2 still borrows it.
FINALISER = """
obj H final bye
slot S = H
slot F = A
T1: h = swap S null ; decref h
T2: a = F ; gil ; use a
fn bye: a = swap F null ; decref a
"""

STALE_LENGTH = """
vec C = [A, B]
T1: n = len C ; i = 0
  while i < n {
    x = get C i ; use x ; i = i + 1
  }
T2: y = pop C ; decref y
"""

PAYLOAD = """
slot S = A
obj A rawfield v=0
T1: x = upgrade S ; n = x.v ; x.v = n + 1 ; decref x
T2: x = upgrade S ; n = x.v ; x.v = n + 1 ; decref x
end: x = S ; k = x.v ; assert k == 2
"""

# Deadlocked before the first step.
NO_STEPS = """
int N = 0
T1: await N
"""

WRONG_ALONE = """
hold T1.x = A
slot S = B
int N = 0
T1: decref x ; use x
T2: y = S ; incref y
T3: await N
T4: N = 1
"""
